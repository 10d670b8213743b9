import { authorization, check, endpoint, event, key, run, succeeded } from './calls';
import { createKey, createWebhook, listDeliveries, publishEvent, testWebhook } from './generated/orval';

const options = { headers: { Authorization: authorization } };

run(async () => {
  const made = await createWebhook(endpoint, options);
  check(made.status === 201 && made.data.secret?.startsWith('whsec_') === true && made.data.enabled,
    'createWebhook', made.data);
  const webhookId = made.data.id;

  const published = await publishEvent(event, options);
  check(published.status === 202, 'publishEvent', published.data);
  const query = { webhook_id: webhookId, event_id: published.data.id, status: 'succeeded' } as const;

  const delivery = await succeeded(async () => {
    const page = await listDeliveries(query, options);
    check(page.status === 200, 'listDeliveries', page.data);
    return page.data.data;
  });
  check(delivery.event_type === event.type, 'listDeliveries', delivery);

  const test = await testWebhook(webhookId, {}, options);
  check(test.status === 200 && test.data.succeeded, 'testWebhook', test.data);

  const created = await createKey(key, options);
  check(created.status === 201 && created.data.key !== '', 'createKey', created.data);
});
