"""Checks requests with the functions that the documents of the products have, line for line, in Python.

Standard input has the requests as JSON: for each the endpoint's secret, the value of the signature header and the raw
body in base64. Prints "valid" or "invalid" for each; anything else went wrong.
"""

import base64
import json
import sys

import hmac
import hashlib

def verify_signature(payload, signature, secret):
    expected = hmac.new(
        secret.encode(),
        payload.encode(),
        hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(signature, expected)


def verify_leadie_signature(body: bytes, header_sig: str, secret: str) -> bool:
    expected = hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
    # Constant-time comparison
    return hmac.compare_digest(expected, header_sig)


verdicts = []
for request in json.load(sys.stdin):
    raw, given, secret = base64.b64decode(request["body"]), request["signature"], request["secret"]
    # One reads the body as text first, one as bytes; both must agree.
    both = {verify_signature(raw.decode(), given, secret), verify_leadie_signature(raw, given, secret)}
    verdicts.append({(True,): "valid", (False,): "invalid"}.get(tuple(both), "disputed"))
print(" ".join(verdicts))
