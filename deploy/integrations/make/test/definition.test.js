'use strict';

// Compares the definition and the blueprints with the contract of a running Hookline, which HOOKLINE_URL names: each
// module, call and field that they use must be there.

const { test, before } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

const folder = (name) => path.join(__dirname, '..', name);
const read = (file) => JSON.parse(fs.readFileSync(folder(file), 'utf8'));
const manifest = read('makecomapp.json');

// What Make's own modules take; the app's are in the manifest.
const own = {
  'http:ActionSendData': {
    parameters: ['handleErrors', 'useNewZLibDeCompress'],
    mapper: ['url', 'method', 'headers', 'qs', 'body', 'bodyType', 'contentType', 'parseResponse', 'timeout'],
  },
  'gateway:CustomWebHook': { parameters: ['hook', 'maxResults'], mapper: [] },
};

let contract;

before(async () => {
  const response = await fetch(`${process.env.HOOKLINE_URL}/api/v1/openapi.json`);
  assert.equal(response.status, 200);
  contract = await response.json();
});

const resolve = (schema) => (schema?.$ref
  ? resolve(schema.$ref.slice(2).split('/').reduce((value, key) => value[key], contract)) : schema);

// field finds the schema of a field such as data.id, or says with undefined that there is none.
const field = (schema, name) => name.split('.').filter(Boolean).reduce((at, key) => {
  const here = resolve(at);
  const parts = [here, ...(here?.allOf ?? []), ...(here?.anyOf ?? []), ...(here?.oneOf ?? [])].map(resolve);
  return parts.map((part) => part?.properties?.[key]).find(Boolean);
}, schema);

// operation finds the operation that a path of the definition calls; {{…}} in it is a parameter.
const operation = (method, url) => {
  const [wanted] = url.replace(/{{[^}]*}}/g, '{}').split('?');
  const found = Object.entries(contract.paths).find(([known]) => known.replace(/{[^}]*}/g, '{}') === wanted);
  return found?.[1][method.toLowerCase()];
};

const answer = (op) => {
  const [, response] = Object.entries(op.responses).find(([status]) => status.startsWith('2'));
  return resolve(response).content?.['application/json'].schema;
};

// expressions are the names in all {{…}} of a part of a definition.
const expressions = (part) => [...JSON.stringify(part ?? {}).matchAll(/{{([\w.]+)}}/g)].map(([, name]) => name);

// checkCall compares a call with the operation that it names.
const checkCall = (where, definition, parameters) => {
  const url = definition.url.replace('{{parameters.baseUrl}}/api/v1', '');
  const method = definition.method ?? 'GET';
  const op = operation(method, `/api/v1${url}`);
  assert.ok(op, `${where}: got ${method} ${url}, want an operation of the contract`);
  const body = op.requestBody && resolve(op.requestBody).content['application/json'].schema;
  for (const [name, value] of Object.entries(definition.body ?? {})) {
    assert.ok(field(body, name), `${where}: got the field ${name}, want one that ${op.operationId} takes`);
    const [, given] = /^{{parameters\.(\w+)}}$/.exec(value) ?? [];
    assert.ok(!given || parameters.includes(given), `${where}: got {{parameters.${given}}}, want one of ${parameters}`);
  }
  for (const name of resolve(body ?? {}).required ?? []) {
    assert.ok(name in definition.body, `${where}: got no ${name}, which ${op.operationId} requires`);
  }
  const query = (op.parameters ?? []).map(resolve).filter((p) => p.in === 'query').map((p) => p.name);
  for (const name of Object.keys(definition.qs ?? {})) {
    assert.ok(query.includes(name), `${where}: got the parameter ${name}, want one of ${query}`);
  }
  const { error, ...response } = definition.response ?? {};
  const list = /^{{body\.([\w.]+)}}$/.exec(response.iterate ?? '')?.[1];
  for (const name of expressions(response)) {
    const [from, ...rest] = name.split('.');
    const schema = from === 'item' ? resolve(field(answer(op), list)).items : answer(op);
    assert.ok(rest.length === 0 || field(schema, rest.join('.')),
      `${where}: got {{${name}}}, want a field of what ${op.operationId} answers`);
  }
};

const names = (file) => read(file).map((parameter) => parameter.name);

