'use strict';

const authentication = require('./authentication');
const { sendKey, refuse } = require('./lib/api');
const eventTypes = require('./triggers/event_types');
const inboxes = require('./triggers/inboxes');
const triggers = require('./triggers');
const creates = require('./creates');
const { version, dependencies } = require('./package.json');

module.exports = {
  version,
  platformVersion: dependencies['zapier-platform-core'],
  authentication,
  beforeRequest: [sendKey],
  afterResponse: [refuse],
  triggers: Object.fromEntries([...triggers, eventTypes, inboxes].map((t) => [t.key, t])),
  creates: Object.fromEntries(creates.map((c) => [c.key, c])),
};
