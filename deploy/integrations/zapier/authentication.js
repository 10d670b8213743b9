'use strict';

const { get } = require('./lib/api');

module.exports = {
  type: 'custom',
  fields: [
    {
      key: 'base_url',
      label: 'URL',
      type: 'string',
      required: true,
      helpText: 'Address of the API without a path, such as https://api.example.com.',
    },
    {
      key: 'api_key',
      label: 'API key',
      type: 'password',
      required: true,
      helpText: 'Create one in the dashboard under API keys, with the permissions read:webhooks, write:webhooks and ' +
        'read:events, and with write permissions for what your Zaps create. Use a test key while you build a Zap.',
    },
  ],
  test: (z) => get(z, '/me'),
  connectionLabel: '{{label}}',
};
