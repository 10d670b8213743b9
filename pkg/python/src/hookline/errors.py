"""What goes wrong. Every error of this package is a :class:`HooklineError`."""

from __future__ import annotations

from typing import Dict, List, Optional, Type


class HooklineError(Exception):
    """Any error of this package."""


class ConfigError(HooklineError):
    """The key or the address is missing or malformed."""


class ConnectionFailed(HooklineError):
    """No response: nothing listens, a timeout, or the connection was cut."""


class HostError(HooklineError):
    """Something else than Hookline answers at the address."""


class VersionError(HooklineError):
    """The server lacks the operation, or answers in another form: it has another version."""


class APIError(HooklineError):
    """An answer of the server that is no success. Each family has a class of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Optional[List[Dict[str, str]]] = None,
        request_id: str = "",
        retry_after: Optional[float] = None,
        hint: str = "",
    ) -> None:
        self.status = status
        self.code = code
        """For programs, such as ``not_found``."""
        self.message = message
        """For people."""
        self.details = details or []
        """Every violation of the request: dictionaries with ``field`` and ``message``."""
        self.request_id = request_id
        """Name it when you report a problem."""
        self.retry_after = retry_after
        """Seconds after which to try again; None if the server does not say."""
        parts = [f"{status} {code}: {message}"]
        parts += [f"{d.get('field')}: {str(d.get('message')).rstrip('.')}." for d in self.details]
        if hint:
            parts.append(hint)
        if request_id:
            parts.append(f"(request {request_id})")
        super().__init__(" ".join(parts))


class AuthenticationError(APIError):
    """401: the API key is not accepted."""


class PermissionDenied(APIError):
    """403: the API key or the plan does not allow this."""


class NotFoundError(APIError):
    """404."""


class UnknownOperationError(NotFoundError, VersionError):
    """404 or 405 for a path: the server is older than this client, or its product has no such operation."""


class ConflictError(APIError):
    """409."""


class ValidationError(APIError):
    """Any other 4xx: the request is not valid."""


class RateLimitError(APIError):
    """429: too many requests."""


class ServerError(APIError):
    """5xx: the server failed."""


class WebhookVerificationError(HooklineError):
    """A request that must not be trusted. ``reason`` is signature, timestamp, header or secret."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


_FAMILIES: Dict[int, Type[APIError]] = {
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def family(status: int) -> Type[APIError]:
    """The class of a status."""
    if status >= 500:
        return ServerError
    return _FAMILIES.get(status, ValidationError)
