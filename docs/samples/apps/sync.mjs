// Keeps a copy of the leads in LEADS_FILE. Events can arrive twice and in another order, so a lead is only replaced by a
// newer state of itself. It needs nothing but Node.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { HOOKLINE_WEBHOOK_SECRET: secret, LEADS_FILE: file = 'leads.json', PORT: port = '3000' } = process.env;
const tolerance = 5 * 60; // seconds
const leads = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

const verified = (headers, body) => {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= tolerance)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const want = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest();
  return signatures.split(' ').some((one) => {
    const got = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return one.startsWith('v1,') && got.length === want.length && timingSafeEqual(got, want);
  });
};

const keep = ({ type, data }) => {
  if (type !== 'lead.created' && type !== 'lead.updated') return;
  const known = leads[data.id];
  if (known && known.updated_at >= data.updated_at) return;
  leads[data.id] = data;
  writeFileSync(`${file}.new`, JSON.stringify(leads, null, 2));
  renameSync(`${file}.new`, file); // a crash leaves a whole file
};

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  if (!verified(request.headers, body)) return response.writeHead(400).end('The signature is not valid.');
  keep(JSON.parse(body));
  response.writeHead(204).end(); // after it is kept: what fails is sent again
}).listen(Number(port), '127.0.0.1');
