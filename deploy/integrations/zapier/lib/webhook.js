'use strict';

const crypto = require('node:crypto');

const tolerance = 5 * 60; // seconds between the signature and now

// header finds a header in either of the forms in which Zapier passes them: as sent, or with Http- in front.
const header = (headers, name) => {
  const found = Object.entries(headers || {}).find(([n]) => n.toLowerCase().replace(/^http-/, '') === name);
  return found ? found[1] : '';
};

// signed says whether the requests to an endpoint are signed as Standard Webhooks say.
const signed = ({ profile, signing }) => profile === 'hookline' && signing !== 'none';

// verify refuses a request without a valid signature of Standard Webhooks. Endpoints of other profiles sign in other
// ways, and their requests are not checked here: the URL that Zapier gives is secret.
const verify = (z, bundle) => {
  const { headers, content } = bundle.rawRequest || {};
  const subscription = bundle.subscribeData || {};
  if (!signed(subscription)) return;
  const secret = subscription.secret || '';
  const signature = header(headers, 'webhook-signature') || '';
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const want = crypto.createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.${content}`).digest();
  const valid = signature.split(' ').some((part) => {
    const [version, value] = part.split(',');
    const got = Buffer.from(value || '', 'base64');
    return version === 'v1' && got.length === want.length && crypto.timingSafeEqual(got, want);
  });
  if (!secret || !valid || Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) {
    throw new z.errors.HaltedError('The signature of the request is not valid.');
  }
};

// received turns the body of a webhook, whose names differ by profile, into what samples look like.
const received = (bundle) => {
  const body = bundle.cleanedRequest;
  return {
    id: header((bundle.rawRequest || {}).headers, 'webhook-id') || body.id || body.event_id,
    event: body.type || body.event,
    occurred_at: body.timestamp || body.created_at || body.sent_at,
    data: body.data,
  };
};

module.exports = { signed, verify, received };
