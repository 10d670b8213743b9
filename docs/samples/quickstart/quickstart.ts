// Creates a webhook endpoint and a lead, receives the event about the lead, and verifies it.
//
//   export HOOKLINE_URL=http://127.0.0.1:8080 HOOKLINE_API_KEY=hk_live_…
//   npm install @hookline/sdk && node quickstart.ts        (Node 22.18 or newer; compile it for Node 20)

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Hookline, type HooklineEvent, verifyWebhook, WebhookVerificationError } from '@hookline/sdk';

let secret = '';
let arrived: (event: HooklineEvent) => void = () => {};

// region receive
// The receiver accepts requests that the secret signed, and refuses all others.
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const event = await verifyWebhook(request.headers, Buffer.concat(chunks), secret);
    response.writeHead(204).end(); // answer first, work afterwards
    arrived(event);
  } catch (error) {
    response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end(String(error));
  }
});
// endregion

await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));

// region client
const hookline = new Hookline({ apiKey: process.env.HOOKLINE_API_KEY!, baseUrl: process.env.HOOKLINE_URL! });
// endregion

// region endpoint
const endpoint = await hookline.createWebhook({
  name: 'Quickstart',
  url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`,
  events: ['lead.created'],
});
secret = endpoint.secret!;
// endregion

try {
  let leadId = '';
  const earlier: HooklineEvent[] = [];
  const done = new Promise<HooklineEvent>((found, late) => {
    setTimeout(() => late(new Error('no webhook arrived within 30 seconds')), 30_000).unref();
    // region event
    arrived = (event) => {
      if (leadId === '') earlier.push(event);
      else if (event.type === 'lead.created' && event.data.id === leadId) found(event);
    };
    // endregion
  });
  // region lead
  const lead = await hookline.createLead({ name: 'Ada Lovelace', email: 'ada@example.com' });
  // endregion
  leadId = lead.id;
  earlier.forEach((event) => arrived(event));
  const event = await done;
  console.log(`received and verified ${event.type} of ${leadId}`);
} finally {
  await hookline.deleteWebhook(endpoint.id);
  receiver.close();
  receiver.closeAllConnections();
}
