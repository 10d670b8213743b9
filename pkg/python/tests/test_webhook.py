"""The verification, with the vectors that the SDKs of all languages share."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pathlib
import time
import unittest

from hookline import WebhookVerificationError, verify_webhook

VECTORS = pathlib.Path(__file__).parents[2] / "webhook" / "testdata" / "vectors.json"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class WebhookTest(unittest.TestCase):
    def test_vectors(self) -> None:
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
        self.assertGreater(len(vectors), 40)
        for v in vectors:
            with self.subTest(v["name"]):
                try:
                    event = verify_webhook(v["headers"], v["body"].encode(), v["secrets"], now=v["now"])
                    self.assertEqual(event["type"], v["type"])
                    reason = ""
                except WebhookVerificationError as refused:
                    reason = refused.reason
                self.assertEqual(reason, v["error"])

    def test_any_case_of_headers_and_the_real_clock(self) -> None:
        body = '{"type":"order.paid","timestamp":"2026-11-21T09:00:00Z","data":{"total":7}}'
        seconds = str(int(time.time()))
        key = base64.b64decode(SECRET[len("whsec_") :])
        signature = base64.b64encode(
            hmac.new(key, f"evt_1.{seconds}.{body}".encode(), hashlib.sha256).digest()
        ).decode()
        headers = {"Webhook-Id": "evt_1", "WEBHOOK-TIMESTAMP": seconds, "webhook-signature": "v1," + signature}
        self.assertEqual(verify_webhook(headers, body, SECRET)["type"], "order.paid")
        with self.assertRaises(WebhookVerificationError):
            verify_webhook(headers, body, SECRET, now=time.time() + 301)

    def test_a_body_that_is_no_event(self) -> None:
        for body in (b"", b"[]", b"{}", b'{"event":"new_lead"}'):
            key = base64.b64decode(SECRET[len("whsec_") :])
            signature = base64.b64encode(hmac.new(key, b"evt_1.1." + body, hashlib.sha256).digest()).decode()
            headers = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1," + signature}
            with self.assertRaises(WebhookVerificationError) as raised:
                verify_webhook(headers, body, SECRET, now=1)
            self.assertEqual(raised.exception.reason, "body")


if __name__ == "__main__":
    unittest.main()