test('each call of the app, and each field that it maps, is in the contract', () => {
  checkCall('connection', read('connections/hookline.communication.iml.json'),
    names('connections/hookline.parameters.iml.json'));
  const events = names('webhooks/events.parameters.iml.json');
  for (const part of ['attach', 'detach']) checkCall(part, read(`webhooks/events.${part}.iml.json`), events);
  for (const name of Object.keys(manifest.rpcs)) checkCall(name, read(`rpcs/${name}.communication.iml.json`), []);
  for (const [name, module] of Object.entries(manifest.modules)) {
    if (module.webhook) {
      assert.ok(module.webhook in manifest.webhooks, `${name}: got the webhook ${module.webhook}, want one of the app`);
      continue;
    }
    const parameters = read(`modules/${name}.parameters.iml.json`);
    const definition = read(`modules/${name}.communication.iml.json`);
    checkCall(name, definition, parameters.map((p) => p.name));
    const used = expressions(definition.body);
    for (const parameter of parameters) {
      assert.ok(used.includes(`parameters.${parameter.name}`), `${name}: got ${parameter.name}, which is asked for in vain`);
      const source = /^rpc:\/\/(\w+)/.exec(parameter.options)?.[1];
      assert.ok(!source || source in manifest.rpcs, `${name}: got the RPC ${source}, want one of the app`);
    }
  }
});

test('the fields of an event are those of its envelope', () => {
  const envelope = contract.webhooks['lead.created'].post.requestBody.content['application/json'].schema;
  for (const name of names('modules/watchEvents.interface.iml.json')) {
    assert.ok(field(envelope, name), `watchEvents: got ${name}, want a field of the envelope`);
  }
});

// checkModule resolves a module of a blueprint: one of the app, or one of Make's own.
const checkModule = (where, step) => {
  const [app, name] = step.module.split(':');
  if (app === manifest.name || app === `app#${manifest.name}`) {
    assert.ok(name in manifest.modules, `${where}: got ${step.module}, want a module of the app`);
    if (manifest.modules[name].webhook) return;
    const known = names(`modules/${name}.parameters.iml.json`);
    for (const given of Object.keys(step.mapper)) {
      assert.ok(known.includes(given), `${where}: got ${given}, want a parameter of ${name}`);
    }
    return;
  }
  assert.ok(step.module in own, `${where}: got ${step.module}, want a module of the app or one of ${Object.keys(own)}`);
  for (const part of ['parameters', 'mapper']) {
    for (const given of Object.keys(step[part])) {
      assert.ok(own[step.module][part].includes(given), `${where}: got ${given} in ${part}, which ${step.module} lacks`);
    }
  }
};

// checkRequest compares a request of Make's HTTP module with the contract.
const checkRequest = (where, mapper) => {
  const url = new URL(mapper.url);
  const op = operation(mapper.method, url.pathname);
  assert.ok(op, `${where}: got ${mapper.method} ${url.pathname}, want an operation of the contract`);
  const key = mapper.headers.find((header) => header.name.toLowerCase() === 'authorization');
  assert.match(key?.value ?? '', /^Bearer \w+$/, `${where}: want the API key as Authorization: Bearer`);
  const query = (op.parameters ?? []).map(resolve).filter((p) => p.in === 'query').map((p) => p.name);
  for (const given of url.searchParams.keys()) {
    assert.ok(query.includes(given), `${where}: got the parameter ${given}, want one of ${query}`);
  }
};

for (const file of fs.readdirSync(folder('blueprints'))) {
  test(`the blueprint ${file} uses what there is`, () => {
    const { flow } = read(`blueprints/${file}`);
    assert.ok(flow.length > 0, `${file}: got no module, want one`);
    const earlier = [];
    for (const step of flow) {
      const where = `${file}, module ${step.id}`;
      checkModule(where, step);
      if (step.module === 'http:ActionSendData') checkRequest(where, step.mapper);
      const event = /subscribes to ([\w.]+\w)/.exec(step.metadata.designer.name)?.[1];
      assert.ok(!event || contract.webhooks[event], `${where}: got the event ${event}, want one of the contract`);
      for (const name of expressions(step.mapper)) {
        assert.ok(earlier.includes(name.split('.')[0]), `${where}: got {{${name}}}, want a module before it`);
      }
      earlier.push(String(step.id));
    }
  });
}
