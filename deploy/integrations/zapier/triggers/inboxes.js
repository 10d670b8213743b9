'use strict';

const { get } = require('../lib/api');

// Fills the choice of inboxes; it is no trigger that a user sees.
module.exports = {
  key: 'inboxes',
  noun: 'Inbox',
  display: { label: 'Inboxes', description: 'Lists inboxes.', hidden: true },
  operation: {
    perform: async (z) => (await get(z, '/inboxes', { per_page: 100 })).data.map(({ id, name }) => ({ id, name })),
  },
};
