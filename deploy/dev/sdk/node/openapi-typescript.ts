import createClient from 'openapi-fetch';

import { authorization, baseUrl, check, endpoint, event, key, run, succeeded } from './calls';
import type { paths } from './generated/openapi-typescript';

const client = createClient<paths>({ baseUrl, headers: { Authorization: authorization } });

run(async () => {
  const made = await client.POST('/api/v1/webhooks', { body: endpoint });
  check(made.data?.secret?.startsWith('whsec_') === true && made.data.enabled, 'createWebhook', made.error);
  const webhookId = made.data.id;

  const published = await client.POST('/api/v1/events', { body: event });
  check(published.data !== undefined, 'publishEvent', published.error);
  const query = { webhook_id: webhookId, event_id: published.data.id, status: 'succeeded' } as const;

  const delivery = await succeeded(async () => {
    const page = await client.GET('/api/v1/webhooks/deliveries', { params: { query } });
    check(page.data !== undefined, 'listDeliveries', page.error);
    return page.data.data;
  });
  check(delivery.event_type === event.type, 'listDeliveries', delivery);

  const test = await client.POST('/api/v1/webhooks/{webhook_id}/test', { params: { path: { webhook_id: webhookId } } });
  check(test.data?.succeeded === true, 'testWebhook', test.data ?? test.error);

  const created = await client.POST('/api/v1/keys', { body: key });
  check(created.data !== undefined && created.data.key !== '', 'createKey', created.error);
});
