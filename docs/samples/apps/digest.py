"""Counts events by type, and shows the counts at GET /.

It starts by reading what it missed: GET /api/v1/events?order=asc gives events in an order that misses none, and the
cursor of the last page is kept in CURSOR_FILE. While it runs, webhooks tell it when to read on, so that it asks only
when there is something. It needs the package hookline.
"""

import json
import os
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hookline import Hookline, WebhookVerificationError, verify_webhook

SECRET = os.environ["HOOKLINE_WEBHOOK_SECRET"]
STATE = Path(os.environ.get("CURSOR_FILE", "digest.json"))
hookline = Hookline()  # reads HOOKLINE_API_KEY and HOOKLINE_URL
lock = threading.Lock()
state = json.loads(STATE.read_text()) if STATE.exists() else {"cursor": None, "counts": {}}


def read_on() -> None:
    """Counts the events after the cursor, and keeps both together."""
    with lock:
        for page in hookline.list_events(order="asc", limit=100, cursor=state["cursor"]).pages():
            counts = Counter(state["counts"])
            counts.update(event["type"] for event in page["data"])
            state.update(counts=dict(counts), cursor=page["meta"]["next_cursor"] or state["cursor"])
            new = STATE.with_suffix(".new")
            new.write_text(json.dumps(state))
            new.replace(STATE)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            verify_webhook(self.headers, body, SECRET)
        except WebhookVerificationError as error:
            self.answer(400, str(error))
            return
        self.answer(204, "")
        read_on()

    def do_GET(self) -> None:
        self.answer(200, json.dumps(state["counts"]))

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


read_on()
ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver).serve_forever()
