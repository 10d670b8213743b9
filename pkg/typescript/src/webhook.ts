import { type Reason, WebhookVerificationError } from './errors.ts';
import type { HooklineEvent } from './types.gen.ts';

/** How many seconds the clocks of sender and receiver may differ. */
export const tolerance: number = 300;

/** Headers as fetch has them, or as Node has them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

type Verifier = (content: Uint8Array<ArrayBuffer>, signature: string) => Promise<boolean>;

/**
 * Returns the event of a request, if one of the secrets signed exactly this body. `body` is the raw body, as it arrived.
 * A secret begins with `whsec_`, the public key of an endpoint that signs with ed25519 with `whpk_`; give an array while
 * you rotate them. Anything else throws a {@link WebhookVerificationError}: answer such a request with 400.
 *
 * @param options `now` is the time in Unix seconds; the local clock by default.
 */
export async function verifyWebhook<Event = HooklineEvent>(
  headers: WebhookHeaders,
  body: string | Uint8Array | ArrayBuffer,
  secret: string | readonly string[],
  options: { now?: number } = {},
): Promise<Event> {
  const secrets = typeof secret === 'string' ? [secret] : secret;
  if (secrets.length === 0) refuse('secret', 'No secret was given.');
  const verifiers = await Promise.all(secrets.map(verifier));
  const id = header(headers, 'webhook-id');
  const seconds = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(seconds)) {
    refuse('timestamp', 'The header webhook-timestamp must be whole Unix seconds.');
  }
  if (Math.abs((options.now ?? Date.now() / 1000) - Number(seconds)) > tolerance) {
    refuse('timestamp', 'The timestamp is more than five minutes away from the local clock.');
  }
  if (id.includes('.')) refuse('signature', 'The header webhook-id has a dot.');

  const raw = bytes(body);
  const prefix = new TextEncoder().encode(`${id}.${seconds}.`);
  const content = new Uint8Array(prefix.length + raw.length);
  content.set(prefix);
  content.set(raw, prefix.length);
  let fits = false;
  for (const check of verifiers) {
    for (const signature of signatures.split(/\s+/)) fits = fits || (await check(content, signature));
  }
  if (!fits) refuse('signature', 'No signature matches the body.');

  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder().decode(raw));
  } catch {
    // refused below
  }
  if (typeof (event as { type?: unknown } | null | undefined)?.type !== 'string') {
    refuse('body', 'The body is no event of the profile hookline.');
  }
  return event as Event;
}

function refuse(reason: Reason, message: string): never {
  throw new WebhookVerificationError(reason, message);
}

function header(headers: WebhookHeaders, name: string): string {
  let value: string | string[] | null | undefined;
  if (headers instanceof Headers) {
    value = headers.get(name);
  } else {
    value = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  }
  const text = Array.isArray(value) ? value.join(' ') : value;
  if (!text) refuse('header', `The header ${name} is missing.`);
  return text;
}

function bytes(body: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof body === 'string') return new TextEncoder().encode(body);
  return body instanceof ArrayBuffer ? new Uint8Array(body) : body;
}

async function verifier(secret: string): Promise<Verifier> {
  if (secret.startsWith('whpk_')) {
    const raw = decode(secret.slice(5));
    if (raw?.length !== 32) refuse('secret', 'What follows whpk_ must be standard base64 of 32 bytes.');
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    return check('v1a,', 'Ed25519', 64, key);
  }
  const raw = secret.startsWith('whsec_') ? decode(secret.slice(6)) : undefined;
  if (!raw || raw.length < 24 || raw.length > 64) {
    refuse('secret', 'A secret is whsec_ and standard base64 of 24 to 64 bytes.');
  }
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return check('v1,', 'HMAC', 32, key);
}

/** Checks signatures of a version and a length, for which some runtimes throw. WebCrypto compares in constant time. */
function check(version: string, algorithm: string, length: number, key: CryptoKey): Verifier {
  return async (content, signature) => {
    const raw = signature.startsWith(version) ? decode(signature.slice(version.length)) : undefined;
    return raw?.length === length && crypto.subtle.verify(algorithm, key, raw, content);
  };
}

/** Reads standard base64, in the only spelling that an encoder writes. */
function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text);
    return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}
