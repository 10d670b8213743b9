import { createHmac, timingSafeEqual } from 'node:crypto';

const tolerance = 5 * 60; // seconds between the signature and now

/**
 * Says whether a request has a valid signature of Standard Webhooks.
 */
export function verified(headers: Record<string, unknown>, body: Buffer | undefined, secret: string): boolean {
  const signature = String(headers['webhook-signature'] ?? '');
  if (!signature || !secret || !body) return false;
  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return false;
  const want = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.`).update(body).digest();
  return signature.split(' ').some((part) => {
    const [version, value] = part.split(',');
    const got = Buffer.from(value ?? '', 'base64');
    return version === 'v1' && got.length === want.length && timingSafeEqual(got, want);
  });
}
