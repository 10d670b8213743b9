"""The code of README.md is run, in its order, against a server of the test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import os
import pathlib
import re
import time
import unittest
from contextlib import redirect_stdout
from typing import Any, Dict
from unittest import mock

from test_client import JSON, ServerTestCase

README = pathlib.Path(__file__).parents[1] / "README.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class READMETest(ServerTestCase):
    def test_the_code_runs(self) -> None:
        blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
        self.assertGreaterEqual(len(blocks), 6)
        answer = '{"id":"lead_1","created_at":"","label":"","data":[{"id":"a"}],"meta":{"page":1,"per_page":1,"total":1}}'
        server, _, _ = self.start((200, JSON, answer))
        body = b'{"type":"lead.created","timestamp":"2026-11-21T09:00:00Z","data":{"id":"lead_1"}}'
        seconds = str(int(time.time()))
        key = base64.b64decode(SECRET[len("whsec_") :])
        mac = hmac.new(key, b"evt_1." + seconds.encode() + b"." + body, hashlib.sha256).digest()
        scope: Dict[str, Any] = {
            "secret": SECRET,
            "body": body,
            "headers": {
                "webhook-id": "evt_1",
                "webhook-timestamp": seconds,
                "webhook-signature": "v1," + base64.b64encode(mac).decode(),
            },
        }
        environment = {"HOOKLINE_API_KEY": "hk_test_key", "HOOKLINE_URL": f"http://127.0.0.1:{server.server_port}"}
        printed = io.StringIO()
        with mock.patch.dict(os.environ, environment), redirect_stdout(printed):
            for block in blocks:
                exec(compile(block, str(README), "exec"), scope)  # noqa: S102
        self.assertIn("new lead lead_1", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
