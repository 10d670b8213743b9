import { Methods } from './methods.gen.ts';

/** Calls Hookline. Its methods are named after the operations of the document. */
export class Hookline extends Methods {}

export { type CallOptions, type Options, version } from './call.ts';
export { contractVersion } from './methods.gen.ts';
export {
  APIError,
  AuthenticationError,
  ConfigError,
  ConflictError,
  ConnectionError,
  type Detail,
  HooklineError,
  HostError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  type Reason,
  ServerError,
  UnknownOperationError,
  ValidationError,
  VersionError,
  WebhookVerificationError,
} from './errors.ts';
export { List } from './list.ts';
export { tolerance, verifyWebhook, type WebhookHeaders } from './webhook.ts';
export type * from './types.gen.ts';
