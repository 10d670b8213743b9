// The verification, with the vectors that the SDKs of all languages share.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const { verifyWebhook, WebhookVerificationError } = await import(process.env.HOOKLINE_SDK ?? '../dist/index.js');

const file = process.env.HOOKLINE_VECTORS ?? new URL('../../webhook/testdata/vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8'));
assert.ok(vectors.length > 40);
for (const v of vectors) {
  test(`vector: ${v.name}`, async () => {
    let reason = '';
    try {
      const event = await verifyWebhook(v.headers, new TextEncoder().encode(v.body), v.secrets, { now: v.now });
      assert.equal(event.type, v.type);
    } catch (e) {
      assert.ok(e instanceof WebhookVerificationError, String(e));
      reason = e.reason;
    }
    assert.equal(reason, v.error);
  });
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sign = (content) => 'v1,' + createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(content).digest('base64');

test('any form of headers and body, and the real clock', async () => {
  const body = '{"type":"order.paid","timestamp":"2026-11-21T09:00:00Z","data":{"total":7}}';
  const seconds = String(Math.floor(Date.now() / 1000));
  const headers = {
    'Webhook-Id': 'evt_1',
    'WEBHOOK-TIMESTAMP': seconds,
    'webhook-signature': [sign(`evt_1.${seconds}.${body}`)],
  };
  for (const h of [headers, new Headers(Object.entries(headers).map(([k, v]) => [k, String(v)]))]) {
    for (const b of [body, new TextEncoder().encode(body), new TextEncoder().encode(body).buffer]) {
      assert.equal((await verifyWebhook(h, b, secret)).type, 'order.paid');
    }
  }
  await assert.rejects(verifyWebhook(headers, body, secret, { now: Number(seconds) + 301 }), WebhookVerificationError);
});

test('a body that is no event', async () => {
  for (const body of ['', '[]', '{}', 'null', '{"event":"new_lead"}']) {
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': sign(`evt_1.1.${body}`) };
    await assert.rejects(verifyWebhook(headers, body, secret, { now: 1 }), (e) => e.reason === 'body');
  }
});
