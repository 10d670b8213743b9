import { authorization, baseUrl, check, endpoint, event, key, run, succeeded } from './calls';
import { createClient } from './generated/hey-api/client';
import { createKey, createWebhook, listDeliveries, publishEvent, testWebhook } from './generated/hey-api';

const client = createClient({ baseUrl, headers: { Authorization: authorization } });

run(async () => {
  const made = await createWebhook({ client, body: endpoint });
  check(made.data?.secret?.startsWith('whsec_') === true && made.data.enabled, 'createWebhook', made.error);
  const webhookId = made.data.id;

  const published = await publishEvent({ client, body: event });
  check(published.data !== undefined, 'publishEvent', published.error);
  const query = { webhook_id: webhookId, event_id: published.data.id, status: 'succeeded' } as const;

  const delivery = await succeeded(async () => {
    const page = await listDeliveries({ client, query });
    check(page.data !== undefined, 'listDeliveries', page.error);
    return page.data.data;
  });
  check(delivery.event_type === event.type, 'listDeliveries', delivery);

  const test = await testWebhook({ client, path: { webhook_id: webhookId } });
  check(test.data?.succeeded === true, 'testWebhook', test.data ?? test.error);

  const created = await createKey({ client, body: key });
  check(created.data !== undefined && created.data.key !== '', 'createKey', created.error);
});
