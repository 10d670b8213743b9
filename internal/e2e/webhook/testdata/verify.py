"""Checks a request as the products document it, in Python.

Arguments: the endpoint's secret and the value of the signature header. The raw body comes on standard input. Prints
"valid" or "invalid"; anything else went wrong.
"""

import hashlib
import hmac
import sys


def is_authentic(body: bytes, signature: str, secret: str) -> bool:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest, signature)


given_secret, given_signature = sys.argv[1:]
raw = sys.stdin.buffer.read()
# Some read the body as text first; both must agree.
verdicts = {is_authentic(raw, given_signature, given_secret), is_authentic(raw.decode().encode(), given_signature, given_secret)}
print("valid" if verdicts == {True} else "invalid")
