"""Makes calls: the request, its retries, and what the response means."""

from __future__ import annotations

import email.utils
import http.client
import json
import os
import platform
import random
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, NoReturn, Optional, Tuple

from ._version import VERSION
from .errors import APIError, ConfigError, ConnectionFailed, HostError, UnknownOperationError, VersionError, family
from .types import CONTRACT_VERSION

# A retry waits twice as long as the one before it, from FIRST_WAIT to LAST_WAIT, less up to half of it. A server that
# asks to wait longer than MAX_RETRY_AFTER gets no retry: the caller decides.
FIRST_WAIT = 0.5
LAST_WAIT = 8.0
MAX_RETRY_AFTER = 60.0
MAX_BODY = 64 << 20

TEMPORARY = (429, 502, 503, 504)
REPEATABLE = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")
# The message of a path that the server does not have begins so; that of a missing object does not.
NO_SUCH_PATH = "This path does not exist."


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Caller:
    """What :class:`hookline.Hookline` calls with."""

    def __init__(
        self,
        api_key: Optional[str] = None,
        *,
        base_url: Optional[str] = None,
        timeout: float = 30.0,
        retries: int = 3,
        user_agent: str = "",
    ) -> None:
        """Make a client. It is safe to use from several threads.

        Without ``api_key``, the key is that of the environment variable ``HOOKLINE_API_KEY``; without ``base_url``, the
        address is that of ``HOOKLINE_URL``, which has no ``/api/v1``. ``timeout`` is in seconds and limits each wait for
        the server in one attempt, ``retries`` is how often a call is retried, and ``user_agent`` names your program.
        """
        self._key = (api_key or os.environ.get("HOOKLINE_API_KEY", "")).strip()
        self._base = _address(base_url or os.environ.get("HOOKLINE_URL", ""))
        if not self._key:
            raise ConfigError("There is no API key; pass api_key or set HOOKLINE_API_KEY.")
        if not re.fullmatch(r"[!-~]+", self._key):
            raise ConfigError("The API key has a character that no key has, such as a space.")
        self._timeout = timeout
        self._retries = retries
        self._agent = (
            f"{user_agent} hookline-python/{VERSION} (python {platform.python_version()}; {platform.system()})"
        ).strip()
        self._opener = urllib.request.build_opener(_NoRedirects)
        # Replaced in tests.
        self._sleep = time.sleep
        self._random = random.random

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """Make a call that has no method here. The path is as in the document and may have a query:
        ``/api/v1/leads?per_page=5``.
        """
        if not path.startswith("/"):
            raise ConfigError(f"The path {path!r} does not begin with /.")
        method = method.upper()
        return self._request(
            method,
            path,
            body=body,
            keyed=method in ("POST", "PATCH", "PUT", "DELETE"),
            idempotency_key=idempotency_key,
            timeout=timeout,
        )

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        keyed: bool = False,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
        text: bool = False,
    ) -> Any:
        headers = {
            "Authorization": "Bearer " + self._key,
            "User-Agent": self._agent,
            "Accept": "application/json, */*;q=0.5",
        }
        data = None
        if body is not None:
            data = json.dumps(body, default=_plain, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        if keyed or idempotency_key:
            headers["Idempotency-Key"] = idempotency_key or "py-" + uuid.uuid4().hex
        again = method in REPEATABLE or "Idempotency-Key" in headers
        address = self._base + path + _query(query or {})
        attempt = 0
        while True:
            try:
                return self._attempt(method, path, address, headers, data, timeout, text)
            except (APIError, ConnectionFailed) as problem:
                wait = self._wait(attempt, problem)
                if not again or wait is None:
                    raise
            self._sleep(wait)
            attempt += 1

    def _wait(self, attempt: int, problem: Exception) -> Optional[float]:
        """After what time a failed attempt is repeated; None is never."""
        if attempt >= self._retries:
            return None
        wait = min(FIRST_WAIT * 2.0 ** min(attempt, 10), LAST_WAIT)
        wait -= self._random() * wait / 2
        if isinstance(problem, APIError):
            after = problem.retry_after or 0.0
            if problem.status not in TEMPORARY or after > MAX_RETRY_AFTER:
                return None
            wait = max(wait, after)
        return wait

    def _attempt(
        self,
        method: str,
        path: str,
        address: str,
        headers: Dict[str, str],
        data: Optional[bytes],
        timeout: Optional[float],
        text: bool,
    ) -> Any:
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        status, answered, raw = self._send(request, self._timeout if timeout is None else timeout)
        kind = answered.get("Content-Type", "").split(";")[0].strip().lower()
        if not 200 <= status < 300:
            self._fail(method, path, status, answered, raw)
        if kind == "text/html":
            self._stranger(method, path, status, answered)
        if text:
            return raw.decode("utf-8")
        if not raw:
            return None
        if kind != "application/json":
            self._stranger(method, path, status, answered)
        try:
            return json.loads(raw)
        except ValueError as problem:
            raise VersionError(
                f"The response of {method} {path} can't be read, which another version than {CONTRACT_VERSION} "
                f"may have sent: {problem}"
            ) from None

    def _send(self, request: urllib.request.Request, timeout: float) -> Tuple[int, Mapping[str, str], bytes]:
        response: Any
        try:
            try:
                response = self._opener.open(request, timeout=timeout)
            except urllib.error.HTTPError as answer:
                response = answer
            with response:
                raw = response.read(MAX_BODY + 1)
        except (OSError, http.client.HTTPException) as problem:
            reason = getattr(problem, "reason", None) or problem
            raise ConnectionFailed(f"No response of {self._base}: {reason or type(problem).__name__}") from problem
        if len(raw) > MAX_BODY:
            raise ConfigError(f"The response has more than {MAX_BODY} bytes.")
        return response.status, response.headers, raw

    def _fail(self, method: str, path: str, status: int, headers: Mapping[str, str], raw: bytes) -> NoReturn:
        """Raise the error of a response that is no success."""
        after = _retry_after(headers.get("Retry-After"))
        try:
            error = json.loads(raw)["error"]
            code, message = error["code"], error["message"]
        except (ValueError, KeyError, TypeError):
            if status not in TEMPORARY and status < 500:
                self._stranger(method, path, status, headers)
            # Something between here and Hookline answered, such as a load balancer.
            message = http.client.responses.get(status, "Failure") + ", without an answer of Hookline."
            raise family(status)(
                status, "no_answer", message, request_id=headers.get("X-Request-Id") or "", retry_after=after
            ) from None
        kind, hint = family(status), ""
        if status == 401:
            hint = f"Check the API key, and that it is one of {self._base}."
        elif status == 405 or (status == 404 and message.startswith(NO_SUCH_PATH)):
            kind = UnknownOperationError
            hint = (
                f"{self._base} has no {method} {path}: it is older than this client ({VERSION}), or its product has "
                "no such operation."
            )
        request_id = error.get("request_id") or headers.get("X-Request-Id") or ""
        raise kind(status, code, message, error.get("details"), request_id, after, hint)

    def _stranger(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> NoReturn:
        """Raise the error of a response that Hookline does not give."""
        to = headers.get("Location")
        if to:
            raise HostError(f"{self._base} redirects to {to}; use the address that it redirects to.")
        kind = headers.get("Content-Type") or "no content type"
        raise HostError(
            f"{self._base} answered {method} {path} with {status} ({kind}), which is not Hookline; check the address, "
            "which has no /api/v1."
        )


def _address(base: str) -> str:
    if not base:
        raise ConfigError("There is no address; pass base_url or set HOOKLINE_URL.")
    try:
        at = urllib.parse.urlsplit(base)
        usable = at.scheme in ("http", "https") and at.hostname and at.username is None and not at.query
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("The address must be like https://api.example.com.")
    base = base.rstrip("/")
    return base[: -len("/api/v1")] if base.endswith("/api/v1") else base


def path(template: str, *values: str) -> str:
    """Put values into a path."""
    for value in values:
        name = template[template.index("{") + 1 : template.index("}")]
        if not isinstance(value, str) or value in ("", ".", ".."):
            raise ConfigError(f"{name} is {value!r}.")
        template = template.replace("{" + name + "}", urllib.parse.quote(value, safe="@"), 1)
    return template


def _query(values: Mapping[str, Any]) -> str:
    given = {}
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, datetime):
            value = _plain(value)
        given[name] = value
    return "?" + urllib.parse.urlencode(given) if given else ""


def _plain(value: Any) -> str:
    """Times are written in UTC; one without a zone is local, as everywhere in Python."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} can't be a part of a request")


def _retry_after(value: Optional[str]) -> Optional[float]:
    """Seconds or a date."""
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, at.timestamp() - time.time())
