"""Checks requests as the products document it, in Python.

Standard input has them as JSON: for each the endpoint's secret, the value of the signature header and the raw body in
base64. Prints "valid" or "invalid" for each; anything else went wrong.
"""

import base64
import hashlib
import hmac
import json
import sys


def is_authentic(body: bytes, signature: str, secret: str) -> bool:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, signature)


verdicts = []
for request in json.load(sys.stdin):
    raw, given, secret = base64.b64decode(request["body"]), request["signature"], request["secret"]
    # Some read the body as text first; both must agree.
    valid = is_authentic(raw, given, secret) and is_authentic(raw.decode().encode(), given, secret)
    verdicts.append("valid" if valid else "invalid")
print(" ".join(verdicts))
