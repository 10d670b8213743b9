// The client against a server that gives one answer after the other. HOOKLINE_SDK is another build than dist/.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

const sdk = await import(process.env.HOOKLINE_SDK ?? '../dist/index.js');

const json = { 'Content-Type': 'application/json' };
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const ok = [200, json, '{}'];
const cut = [0, {}, ''];
const proxy = [502, html, '<html>'];
const problem = (status, code, retryAfter, message = 'Something is wrong.') => [
  status,
  retryAfter === undefined ? json : { ...json, 'Retry-After': retryAfter },
  JSON.stringify({
    error: { code, message, details: [{ field: 'email', message: 'must be an address' }], request_id: 'req_1' },
  }),
];

const servers = [];
after(() => servers.forEach((s) => (s.closeAllConnections(), s.close())));

class Client extends sdk.Hookline {
  waits = [];
  wait = async (ms) => void this.waits.push(ms);
  random = () => 0;
}

/** Starts a server that gives the answers in turn, the last one again, and a client that makes no waits. */
async function start(answers, options = {}) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [status, headers, text] = answers[Math.min(seen.length, answers.length - 1)];
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (status === 0) return request.socket.destroy();
    if (status > 0) response.writeHead(status, headers).end(text);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  const baseUrl = `http://127.0.0.1:${server.address().port}/`;
  return { seen, client: new Client({ apiKey: 'hk_test_key', baseUrl, ...options }) };
}

test('a call says who calls and what', async () => {
  const { seen, client } = await start([[201, json, '{"id":"lead_1"}']], { userAgent: 'shop/1.2' });
  const lead = await client.createLead({ name: 'Zoë', score: 0 });
  assert.equal(lead.id, 'lead_1');
  assert.deepEqual([seen[0].method, seen[0].url, seen[0].body], ['POST', '/api/v1/leads', '{"name":"Zoë","score":0}']);
  assert.equal(seen[0].headers.authorization, 'Bearer hk_test_key');
  assert.equal(seen[0].headers['content-type'], 'application/json');
  assert.equal(seen[0].headers['user-agent'], `shop/1.2 hookline-typescript/${sdk.version}`);
});

test('paths and queries', async () => {
  const { seen, client } = await start([[200, json, '{"data":[],"meta":{"page":1,"per_page":20,"total":0}}']]);
  await client.listLeads({ per_page: 20, score_min: 0, q: 'a&b', email: undefined });
  await client.upsertLead('a/b@example.com');
  assert.deepEqual(seen.map((r) => r.url), [
    '/api/v1/leads?per_page=20&score_min=0&q=a%26b',
    '/api/v1/leads/by-email/a%2Fb%40example.com',
  ]);
  for (const id of ['', '.', '..']) {
    assert.throws(() => client.getLead(id), sdk.ConfigError);
  }
});

const create = (c) => c.createLead({});
const read = (c) => c.getLead('lead_1');
const send = (c) => c.testWebhook('whe_1'); // takes no Idempotency-Key
const busy = problem(503, 'unavailable');
for (const [name, call, answers, waits, error] of [
  ['nothing wrong', create, [ok], [], null],
  ['a busy server', create, [busy, busy, ok], [500, 1000], null],
  ['a proxy', read, [proxy, ok], [500], null],
  ['a cut connection', create, [cut, ok], [500], null],
  ['not for ever', read, [busy], [500, 1000, 2000], 'ServerError'],
  ['as long as the server says', create, [problem(429, 'rate_limited', '7'), ok], [7000], null],
  ['at least the own time', create, [problem(429, 'rate_limited', '0'), ok], [500], null],
  ['a minute at most', create, [problem(429, 'rate_limited', '61'), ok], [], 'RateLimitError'],
  ['no error of the caller', create, [problem(400, 'validation_failed'), ok], [], 'ValidationError'],
  ['no error of the program', create, [problem(500, 'internal'), ok], [], 'ServerError'],
  ['not what must be done once', send, [busy, ok], [], 'ServerError'],
  ['nor after a cut connection', send, [cut, ok], [], 'ConnectionError'],
  ['an answer that is not JSON', read, [[200, json, '{'], ok], [], 'VersionError'],
  ['a page', read, [[404, html, '<html>'], ok], [], 'HostError'],
]) {
  test(`retries: ${name}`, async () => {
    const { seen, client } = await start(answers);
    if (error) await assert.rejects(() => call(client), (e) => e instanceof sdk[error] && e.name === error);
    else await call(client);
    assert.deepEqual(client.waits, waits);
    assert.equal(seen.length, waits.length + 1);
    assert.equal(new Set(seen.map((r) => r.headers['idempotency-key'])).size, 1, 'Idempotency-Keys of all attempts');
    assert.equal(new Set(seen.map((r) => r.body)).size, 1, 'bodies of all attempts');
  });
}

test('waits grow to a limit and vary', () => {
  const client = new Client({ apiKey: 'hk_test_key', baseUrl: 'http://127.0.0.1:1', retries: 100 });
  for (const [attempt, want] of [[0, 500], [3, 4000], [4, 8000], [99, 8000]]) {
    for (const share of [0, 1]) {
      client.random = () => share;
      assert.equal(client.pause(attempt, new sdk.ConnectionError('')), want - (share * want) / 2);
    }
  }
});

test('idempotency keys', async () => {
  const { seen, client } = await start([ok]);
  await client.createLead({});
  await client.createLead({});
  await client.createLead({}, { idempotencyKey: 'order-1' });
  await client.deleteLead('lead_1');
  await client.getLead('lead_1');
  await client.testWebhook('whe_1');
  await client.call('post', '/api/v1/leads', {});
  await client.call('GET', '/api/v1/leads?per_page=1');
  const keys = seen.map((r) => r.headers['idempotency-key']);
  assert.deepEqual(keys.map(Boolean), [true, true, true, true, false, false, true, false]);
  assert.equal(keys[2], 'order-1');
  assert.equal(new Set(keys.filter(Boolean)).size, 5);
});

