// php -S 127.0.0.1:3000 receiver.php
$body = file_get_contents('php://input');
$headers = array_change_key_case(getallheaders(), CASE_LOWER);
if (!verify(getenv('HOOKLINE_WEBHOOK_SECRET'), $headers, $body)) {
    http_response_code(401);
    exit('not genuine');
}
error_log('received ' . $headers['webhook-id']); // put the body in a queue here
http_response_code(204);
