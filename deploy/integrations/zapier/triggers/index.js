'use strict';

const { get, send } = require('../lib/api');
const { signed, verify, received } = require('../lib/webhook');

const shown = ({ id, type, occurred_at: at, data }) => ({ id, event: type, occurred_at: at, data });

// samples are the latest events of a type, or the sample of the catalogue while there is none.
const samples = async (z, type) => {
  const latest = await get(z, '/events', { type, limit: 3 });
  if (latest.data.length > 0) return latest.data.map(shown);
  const known = await get(z, `/event-types/${encodeURIComponent(type)}`);
  return [{ id: 'evt_sample', event: known.type, occurred_at: '2026-01-01T00:00:00Z', data: known.sample }];
};

// onEvent makes a trigger: Zapier subscribes when a Zap is turned on, and unsubscribes when it is turned off.
const onEvent = ({ key, noun, label, description, inputFields = [], type }) => ({
  key,
  noun,
  display: { label, description },
  operation: {
    type: 'hook',
    inputFields,
    performSubscribe: async (z, bundle) => {
      const made = await send(z, 'POST', '/webhooks', {
        url: bundle.targetUrl, events: [type(bundle)], source: 'zapier', name: `Zapier: ${type(bundle)}`,
      });
      // The answer to a repeated subscription has no secret, without which requests can't be verified.
      if (made.secret || !signed(made)) return made;
      const { secret } = await get(z, `/webhooks/${made.id}/secret`);
      return { ...made, secret };
    },
    performUnsubscribe: (z, bundle) => send(z, 'DELETE', `/webhooks/${bundle.subscribeData.id}`),
    perform: (z, bundle) => {
      verify(z, bundle);
      return [received(bundle)];
    },
    performList: (z, bundle) => samples(z, type(bundle)),
    sample: { id: 'evt_sample', event: 'lead.created', occurred_at: '2026-01-01T00:00:00Z', data: {} },
    outputFields: [
      { key: 'id', label: 'Event id' },
      { key: 'event', label: 'Event type' },
      { key: 'occurred_at', label: 'Occurred at', type: 'datetime' },
    ],
  },
});

const fixed = (key, noun, label, name, description) => onEvent({ key, noun, label, description, type: () => name });

module.exports = [
  onEvent({
    key: 'event',
    noun: 'Event',
    label: 'New Event',
    description: 'Triggers when an event of the chosen type happens.',
    inputFields: [{
      key: 'event_type', label: 'Event type', type: 'string', required: true, dynamic: 'event_types.id.name',
    }],
    type: (bundle) => bundle.inputData.event_type,
  }),
  fixed('lead_created', 'Lead', 'New Lead', 'lead.created', 'Triggers when a lead is created.'),
  fixed('lead_updated', 'Lead', 'Updated Lead', 'lead.updated', 'Triggers when a lead changes.'),
  fixed('blog_published', 'Blog post', 'Published Blog Post', 'blog.published',
    'Triggers when a blog post is published.'),
  fixed('ticket_created', 'Ticket', 'New Ticket', 'ticket.created', 'Triggers when a ticket is created.'),
];
