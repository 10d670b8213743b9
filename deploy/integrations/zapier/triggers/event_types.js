'use strict';

const { get } = require('../lib/api');

// Fills the choice of event types; it is no trigger that a user sees.
module.exports = {
  key: 'event_types',
  noun: 'Event type',
  display: { label: 'Event types', description: 'Lists event types.', hidden: true },
  operation: {
    perform: async (z) => (await get(z, '/event-types')).data.map((t) => ({ id: t.type, name: t.type })),
  },
};
