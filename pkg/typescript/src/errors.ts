/** Any error of this package. */
export class HooklineError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The key or the address is missing or malformed. */
export class ConfigError extends HooklineError {}

/** No response: nothing listens, a timeout, or the connection was cut. */
export class ConnectionError extends HooklineError {}

/** Something else than Hookline answers at the address. */
export class HostError extends HooklineError {}

/** The server answers in another form: it has another version. */
export class VersionError extends HooklineError {}

/** A violation in a request. */
export interface Detail {
  field: string;
  message: string;
}

/** What an answer says that is no success. */
export interface Problem {
  status: number;
  /** For programs, such as `not_found`. */
  code: string;
  message: string;
  details?: Detail[];
  requestId?: string;
  /** Seconds. */
  retryAfter?: number | undefined;
  hint?: string;
}

/** An answer of the server that is no success. Each family has a class of its own. */
export class APIError extends HooklineError {
  readonly status: number;
  /** For programs, such as `not_found`. */
  readonly code: string;
  /** Every violation of the request. */
  readonly details: Detail[];
  /** Name it when you report a problem. */
  readonly requestId: string;
  /** Seconds after which to try again; undefined if the server does not say. */
  readonly retryAfter: number | undefined;

  constructor(p: Problem) {
    const parts = [`${p.status} ${p.code}: ${p.message}`];
    for (const d of p.details ?? []) parts.push(`${d.field}: ${d.message.replace(/\.$/, '')}.`);
    if (p.hint) parts.push(p.hint);
    if (p.requestId) parts.push(`(request ${p.requestId})`);
    super(parts.join(' '));
    this.status = p.status;
    this.code = p.code;
    this.details = p.details ?? [];
    this.requestId = p.requestId ?? '';
    this.retryAfter = p.retryAfter;
  }
}

/** 401: the API key is not accepted. */
export class AuthenticationError extends APIError {}

/** 403: the API key or the plan does not allow this. */
export class PermissionError extends APIError {}

/** 404. */
export class NotFoundError extends APIError {}

/** 404 or 405 for a path: the server is older than this client, or its product has no such operation. */
export class UnknownOperationError extends NotFoundError {}

/** 409. */
export class ConflictError extends APIError {}

/** Any other 4xx: the request is not valid. */
export class ValidationError extends APIError {}

/** 429: too many requests. */
export class RateLimitError extends APIError {}

/** 5xx: the server failed. */
export class ServerError extends APIError {}

/** The class of a status. */
export function family(status: number): typeof APIError {
  switch (status) {
    case 401:
      return AuthenticationError;
    case 403:
      return PermissionError;
    case 404:
      return NotFoundError;
    case 409:
      return ConflictError;
    case 429:
      return RateLimitError;
  }
  return status >= 500 ? ServerError : ValidationError;
}

/** Why a webhook is refused. */
export type Reason = 'signature' | 'timestamp' | 'header' | 'secret' | 'body';

/** A request that must not be trusted. */
export class WebhookVerificationError extends HooklineError {
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}
