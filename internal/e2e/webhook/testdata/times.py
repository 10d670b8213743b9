"""Reads the times of requests as the products document them, in Python: whole seconds in UTC.

Standard input has the requests as JSON, as verify.py reads them. Prints "read" for each whose times were all read;
strptime fails for any other form.
"""

import base64
import datetime
import json
import sys


def read(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and (key.endswith("_at") or key == "timestamp"):
                datetime.datetime.strptime(inner, "%Y-%m-%dT%H:%M:%SZ")
            read(inner)


verdicts = []
for request in json.load(sys.stdin):
    read(json.loads(base64.b64decode(request["body"])))
    verdicts.append("read")
print(" ".join(verdicts))