test('errors have a class', async () => {
  for (const [status, want] of Object.entries({
    400: 'ValidationError',
    401: 'AuthenticationError',
    403: 'PermissionError',
    404: 'NotFoundError',
    409: 'ConflictError',
    422: 'ValidationError',
    429: 'RateLimitError',
    500: 'ServerError',
    503: 'ServerError',
  })) {
    const { client } = await start([problem(Number(status), 'some_code', '61')]);
    const e = await client.getLead('lead_1').then(assert.fail, (e) => e);
    assert.equal(e.constructor, sdk[want], status);
    assert.ok(e instanceof sdk.APIError);
    assert.deepEqual([e.status, e.code, e.requestId, e.retryAfter], [Number(status), 'some_code', 'req_1', 61]);
    assert.equal(e.details[0].field, 'email');
    for (const part of ['some_code', 'Something is wrong.', 'email: must be an address', 'req_1']) {
      assert.ok(e.message.includes(part), `${e.message}: want ${part}`);
    }
  }
});

const gone = problem(404, 'not_found', undefined, 'This path does not exist. See the document.');
for (const [name, answer, error, text] of [
  ['wrong key', problem(401, 'unauthorized'), 'AuthenticationError', 'Check the API key'],
  ['a page', [200, html, '<html>'], 'HostError', 'check the address'],
  ['other JSON', [404, json, '{"message":"no"}'], 'HostError', '404'],
  ['null', [404, json, 'null'], 'HostError', '404'],
  ['other text', [200, { 'Content-Type': 'text/plain' }, 'hello'], 'HostError', 'text/plain'],
  ['a redirect', [301, { Location: 'https://o.example/' }, ''], 'HostError', 'https://o.example/'],
  ['no such path', gone, 'UnknownOperationError', 'older than this client'],
  ['no such method', problem(405, 'method_not_allowed'), 'UnknownOperationError', 'has no GET'],
]) {
  test(`errors name the next step: ${name}`, async () => {
    const { client } = await start([answer]);
    const e = await client.getLead('lead_1').then(assert.fail, (e) => e);
    assert.ok(e instanceof sdk[error], `${e}: want ${error}`);
    assert.ok(e.message.includes(text), `${e.message}: want ${text}`);
    assert.ok(!e.message.includes('hk_test_key'), 'the key in a message');
  });
}

test('the key and the address are checked', () => {
  const make = (apiKey, baseUrl) => () => new sdk.Hookline({ apiKey, baseUrl });
  delete process.env.HOOKLINE_API_KEY;
  delete process.env.HOOKLINE_URL;
  assert.throws(make('', 'https://api.example.com'), /HOOKLINE_API_KEY/);
  assert.throws(make('hk_a hk_b', 'https://api.example.com'), /a space/);
  assert.throws(make('hk_a', ''), /HOOKLINE_URL/);
  for (const address of ['api.example.com', 'ftp://api.example.com', 'https://user:pass@api.example.com']) {
    assert.throws(make('hk_a', address), /https:\/\/api\.example\.com/);
  }
});

test('timeouts and signals', async () => {
  const { client } = await start([[-1]], { timeoutMs: 30, retries: 1 });
  await assert.rejects(client.getMe(), sdk.ConnectionError);
  assert.deepEqual(client.waits, [500]); // two attempts, whether or not the server read them in time
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  await assert.rejects(client.getMe({ signal: stop.signal }), /stopped/);
});

test('nothing listens', async () => {
  const client = new Client({ apiKey: 'hk_test_key', baseUrl: 'http://127.0.0.1:1', retries: 0 });
  await assert.rejects(client.getMe(), /No response of http:\/\/127\.0\.0\.1:1/);
});

test('lists go through all pages', async () => {
  const numbered = await start([
    [200, json, '{"data":[{"id":"a"},{"id":"b"}],"meta":{"page":1,"per_page":2,"total":3}}'],
    [200, json, '{"data":[{"id":"c"}],"meta":{"page":2,"per_page":2,"total":3}}'],
  ]);
  const ids = [];
  for await (const lead of numbered.client.listLeads({ per_page: 2 })) ids.push(lead.id);
  assert.deepEqual(ids, ['a', 'b', 'c']);

  const { seen, client } = await start([
    [200, json, '{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}'],
    [200, json, '{"data":[],"meta":{"next_cursor":"y"}}'],
    [200, json, '{"data":[{"id":"b"}],"meta":{"next_cursor":"y"}}'],
  ]);
  const events = [];
  for await (const event of client.listEvents({ order: 'asc' })) events.push(event.id);
  assert.deepEqual(events, ['a', 'b']);
  assert.deepEqual(seen.map((r) => new URL(r.url, 'http://h').searchParams.get('cursor')), [null, 'x', 'y']);
});

test('a list ends with its reader, and can be awaited', async () => {
  const { seen, client } = await start([[200, json, '{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}']]);
  for await (const _ of client.listDeliveries()) break;
  assert.equal(seen.length, 1);
  const page = await client.listDeliveries();
  assert.equal(page.meta.next_cursor, 'x');
});

test('a text is returned as it is', async () => {
  const { client } = await start([[200, { 'Content-Type': 'text/csv' }, 'id\ndlv_1\n']]);
  assert.equal(await client.exportDeliveries(), 'id\ndlv_1\n');
});
