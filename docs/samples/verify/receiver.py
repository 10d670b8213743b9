import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        genuine = verify(os.environ["HOOKLINE_WEBHOOK_SECRET"], self.headers, body)
        if genuine:
            print("received", self.headers["webhook-id"])  # put the body in a queue here
        self.send_response(204 if genuine else 401)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 3000), Receiver).serve_forever()
