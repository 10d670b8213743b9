"""The Python client of Hookline: API keys, a public REST API and signed webhooks.

>>> from hookline import Hookline
>>> hookline = Hookline(base_url="https://api.example.com")
>>> lead = hookline.create_lead({"email": "ada@example.com"})
"""

from ._methods import Methods
from ._version import VERSION as __version__
from ._webhook import TOLERANCE, verify_webhook
from .errors import (
    APIError,
    AuthenticationError,
    ConfigError,
    ConflictError,
    ConnectionFailed,
    HooklineError,
    HostError,
    NotFoundError,
    PermissionDenied,
    RateLimitError,
    ServerError,
    UnknownOperationError,
    ValidationError,
    VersionError,
    WebhookVerificationError,
)


class Hookline(Methods):
    """Calls Hookline. Its methods are named after the operations of the document, in snake_case."""


__all__ = [
    "APIError",
    "AuthenticationError",
    "ConfigError",
    "ConflictError",
    "ConnectionFailed",
    "Hookline",
    "HooklineError",
    "HostError",
    "NotFoundError",
    "PermissionDenied",
    "RateLimitError",
    "ServerError",
    "TOLERANCE",
    "UnknownOperationError",
    "ValidationError",
    "VersionError",
    "WebhookVerificationError",
    "__version__",
    "verify_webhook",
]
