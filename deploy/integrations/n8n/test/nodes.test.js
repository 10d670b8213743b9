'use strict';

// Runs the compiled nodes with n8n's types and error classes, in a harness that does what n8n's engine would, on a
// running Hookline, which HOOKLINE_URL and HOOKLINE_API_KEY name.

const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const manifest = require('../package.json');
const { HooklineApi } = require('../dist/credentials/HooklineApi.credentials.js');
const { Hookline } = require('../dist/nodes/Hookline/Hookline.node.js');
const { HooklineTrigger } = require('../dist/nodes/HooklineTrigger/HooklineTrigger.node.js');

const credentials = { baseUrl: process.env.HOOKLINE_URL, apiKey: process.env.HOOKLINE_API_KEY };
const trigger = new HooklineTrigger();
const node = new Hookline();

let server;
const arrived = [];
const waiting = [];

before(async () => {
  assert.ok(credentials.baseUrl && credentials.apiKey, 'HOOKLINE_URL and HOOKLINE_API_KEY are needed');
  server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.end();
      arrived.push({ headers: request.headers, rawBody: Buffer.concat(parts) });
      waiting.splice(0).forEach((wake) => wake());
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(() => server.close());

const next = async () => {
  while (arrived.length === 0) await new Promise((wake) => waiting.push(wake));
  return arrived.shift();
};

// engine is the part of n8n that nodes use; parameters are what a user filled in.
const engine = (parameters, { data = {}, given = credentials, items = [{}] } = {}) => ({
  getCredentials: async () => given,
  getNode: () => ({ name: 'Hookline', type: 'hookline', typeVersion: 1, position: [0, 0], parameters }),
  getNodeParameter: (name, item, fallback) => {
    const value = parameters[name] ?? (typeof item === 'object' ? item : fallback);
    assert.notEqual(value, undefined, `parameter ${name}: got none, want one`);
    return value;
  },
  getInputData: () => items,
  continueOnFail: () => false,
  getWorkflowStaticData: () => data,
  getWorkflow: () => ({ name: 'Leads' }),
  getNodeWebhookUrl: () => `http://127.0.0.1:${server.address().port}/webhook`,
  helpers: {
    returnJsonArray: (json) => [{ json }],
    async httpRequestWithAuthentication(name, o) {
      assert.equal(name, 'hooklineApi');
      const url = new URL(o.url);
      for (const [key, value] of Object.entries(o.qs ?? {})) url.searchParams.set(key, value);
      const authorization = new HooklineApi().authenticate.properties.headers.Authorization
        .replace(/^=/, '').replace('{{$credentials.apiKey}}', given.apiKey);
      const response = await fetch(url, {
        method: o.method, body: o.body && JSON.stringify(o.body),
        headers: { authorization, ...(o.body && { 'content-type': 'application/json' }) },
      });
      const answer = await response.text();
      let body = answer;
      try { body = JSON.parse(answer); } catch { /* no JSON, as it is */ }
      return { statusCode: response.status, body };
    },
  },
});

const webhook = (data, request) => {
  const sent = {};
  const response = {
    status: (code) => { sent.status = code; return response; }, send: () => response, end: () => response,
  };
  return trigger.webhook.call({
    getRequestObject: () => request,
    getResponseObject: () => response,
    getHeaderData: () => request.headers,
    getBodyData: () => JSON.parse(request.rawBody),
    getWorkflowStaticData: () => data,
    helpers: engine({}).helpers,
  }).then((result) => ({ ...result, ...sent }));
};

test('what the package offers is there', () => {
  for (const file of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
    assert.ok(fs.existsSync(path.join(__dirname, '..', file)), `${file}: got none, want a file`);
  }
  for (const one of [node, trigger]) {
    const icon = one.description.icon.replace('file:', '');
    const folder = one === node ? 'Hookline' : 'HooklineTrigger';
    assert.ok(fs.existsSync(path.join(__dirname, '../dist/nodes', folder, icon)));
    const names = one.description.properties.map((p) => p.name + JSON.stringify(p.displayOptions ?? ''));
    assert.equal(new Set(names).size, names.length, 'each property is there once');
  }
});

test('the test of the credential tells a good key from a bad one', async () => {
  const { url } = new HooklineApi().test.request;
  const status = async (key) => (await fetch(credentials.baseUrl + url, {
    headers: { authorization: `Bearer ${key}` },
  })).status;
  assert.equal(await status(credentials.apiKey), 200);
  assert.equal(await status('hk_test_wrong'), 401);
});

test('an active workflow gets each event once, verified, and an inactive one none', async () => {
  const { checkExists, create, delete: remove } = trigger.webhookMethods.default;
  const data = {};
  const active = engine({ events: ['lead.created'] }, { data });
  assert.equal(await checkExists.call(active), false);
  await create.call(active);
  assert.equal(await checkExists.call(active), true);
  assert.equal(await checkExists.call(engine({ events: ['lead.updated'] }, { data })), false, 'other events');
  await create.call(active); // n8n starts again without a stop

  const [[lead]] = await node.execute.call(engine({
    resource: 'lead', additionalFields: { name: 'Ada Lovelace', email: 'ada@example.com', company: '' },
  }));
  const request = await next();
  const { workflowData: [[item]] } = await webhook(data, request);
  assert.equal(item.json.type, 'lead.created');
  assert.equal(item.json.data.id, lead.json.id);
  assert.match(item.json.id, /^evt_/);

  const changed = Buffer.from(String(request.rawBody).replace('Ada', 'Eve'));
  const forged = await webhook(data, { ...request, rawBody: changed });
  assert.equal(forged.status, 401);
  assert.equal(forged.workflowData, undefined);
  const { 'webhook-signature': _, ...unsigned } = request.headers;
  assert.equal((await webhook(data, { ...request, headers: unsigned })).status, 401, 'without a signature');

  await remove.call(active);
  assert.equal(await checkExists.call(active), false);
  assert.deepEqual(data, {});
  await remove.call(active); // n8n may repeat it
  assert.equal(arrived.length, 0, 'one endpoint, so one request');
});

test('each action creates something', async () => {
  const types = await node.methods.loadOptions.eventTypes.call(engine({}));
  assert.ok(types.some((t) => t.value === 'job.completed'));
  const job = {
    job_id: 1, job_type: 'hashtag', status: 'finished', started_at: '2026-01-01T00:00:00Z',
    finished_at: '2026-01-01T00:30:00Z', total_leads_stored: 1,
  };
  const all = [
    { resource: 'blogPost', topic: 'How agencies win back lost leads' },
    { resource: 'event', type: 'job.completed', data: JSON.stringify(job) },
    { resource: 'event', type: 'job.completed', data: job },
  ];
  const [inbox] = await node.methods.loadOptions.inboxes.call(engine({}));
  if (inbox) all.push({ resource: 'ticket', subject: 'The export is empty', inbox_id: inbox.value });
  for (const parameters of all) {
    const [[made]] = await node.execute.call(engine({ additionalFields: {}, ...parameters }));
    assert.ok(made.json.id, `${parameters.resource}: got ${JSON.stringify(made.json)}, want an id`);
  }
});

test('errors name every problem, and what to check', async () => {
  const lead = { resource: 'lead', additionalFields: { email: 'nobody', score: -1 } };
  await assert.rejects(node.execute.call(engine(lead)), (error) => {
    assert.match(error.message, /email/);
    assert.match(error.message, /score/);
    return true;
  });
  await assert.rejects(node.execute.call(engine({ resource: 'event', type: 'job.completed', data: '{',
    additionalFields: {} })), /no JSON/);
  await assert.rejects(node.execute.call(engine(lead, {
    given: { ...credentials, apiKey: 'hk_test_wrong' } })), /API key/);
  await assert.rejects(node.execute.call(engine(lead, {
    given: { ...credentials, baseUrl: `${credentials.baseUrl}/nowhere` } })), /does not exist|no Hookline/);
});
