'use strict';

// Runs the app with Zapier's own harness on a running Hookline, which HOOKLINE_URL and HOOKLINE_API_KEY name.

const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const zapier = require('zapier-platform-core');
const schema = require('zapier-platform-schema');
const App = require('../index');
const { get } = require('../lib/api');

const run = zapier.createAppTester(App);
const authData = { base_url: process.env.HOOKLINE_URL, api_key: process.env.HOOKLINE_API_KEY };

let server;
let arrived = [];
let waiting = [];

before(async () => {
  assert.ok(authData.base_url && authData.api_key, 'HOOKLINE_URL and HOOKLINE_API_KEY are needed');
  server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.statusCode = request.url === '/hook' ? 200 : 404;
      response.end('<html>not Hookline</html>');
      if (request.url !== '/hook') return;
      arrived.push({ headers: request.headers, content: Buffer.concat(parts).toString() });
      waiting.splice(0).forEach((wake) => wake());
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(() => server.close());

const here = (path) => `http://127.0.0.1:${server.address().port}${path}`;

const next = async () => {
  while (arrived.length === 0) await new Promise((wake) => waiting.push(wake));
  return arrived.shift();
};

// compiled replaces functions by texts, as Zapier does before it checks a definition.
const compiled = (value) => {
  if (typeof value === 'function') return `$func$${value.length}$f$`;
  if (Array.isArray(value)) return value.map(compiled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, compiled(one)]));
};

test('the definition is valid', () => {
  assert.deepEqual(schema.validateAppDefinition(compiled(App)).errors.map(String), []);
});

test('the connection is named after the key', async () => {
  const me = await run(App.authentication.test, { authData });
  assert.ok(me.label, `label: got ${me.label}, want one`);
});

test('a wrong key and a wrong server are told apart', async () => {
  await assert.rejects(run(App.authentication.test, { authData: { ...authData, api_key: 'hk_test_wrong' } }),
    /API key/);
  await assert.rejects(run(App.authentication.test, { authData: { ...authData, base_url: here('') } }),
    /no Hookline API/);
});

test('a Zap gets an event that a Zap made, and its samples look the same', async () => {
  const trigger = App.triggers.event.operation;
  const bundle = { authData, targetUrl: here('/hook'), inputData: { event_type: 'lead.created' } };
  const subscribeData = await run(trigger.performSubscribe, bundle);
  const again = await run(trigger.performSubscribe, bundle);
  assert.equal(again.id, subscribeData.id, 'the same subscription again is the same endpoint');
  assert.equal(again.secret, subscribeData.secret, 'and has its secret');

  const lead = await run(App.creates.create_lead.operation.perform,
    { authData, inputData: { name: 'Ada Lovelace', email: 'ada@example.com', company: '', score: 7 } });
  const request = await next();
  const received = (content) => run(trigger.perform, {
    authData, subscribeData, cleanedRequest: JSON.parse(content), rawRequest: { headers: request.headers, content },
  });
  const [got] = await received(request.content);
  assert.equal(got.event, 'lead.created');
  assert.equal(got.data.id, lead.id);
  await assert.rejects(received(request.content.replace('Ada', 'Eve')), /signature/);
  request.headers = Object.fromEntries(Object.entries(request.headers).filter(([n]) => !/signature/i.test(n)));
  await assert.rejects(received(request.content), /signature/, 'without a signature');

  const [sample] = await run(trigger.performList, bundle);
  assert.deepEqual(Object.keys(sample), Object.keys(got));
  assert.deepEqual(Object.keys(sample.data).sort(), Object.keys(got.data).sort());
  assert.equal(sample.id, got.id);

  await run(trigger.performUnsubscribe, { ...bundle, subscribeData });
  await run(trigger.performUnsubscribe, { ...bundle, subscribeData }); // Zapier may repeat it
  await assert.rejects(run((z) => get(z, `/webhooks/${subscribeData.id}`), { authData }), { message: /no such/i });
});

test('each trigger has a sample before its first event', async () => {
  for (const trigger of Object.values(App.triggers).filter((t) => t.operation.type === 'hook')) {
    const list = await run(trigger.operation.performList, { authData, inputData: { event_type: 'ticket.created' } });
    assert.ok(list.length > 0 && list[0].id && list[0].event && list[0].data,
      `${trigger.key}: got ${JSON.stringify(list)}, want events`);
  }
});

test('each action creates something, and names every problem', async () => {
  const act = (key, inputData) => run(App.creates[key].operation.perform, { authData, inputData });
  const types = await run(App.triggers.event_types.operation.perform, { authData });
  assert.ok(types.some((t) => t.id === 'lead.created'));
  const agent = await act('generate_blog_post', { topic: 'How agencies win back lost leads' });
  assert.ok(agent.id, `run: got ${JSON.stringify(agent)}`);
  const event = await act('publish_event', {
    type: 'job.completed', id: 'zap-1', data: JSON.stringify({
      job_id: 1, job_type: 'hashtag', status: 'finished', started_at: '2026-01-01T00:00:00Z',
      finished_at: '2026-01-01T00:30:00Z', total_leads_stored: 1,
    }),
  });
  assert.ok(event.id);
  await assert.rejects(act('publish_event', { type: 'job.completed', data: '{' }), /no JSON/);
  await assert.rejects(act('create_lead', { name: 'Ada', email: 'nobody', score: -1 }), (error) => {
    assert.match(error.message, /email/);
    assert.match(error.message, /score/);
    return true;
  });
  const inboxes = await run(App.triggers.inboxes.operation.perform, { authData });
  if (inboxes.length > 0) {
    const made = await act('create_ticket', { subject: 'The export is empty', inbox_id: inboxes[0].id });
    assert.ok(made.id);
  }
});
