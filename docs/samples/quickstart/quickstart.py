"""Creates a webhook endpoint and a lead, receives the event about the lead, and verifies it.

    export HOOKLINE_URL=http://127.0.0.1:8080 HOOKLINE_API_KEY=hk_live_…
    pip install hookline && python quickstart.py
"""

import os
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hookline import Hookline, WebhookVerificationError, verify_webhook

events = queue.Queue()
secret = ""


# region receive
class Receiver(BaseHTTPRequestHandler):
    """Accepts requests that the secret signed, and refuses all others."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = verify_webhook(self.headers, body, secret)
        except WebhookVerificationError as refused:
            self.send_error(400, str(refused))
            return
        self.send_response(204)  # answer first, work afterwards
        self.end_headers()
        events.put(event)

    # endregion

    def log_message(self, *_):
        pass


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

# region client
hookline = Hookline(os.environ["HOOKLINE_API_KEY"], base_url=os.environ["HOOKLINE_URL"])
# endregion

# region endpoint
endpoint = hookline.create_webhook(
    {
        "name": "Quickstart",
        "url": f"http://127.0.0.1:{receiver.server_port}/hooks",
        "events": ["lead.created"],
    }
)
secret = endpoint["secret"]
# endregion

try:
    # region lead
    lead = hookline.create_lead({"name": "Ada Lovelace", "email": "ada@example.com"})
    # endregion
    while True:
        event = events.get(timeout=30)
        # region event
        if event["type"] == "lead.created" and event["data"]["id"] == lead["id"]:
            print(f"received and verified {event['type']} of {event['data']['id']}")
            break
        # endregion
except queue.Empty:
    sys.exit("no webhook arrived within 30 seconds")
finally:
    hookline.delete_webhook(endpoint["id"])
