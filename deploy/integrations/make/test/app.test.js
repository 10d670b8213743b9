'use strict';

// Makes the calls that the definition describes on a running Hookline, which HOOKLINE_URL and HOOKLINE_API_KEY name.
// It resolves what the definition uses of Make's expressions: {{path}}.

const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const read = (file) => JSON.parse(fs.readFileSync(path.join(__dirname, '..', file), 'utf8'));
const manifest = read('makecomapp.json');
const base = read('general/base.iml.json');
const connection = { baseUrl: process.env.HOOKLINE_URL, apiKey: process.env.HOOKLINE_API_KEY };

const find = (context, name) => name.split('.').reduce((value, key) => value?.[key], context);

// filled resolves a template; a value that is not there is left out of an object, as Make does.
const filled = (template, context) => {
  if (Array.isArray(template)) return template.map((one) => filled(one, context));
  if (template !== null && typeof template === 'object') {
    return Object.fromEntries(Object.entries(template)
      .map(([key, one]) => [key, filled(one, context)]).filter(([, value]) => value !== undefined));
  }
  if (typeof template !== 'string') return template;
  const whole = /^{{([\w.]+)}}$/.exec(template);
  if (whole) return find(context, whole[1]);
  return template.replace(/{{([\w.]+)}}/g, (_, name) => find(context, name));
};

const call = async (definition, context) => {
  const all = { connection, ...context };
  const address = filled(definition.url, all);
  const url = new URL(address.startsWith('/') ? filled(base.baseUrl, all) + address : address);
  for (const [key, value] of Object.entries(filled(definition.qs ?? {}, all))) url.searchParams.set(key, value);
  const body = definition.body && JSON.stringify(filled(definition.body, all));
  const response = await fetch(url, {
    method: definition.method ?? 'GET', body,
    headers: {
      ...filled(definition.headers ?? base.headers, all), ...(body && { 'content-type': 'application/json' }),
    },
  });
  const text = await response.text();
  return { statusCode: response.status, body: text ? JSON.parse(text) : undefined };
};

let server;
const arrived = [];
const waiting = [];

before(async () => {
  assert.ok(connection.baseUrl && connection.apiKey, 'HOOKLINE_URL and HOOKLINE_API_KEY are needed');
  server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.end('Accepted');
      arrived.push(JSON.parse(Buffer.concat(parts)));
      waiting.splice(0).forEach((wake) => wake());
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(() => server.close());

test('every part that the manifest names is there', () => {
  const wanted = [
    ...Object.keys(manifest.connections).flatMap((n) => ['communication', 'parameters']
      .map((part) => `connections/${n}.${part}`)),
    ...Object.keys(manifest.webhooks).flatMap((n) => ['attach', 'detach', 'communication', 'parameters']
      .map((part) => `webhooks/${n}.${part}`)),
    ...Object.keys(manifest.rpcs).map((n) => `rpcs/${n}.communication`),
    ...Object.entries(manifest.modules).flatMap(([n, m]) => (m.webhook
      ? [`modules/${n}.interface`] : [`modules/${n}.communication`, `modules/${n}.parameters`])),
  ];
  for (const name of wanted) read(`${name}.iml.json`);
});

test('a connection is named after its key, and a wrong key is refused', async () => {
  const definition = read('connections/hookline.communication.iml.json');
  const good = await call(definition, { parameters: connection });
  assert.equal(good.statusCode, 200);
  assert.ok(filled(definition.response.metadata.value, good));
  const bad = await call(definition, { parameters: { ...connection, apiKey: 'hk_test_wrong' } });
  assert.equal(bad.statusCode, 401);
  assert.match(filled(definition.response.error['401'].message, bad), /API key/);
});

test('a scenario gets an event that a scenario made', async () => {
  const attach = read('webhooks/events.attach.iml.json');
  const url = `http://127.0.0.1:${server.address().port}/make`;
  const attached = await call(attach, { webhook: { url }, parameters: { events: ['lead.created'] } });
  assert.equal(attached.statusCode, 201);
  const webhook = filled(attach.response.data, attached);
  const made = await call(read('modules/createLead.communication.iml.json'),
    { parameters: { name: 'Ada Lovelace', email: 'ada@example.com' } });
  assert.equal(made.statusCode, 201);
  while (arrived.length === 0) await new Promise((wake) => waiting.push(wake));
  const got = filled(read('webhooks/events.communication.iml.json').output, { body: arrived.shift() });
  assert.equal(got.type, 'lead.created');
  assert.equal(got.data.id, made.body.id);
  const detached = await call(read('webhooks/events.detach.iml.json'), { webhook });
  assert.equal(detached.statusCode, 204);
});

test('each action creates something, from the choices that there are', async () => {
  const choices = async (name) => {
    const { response, ...definition } = read(`rpcs/${name}.communication.iml.json`);
    const answer = await call(definition, {});
    assert.equal(answer.statusCode, 200);
    return filled(response.iterate, answer).map((item) => filled(response.output, { item }));
  };
  assert.ok((await choices('eventTypes')).some((c) => c.value === 'job.completed'));
  const all = {
    generateBlogPost: { topic: 'How agencies win back lost leads', keywords: ['leads'] },
    publishEvent: {
      type: 'job.completed', data: {
        job_id: 1, job_type: 'hashtag', status: 'finished', started_at: '2026-01-01T00:00:00Z',
        finished_at: '2026-01-01T00:30:00Z', total_leads_stored: 1,
      },
    },
    createTicket: { subject: 'The export is empty', inbox_id: (await choices('inboxes'))[0].value, priority: 'high' },
  };
  for (const [name, parameters] of Object.entries(all)) {
    const made = await call(read(`modules/${name}.communication.iml.json`), { parameters });
    assert.ok(made.statusCode < 300, `${name}: got ${made.statusCode} ${JSON.stringify(made.body)}, want success`);
  }
});
