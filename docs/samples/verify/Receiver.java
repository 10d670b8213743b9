import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;

final class Receiver {
    public static void main(String[] args) throws Exception {
        String secret = System.getenv("HOOKLINE_WEBHOOK_SECRET");
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 3000), 0);
        server.createContext("/hooks", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean genuine;
            try {
                genuine = Webhooks.verify(secret, exchange.getRequestHeaders()::getFirst, body);
            } catch (GeneralSecurityException e) {
                genuine = false;
            }
            if (genuine) { // put the body in a queue here
                System.out.println("received " + exchange.getRequestHeaders().getFirst("webhook-id"));
            }
            exchange.sendResponseHeaders(genuine ? 204 : 401, -1);
            exchange.close();
        });
        server.start();
    }
}
