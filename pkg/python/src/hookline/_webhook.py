"""Verifies webhooks by Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Callable, Iterable, List, NoReturn, Optional, Protocol, Sequence, Tuple, Union

from . import _ed25519
from .errors import WebhookVerificationError
from .events import Event

TOLERANCE = 300
"""How many seconds the clocks of sender and receiver may differ."""

_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_Verifier = Callable[[bytes, str], bool]


class Headers(Protocol):
    """Headers as a dict, http.server and the usual frameworks have them."""

    def items(self) -> Iterable[Tuple[str, str]]:
        """Return the names and values."""
        ...


def verify_webhook(
    headers: Headers,
    body: Union[bytes, str],
    secret: Union[str, Sequence[str]],
    *,
    now: Optional[float] = None,
) -> Event:
    """Return the event of a request, if one of the secrets signed exactly this body.

    ``body`` is the raw body, as it arrived. A secret begins with ``whsec_``, the public key of an endpoint that signs
    with ed25519 with ``whpk_``; give a list while you rotate them. Anything else raises
    :class:`hookline.WebhookVerificationError`: answer such a request with 400 and do not look inside.
    """
    raw = body.encode() if isinstance(body, str) else bytes(body)
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets:
        _refuse("secret", "No secret was given.")
    verifiers = [_verifier(s) for s in secrets]
    given = {name.lower(): value for name, value in headers.items()}
    for name in (_ID, _TIMESTAMP, _SIGNATURE):
        if not given.get(name):
            _refuse("header", f"The header {name} is missing.")
    seconds = given[_TIMESTAMP]
    if not re.fullmatch(r"0|-?[1-9][0-9]{0,18}", seconds):
        _refuse("timestamp", f"The header {_TIMESTAMP} must be whole Unix seconds.")
    if abs((time.time() if now is None else now) - int(seconds)) > TOLERANCE:
        _refuse("timestamp", "The timestamp is more than five minutes away from the local clock.")
    if "." in given[_ID]:
        _refuse("signature", f"The header {_ID} has a dot.")
    content = f"{given[_ID]}.{seconds}.".encode() + raw
    signatures: List[str] = given[_SIGNATURE].split()
    if not any(fits(content, s) for fits in verifiers for s in signatures):
        _refuse("signature", "No signature matches the body.")
    try:
        event = json.loads(raw)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        _refuse("body", "The body is no event of the profile hookline.")
    return event  # type: ignore[return-value]


def _verifier(secret: str) -> _Verifier:
    if secret.startswith("whpk_"):
        public = _decode(secret[5:])
        if public is None or len(public) != 32:
            _refuse("secret", "What follows whpk_ must be standard base64 of 32 bytes.")
        return lambda content, signature: _fits_ed25519(public, content, signature)
    key = _decode(secret[6:]) if secret.startswith("whsec_") else None
    if key is None or not 24 <= len(key) <= 64:
        _refuse("secret", "A secret is whsec_ and standard base64 of 24 to 64 bytes.")

    def fits(content: bytes, signature: str) -> bool:
        want = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(want.encode(), signature.encode())

    return fits


def _fits_ed25519(public: bytes, content: bytes, signature: str) -> bool:
    raw = _decode(signature[4:]) if signature.startswith("v1a,") else None
    return raw is not None and _ed25519.verify(public, content, raw)


def _decode(text: str) -> Optional[bytes]:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # b64decode accepts bits behind the last byte.
    return raw if base64.b64encode(raw).decode() == text else None


def _refuse(reason: str, message: str) -> NoReturn:
    raise WebhookVerificationError(reason, message)
