'use strict';

const { send, without } = require('../lib/api');

const text = (key, label, more = {}) => ({ key, label, type: 'string', ...more });

const create = ({ key, noun, label, description, inputFields, perform, sample }) => ({
  key, noun, display: { label, description }, operation: { inputFields, perform, sample },
});

const lead = create({
  key: 'create_lead',
  noun: 'Lead',
  label: 'Create Lead',
  description: 'Creates a lead.',
  inputFields: [
    text('name', 'Name'), text('email', 'Email'), text('company', 'Company'), text('phone', 'Phone'),
    text('website', 'Website'), text('position', 'Position'), text('notes', 'Notes', { type: 'text' }),
    text('source', 'Source'), { key: 'score', label: 'Score', type: 'integer' },
    text('external_id', 'External id', { helpText: 'Id of the lead in your own system; it is unique.' }),
  ],
  perform: (z, bundle) => send(z, 'POST', '/leads', without(bundle.inputData)),
  sample: { id: 'lead_sample', name: 'Ada Lovelace', email: 'ada@example.com', status: 'new' },
});

const post = create({
  key: 'generate_blog_post',
  noun: 'Blog post',
  label: 'Generate Blog Post',
  description: 'Has an agent write a blog post. The trigger “New Event” with blog.created tells when it is ready.',
  inputFields: [
    text('topic', 'Topic', { required: true }), text('keywords', 'Keywords', { list: true }), text('tone', 'Tone'),
    text('audience', 'Audience'), text('language', 'Language', { helpText: 'Such as en.' }),
    { key: 'word_count', label: 'Number of words', type: 'integer' },
  ],
  perform: (z, bundle) => send(z, 'POST', '/blog-posts/generate', without(bundle.inputData)),
  sample: { id: 'run_sample', status: 'queued' },
});

const ticket = create({
  key: 'create_ticket',
  noun: 'Ticket',
  label: 'Create Ticket',
  description: 'Creates a ticket in an inbox.',
  inputFields: [
    text('subject', 'Subject', { required: true }),
    text('inbox_id', 'Inbox', { required: true, dynamic: 'inboxes.id.name' }),
    text('priority', 'Priority', { choices: ['low', 'normal', 'high', 'urgent'] }),
  ],
  perform: (z, bundle) => send(z, 'POST', '/tickets', without(bundle.inputData)),
  sample: { id: 'tkt_sample', number: 1, subject: 'The export is empty', status: 'open' },
});

const event = create({
  key: 'publish_event',
  noun: 'Event',
  label: 'Publish Event',
  description: 'Publishes an event, which Hookline delivers to every endpoint that subscribes to its type.',
  inputFields: [
    text('type', 'Event type', { required: true, dynamic: 'event_types.id.name' }),
    text('data', 'Data', { type: 'text', required: true, helpText: 'A JSON object as the type requires it.' }),
    text('id', 'Your id', { helpText: 'Publishing the same id again publishes nothing.' }),
  ],
  perform: (z, bundle) => {
    const { data, ...rest } = without(bundle.inputData);
    let object;
    try {
      object = JSON.parse(data);
    } catch (error) {
      throw new z.errors.Error(`Data is no JSON: ${error.message}.`, 'InvalidData', 400);
    }
    return send(z, 'POST', '/events', { ...rest, data: object });
  },
  sample: { id: 'evt_sample', type: 'lead.created' },
});

module.exports = [lead, post, ticket, event];
