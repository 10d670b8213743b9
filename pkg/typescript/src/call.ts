import {
  APIError,
  ConfigError,
  ConnectionError,
  type Detail,
  family,
  HostError,
  UnknownOperationError,
  VersionError,
} from './errors.ts';

/** The version of this package. */
export const version: string = '0.1.0';

// A retry waits twice as long as the one before it, from firstWait to lastWait, less up to half of it. A server that
// asks to wait longer than maxRetryAfter gets no retry: the caller decides.
const firstWait = 500;
const lastWait = 8_000;
const maxRetryAfter = 60;

const temporary = [429, 502, 503, 504];
const repeatable = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'];
// The message of a path that the server does not have begins so; that of a missing object does not.
const noSuchPath = 'This path does not exist.';

/** Settings of a client. */
export interface Options {
  /** That of the environment variable HOOKLINE_API_KEY by default, where there are such variables. */
  apiKey?: string;
  /** The address of the server, without /api/v1; HOOKLINE_URL by default. */
  baseUrl?: string;
  /** How long an attempt may take, in milliseconds; 30,000 by default. */
  timeoutMs?: number;
  /** How often a call is retried; 3 by default. */
  retries?: number;
  /** Names your program in front of the client's own name, such as "shop/1.2". Browsers send their own. */
  userAgent?: string;
  /** Replaces fetch. */
  fetch?: typeof fetch;
}

/** Settings of one call. */
export interface CallOptions {
  /** Names the call, so that calling again with the same name and body changes nothing more. Random by default. */
  idempotencyKey?: string;
  /** How long an attempt may take, in milliseconds. */
  timeoutMs?: number;
  /** Ends the call, its retries included. */
  signal?: AbortSignal;
}

/** A call before it is made. */
export interface Call {
  method: string;
  path: string;
  query?: object;
  body?: unknown;
  /** Takes an Idempotency-Key. */
  keyed?: boolean;
  /** The result is text and no JSON. */
  text?: boolean;
}

/** What {@link Hookline} calls with. */
export class Caller {
  readonly #key: string;
  readonly #base: string;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #agent: string;
  readonly #fetch: typeof fetch;
  /** Replaced in tests. */
  protected wait: (ms: number, signal?: AbortSignal) => Promise<void> = sleep;
  /** Replaced in tests. */
  protected random: () => number = Math.random;

  constructor(options: Options = {}) {
    this.#key = (options.apiKey || variable('HOOKLINE_API_KEY')).trim();
    this.#base = address(options.baseUrl || variable('HOOKLINE_URL'));
    if (!this.#key) throw new ConfigError('There is no API key; pass apiKey or set HOOKLINE_API_KEY.');
    if (!/^[!-~]+$/.test(this.#key)) {
      throw new ConfigError('The API key has a character that no key has, such as a space.');
    }
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#retries = options.retries ?? 3;
    this.#agent = `${options.userAgent ?? ''} hookline-typescript/${version}`.trim();
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Makes a call that has no method. The path is as in the document and may have a query: /api/v1/leads?per_page=5 */
  async call<T = unknown>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
    if (!path.startsWith('/')) throw new ConfigError(`The path "${path}" does not begin with /.`);
    const verb = method.toUpperCase();
    return this.request({ method: verb, path, body, keyed: ['POST', 'PUT', 'PATCH', 'DELETE'].includes(verb) }, options);
  }

  /** Makes a call, with retries. */
  protected async request<T>(call: Call, options: CallOptions): Promise<T> {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.#key}`,
      Accept: 'application/json, */*;q=0.5',
    };
    // A browser has a name of its own, and asks the server before it sends another.
    if (!('document' in globalThis)) headers['User-Agent'] = this.#agent;
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    const key = options.idempotencyKey ?? (call.keyed ? `ts-${crypto.randomUUID()}` : undefined);
    if (key !== undefined) headers['Idempotency-Key'] = key;
    const again = key !== undefined || repeatable.includes(call.method);
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      try {
        return await this.#attempt<T>(call, headers, options);
      } catch (problem) {
        const wait = this.pause(attempt, problem);
        if (!again || wait === undefined || options.signal?.aborted) throw problem;
        await this.wait(wait, options.signal);
      }
    }
  }

