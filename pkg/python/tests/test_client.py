"""The client against a server that gives one answer after the other."""

from __future__ import annotations

import json
import os
import threading
import unittest
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import hookline as package
from hookline import Hookline

Answer = Tuple[int, Dict[str, str], str]
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
OK: Answer = (200, JSON, "{}")
CUT: Answer = (0, {}, "")
PROXY: Answer = (502, HTML, "<html>")


def problem(status: int, code: str, after: Optional[str] = None, message: str = "Something is wrong.") -> Answer:
    error = {
        "code": code,
        "message": message,
        "details": [{"field": "email", "message": "must be an address"}],
        "request_id": "req_1",
    }
    headers = dict(JSON, **({"Retry-After": after} if after is not None else {}))
    return status, headers, json.dumps({"error": error})


class Server(ThreadingHTTPServer):
    """Gives the answers in turn, the last one again."""

    daemon_threads = True

    def __init__(self, answers: List[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.seen: List[Dict[str, Any]] = []

    def handle_error(self, *_: Any) -> None:
        """A client that went away is a part of some tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, text = self.server.answers[min(len(self.server.seen), len(self.server.answers) - 1)]
        given = {name.title(): value for name, value in self.headers.items()}
        self.server.seen.append({"method": self.command, "path": self.path, "headers": given, "body": body.decode()})
        if status == 0:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_: Any) -> None:
        pass


class ServerTestCase(unittest.TestCase):
    def start(self, *answers: Answer, **options: Any) -> Tuple[Server, Hookline, List[float]]:
        """A server, a client of it, and the waits that the client would have made."""
        server = Server(list(answers))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        client = Hookline("hk_test_key", base_url=f"http://127.0.0.1:{server.server_port}/", **options)
        waits: List[float] = []
        client._sleep = waits.append  # type: ignore[assignment]
        client._random = lambda: 0.0
        return server, client, waits


class ClientTest(ServerTestCase):
    def test_a_call_says_who_calls_and_what(self) -> None:
        server, client, _ = self.start((201, JSON, '{"id":"lead_1"}'), user_agent="shop/1.2")
        self.assertEqual(client.create_lead({"name": "Zoë", "score": 0})["id"], "lead_1")
        seen = server.seen[0]
        self.assertEqual((seen["method"], seen["path"]), ("POST", "/api/v1/leads"))
        self.assertEqual(json.loads(seen["body"]), {"name": "Zoë", "score": 0})
        self.assertEqual(seen["headers"]["Authorization"], "Bearer hk_test_key")
        self.assertEqual(seen["headers"]["Content-Type"], "application/json")
        self.assertRegex(seen["headers"]["User-Agent"], r"^shop/1\.2 hookline-python/" + package.__version__)

    def test_paths_and_queries(self) -> None:
        server, client, _ = self.start((200, JSON, '{"data":[],"meta":{"page":1,"per_page":20,"total":0}}'))
        when = datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=1)))
        client.list_leads(per_page=20, score_min=0, created_from=when, q="a&b").page()
        client.upsert_lead("a/b@example.com")
        client.list_events(sent=False, from_="2026-11-21T09:00:00Z").page()
        self.assertEqual(
            [seen["path"] for seen in server.seen],
            [
                "/api/v1/leads?per_page=20&score_min=0&created_from=2026-11-21T09%3A00%3A00Z&q=a%26b",
                "/api/v1/leads/by-email/a%2Fb@example.com",
                "/api/v1/events?from=2026-11-21T09%3A00%3A00Z&sent=false",
            ],
        )
        for id in ("", ".", ".."):
            with self.assertRaises(package.ConfigError):
                client.get_lead(id)

    def test_retries(self) -> None:
        busy = problem(503, "unavailable")

        def create(c: Hookline) -> Any:
            return c.create_lead({})

        def read(c: Hookline) -> Any:
            return c.get_lead("lead_1")

        def send(c: Hookline) -> Any:  # takes no Idempotency-Key
            return c.test_webhook("whe_1")

        for name, call, answers, waits, error in [
            ("nothing wrong", create, [OK], [], None),
            ("a busy server", create, [busy, busy, OK], [0.5, 1.0], None),
            ("a proxy", read, [PROXY, OK], [0.5], None),
            ("a cut connection", create, [CUT, OK], [0.5], None),
            ("not for ever", read, [busy], [0.5, 1.0, 2.0], package.ServerError),
            ("as long as the server says", create, [problem(429, "rate_limited", "7"), OK], [7.0], None),
            ("at least the own time", create, [problem(429, "rate_limited", "0"), OK], [0.5], None),
            ("a minute at most", create, [problem(429, "rate_limited", "61"), OK], [], package.RateLimitError),
            ("no error of the caller", create, [problem(400, "validation_failed"), OK], [], package.ValidationError),
            ("no error of the program", create, [problem(500, "internal"), OK], [], package.ServerError),
            ("not what must be done once", send, [busy, OK], [], package.ServerError),
            ("nor after a cut connection", send, [CUT, OK], [], package.ConnectionFailed),
            ("an answer that is not JSON", read, [(200, JSON, "{"), OK], [], package.VersionError),
            ("a page", read, [(404, HTML, "<html>"), OK], [], package.HostError),
        ]:
            with self.subTest(name):
                server, client, waited = self.start(*answers)
                if error:
                    with self.assertRaises(error):
                        call(client)
                else:
                    call(client)
                self.assertEqual(waited, waits)
                self.assertEqual(len(server.seen), len(waits) + 1)
                keys = {seen["headers"].get("Idempotency-Key") for seen in server.seen}
                self.assertEqual(len(keys), 1, "Idempotency-Keys of all attempts")
                self.assertEqual(len({seen["body"] for seen in server.seen}), 1, "bodies of all attempts")

    def test_waits_grow_to_a_limit_and_vary(self) -> None:
        client = Hookline("hk_test_key", base_url="http://127.0.0.1:1", retries=100)
        for attempt, want in {0: 0.5, 3: 4.0, 4: 8.0, 99: 8.0}.items():
            for share in (0.0, 1.0):
                client._random = lambda share=share: share  # type: ignore[misc]
                self.assertEqual(client._wait(attempt, package.ConnectionFailed("")), want - share * want / 2)

    def test_idempotency_keys(self) -> None:
        server, client, _ = self.start(OK)
        client.create_lead({})
        client.create_lead({})
        client.create_lead({}, idempotency_key="order-1")
        client.delete_lead("lead_1")
        client.get_lead("lead_1")
        client.test_webhook("whe_1")
        client.call("post", "/api/v1/leads", {})
        client.call("GET", "/api/v1/leads?per_page=1")
        keys = [seen["headers"].get("Idempotency-Key", "") for seen in server.seen]
        self.assertEqual([bool(k) for k in keys], [True, True, True, True, False, False, True, False])
        self.assertEqual(keys[2], "order-1")
        self.assertEqual(len({k for k in keys if k}), 5, keys)

    def test_errors_have_a_class(self) -> None:
        for status, want in {
            400: package.ValidationError,
            401: package.AuthenticationError,
            403: package.PermissionDenied,
            404: package.NotFoundError,
            409: package.ConflictError,
            422: package.ValidationError,
            429: package.RateLimitError,
            500: package.ServerError,
            503: package.ServerError,
        }.items():
            with self.subTest(status):
                _, client, _ = self.start(problem(status, "some_code", "61"))
                with self.assertRaises(package.APIError) as raised:
                    client.get_lead("lead_1")
                e = raised.exception
                self.assertIs(type(e), want)
                self.assertEqual((e.status, e.code, e.message), (status, "some_code", "Something is wrong."))
                self.assertEqual((e.request_id, e.retry_after, e.details[0]["field"]), ("req_1", 61.0, "email"))
                for part in ("some_code", "Something is wrong.", "email: must be an address", "req_1"):
                    self.assertIn(part, str(e))

    def test_errors_name_the_next_step(self) -> None:
        gone = problem(404, "not_found", message="This path does not exist. See the document.")
        for name, answer, error, text in [
            ("wrong key", problem(401, "unauthorized"), package.AuthenticationError, "Check the API key"),
            ("a page", (200, HTML, "<html>"), package.HostError, "check the address"),
            ("other JSON", (404, JSON, '{"message":"no"}'), package.HostError, "404"),
            ("a list", (404, JSON, "[]"), package.HostError, "404"),
            ("other text", (200, {"Content-Type": "text/plain"}, "hello"), package.HostError, "text/plain"),
            ("a redirect", (301, {"Location": "https://o.example/"}, ""), package.HostError, "https://o.example/"),
            ("no such path", gone, package.VersionError, "older than this client"),
            ("no such method", problem(405, "method_not_allowed"), package.VersionError, "has no GET"),
        ]:
            with self.subTest(name):
                _, client, _ = self.start(answer)
                with self.assertRaises(error) as raised:
                    client.get_lead("lead_1")
                self.assertIn(text, str(raised.exception))
                self.assertNotIn("hk_test_key", str(raised.exception))

    def test_the_key_and_the_address_are_checked(self) -> None:
        with mock.patch.dict(os.environ, {"HOOKLINE_API_KEY": "", "HOOKLINE_URL": ""}):
            for key, address, text in [
                ("", "https://api.example.com", "HOOKLINE_API_KEY"),
                ("hk_a hk_b", "https://api.example.com", "a space"),
                ("hk_a", "", "HOOKLINE_URL"),
                ("hk_a", "api.example.com", "https://api.example.com"),
                ("hk_a", "ftp://api.example.com", "https://api.example.com"),
                ("hk_a", "https://user:pass@api.example.com", "https://api.example.com"),
            ]:
                with self.subTest(key=key, address=address), self.assertRaises(package.ConfigError) as raised:
                    Hookline(key, base_url=address)
                self.assertIn(text, str(raised.exception))
        with mock.patch.dict(os.environ, {"HOOKLINE_API_KEY": "hk_env\n", "HOOKLINE_URL": "http://h/api/v1/"}):
            self.assertEqual((Hookline()._key, Hookline()._base), ("hk_env", "http://h"))

    def test_timeouts(self) -> None:
        release = threading.Event()
        _, client, waits = self.start(OK, timeout=0.05, retries=1)
        self.addCleanup(release.set)
        with mock.patch.object(Handler, "send_response", lambda *_: release.wait(10)):
            with self.assertRaises(package.ConnectionFailed):
                client.get_me()
            release.set()
        self.assertEqual(waits, [0.5])  # two attempts, whether or not the server read them in time

    def test_nothing_listens(self) -> None:
        client = Hookline("hk_test_key", base_url="http://127.0.0.1:1", retries=0)
        with self.assertRaisesRegex(package.ConnectionFailed, "No response of http://127.0.0.1:1"):
            client.get_me()

    def test_lists_go_through_all_pages(self) -> None:
        _, client, _ = self.start(
            (200, JSON, '{"data":[{"id":"a"},{"id":"b"}],"meta":{"page":1,"per_page":2,"total":3}}'),
            (200, JSON, '{"data":[{"id":"c"}],"meta":{"page":2,"per_page":2,"total":3}}'),
        )
        self.assertEqual([lead["id"] for lead in client.list_leads(per_page=2)], ["a", "b", "c"])

        server, client, _ = self.start(
            (200, JSON, '{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}'),
            (200, JSON, '{"data":[],"meta":{"next_cursor":"y"}}'),
            (200, JSON, '{"data":[{"id":"b"}],"meta":{"next_cursor":"y"}}'),
        )
        self.assertEqual([event["id"] for event in client.list_events(order="asc")], ["a", "b"])
        self.assertEqual(
            [parse_qs(urlsplit(seen["path"]).query).get("cursor") for seen in server.seen], [None, ["x"], ["y"]]
        )

    def test_a_list_ends_with_its_reader(self) -> None:
        server, client, _ = self.start((200, JSON, '{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}'))
        next(iter(client.list_deliveries()))
        self.assertEqual(len(server.seen), 1)

    def test_a_text_is_returned_as_it_is(self) -> None:
        _, client, _ = self.start((200, {"Content-Type": "text/csv"}, "id\ndlv_1\n"))
        self.assertEqual(client.export_deliveries(), "id\ndlv_1\n")


if __name__ == "__main__":
    unittest.main()