  /** After how many milliseconds a failed attempt is repeated; undefined is never. */
  protected pause(attempt: number, problem: unknown): number | undefined {
    if (attempt >= this.#retries) return undefined;
    let wait = Math.min(firstWait * 2 ** Math.min(attempt, 10), lastWait);
    wait -= (this.random() * wait) / 2;
    if (problem instanceof APIError) {
      const after = problem.retryAfter ?? 0;
      return temporary.includes(problem.status) && after <= maxRetryAfter ? Math.max(wait, after * 1000) : undefined;
    }
    return problem instanceof ConnectionError ? wait : undefined;
  }

  async #attempt<T>(call: Call, headers: Record<string, string>, options: CallOptions): Promise<T> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs);
    let response: Response;
    let raw: string;
    try {
      response = await this.#fetch(this.#base + call.path + queryOf(call.query), {
        method: call.method,
        headers,
        // A redirect would carry the key to another address.
        redirect: 'manual',
        signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      raw = await response.text();
    } catch (problem) {
      if (options.signal?.aborted) throw problem;
      throw new ConnectionError(`No response of ${this.#base}: ${reason(problem)}`, { cause: problem });
    }
    const kind = mediaType(response);
    if (!response.ok) throw this.#failure(call, response, raw);
    if (kind === 'text/html') throw this.#stranger(call, response);
    if (call.text) return raw as T;
    if (raw === '') return undefined as T;
    if (kind !== 'application/json') throw this.#stranger(call, response);
    try {
      return JSON.parse(raw) as T;
    } catch (problem) {
      throw new VersionError(
        `The response of ${call.method} ${call.path} can't be read, which another version may have sent.`,
        { cause: problem },
      );
    }
  }

  /** The error of a response that is no success. */
  #failure(call: Call, response: Response, raw: string): Error {
    const status = response.status;
    const retryAfter = secondsOf(response.headers.get('Retry-After'));
    const requestId = response.headers.get('X-Request-Id') ?? '';
    const error = errorOf(raw);
    if (!error) {
      if (!temporary.includes(status) && status < 500) return this.#stranger(call, response);
      // Something between here and Hookline answered, such as a load balancer.
      const message = `${response.statusText || 'Failure'}, without an answer of Hookline.`;
      return new (family(status))({ status, code: 'no_answer', message, requestId, retryAfter });
    }
    let kind = family(status);
    let hint = '';
    if (status === 401) {
      hint = `Check the API key, and that it is one of ${this.#base}.`;
    } else if (status === 405 || (status === 404 && error.message.startsWith(noSuchPath))) {
      kind = UnknownOperationError;
      hint =
        `${this.#base} has no ${call.method} ${call.path}: it is older than this client (${version}), ` +
        'or its product has no such operation.';
    }
    return new kind({
      status,
      code: error.code,
      message: error.message,
      details: error.details ?? [],
      requestId: error.request_id || requestId,
      retryAfter,
      hint,
    });
  }

  /** The error of a response that Hookline does not give. */
  #stranger(call: Call, response: Response): Error {
    const to = response.headers.get('Location');
    if (to || response.type === 'opaqueredirect') {
      return new HostError(`${this.#base} redirects to ${to ?? 'another address'}; use the address that it redirects to.`);
    }
    const kind = response.headers.get('Content-Type') ?? 'no content type';
    return new HostError(
      `${this.#base} answered ${call.method} ${call.path} with ${response.status} (${kind}), which is not Hookline; ` +
        'check the address, which has no /api/v1.',
    );
  }
}

/** A value as a part of a path. */
export function inPath(name: string, value: string): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new ConfigError(`${name} is ${JSON.stringify(value)}.`);
  }
  return encodeURIComponent(value);
}

function queryOf(query: object | undefined): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) given.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  return given.size === 0 ? '' : `?${given}`;
}

function address(base: string): string {
  if (!base) throw new ConfigError('There is no address; pass baseUrl or set HOOKLINE_URL.');
  let at: URL | undefined;
  try {
    at = new URL(base);
  } catch {
    // refused below
  }
  if (!at || !/^https?:$/.test(at.protocol) || at.username || at.search) {
    throw new ConfigError('The address must be like https://api.example.com.');
  }
  return base.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/** A variable of the environment, where there is one: not in browsers. */
function variable(name: string): string {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] ?? '';
}

function mediaType(response: Response): string {
  return (response.headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

interface ErrorBody {
  code: string;
  message: string;
  details?: Detail[];
  request_id?: string;
}

function errorOf(raw: string): ErrorBody | undefined {
  try {
    const error = (JSON.parse(raw) as { error?: Partial<ErrorBody> } | null)?.error;
    return typeof error?.code === 'string' && typeof error.message === 'string' ? (error as ErrorBody) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or a date. */
function secondsOf(value: string | null): number | undefined {
  if (!value) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

/** The cause of a failed fetch, which hides it. */
function reason(problem: unknown): string {
  const cause = (problem as { cause?: { code?: string; message?: string } } | null)?.cause;
  return cause?.message || cause?.code || (problem instanceof Error ? problem.message : String(problem));
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const stop = (): void => {
      clearTimeout(timer);
      failed(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      done();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
