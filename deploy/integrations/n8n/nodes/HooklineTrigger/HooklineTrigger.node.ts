import type {
  IDataObject, IHookFunctions, INodeType, INodeTypeDescription, IWebhookFunctions, IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { call, eventTypes } from '../../lib/api';
import { verified } from '../../lib/webhook';

interface Endpoint extends IDataObject {
  id: string;
  events: string[];
  secret?: string;
  profile: string;
  signing: string;
}

const same = (a: string[], b: string[]) => [...a].sort().join() === [...b].sort().join();

export class HooklineTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Hookline Trigger',
    name: 'hooklineTrigger',
    icon: 'file:hookline.svg',
    group: ['trigger'],
    version: 1,
    subtitle: '={{$parameter["events"].join(", ")}}',
    description: 'Starts the workflow when an event happens',
    defaults: { name: 'Hookline Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'hooklineApi', required: true }],
    webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' }],
    properties: [
      {
        displayName: 'Event Names or IDs',
        name: 'events',
        type: 'multiOptions',
        typeOptions: { loadOptionsMethod: 'eventTypes' },
        required: true,
        default: [],
        description:
          'The events that start the workflow. Choose from the list, or specify IDs using an ' +
          '<a href="https://docs.n8n.io/code/expressions/">expression</a>.',
      },
    ],
  };

  methods = { loadOptions: { eventTypes } };

  webhookMethods = {
    default: {
      /** Says whether the endpoint that this node made exists, with the same events. */
      async checkExists(this: IHookFunctions): Promise<boolean> {
        const kept = this.getWorkflowStaticData('node');
        const found = await call<{ data: Endpoint[] }>(this, 'GET', '/webhooks', undefined, {
          url: this.getNodeWebhookUrl('default'),
        });
        const events = this.getNodeParameter('events') as string[];
        return found.data.some((e) => e.id === kept.endpointId && same(e.events, events));
      },

      async create(this: IHookFunctions): Promise<boolean> {
        const url = this.getNodeWebhookUrl('default');
        const kept = this.getWorkflowStaticData('node');
        // What an earlier version of the workflow left at this URL would start it, too.
        const old = await call<{ data: Endpoint[] }>(this, 'GET', '/webhooks', undefined, { url });
        for (const e of old.data) await call(this, 'DELETE', `/webhooks/${e.id}`);
        const made = await call<Endpoint>(this, 'POST', '/webhooks', {
          url, events: this.getNodeParameter('events') as string[], source: 'n8n',
          name: `n8n: ${this.getWorkflow().name ?? 'workflow'}`,
        });
        kept.endpointId = made.id;
        kept.secret = made.secret ?? '';
        // Endpoints of other profiles sign in other ways; the URL of the workflow is secret.
        kept.signed = made.profile === 'hookline' && made.signing !== 'none';
        return true;
      },

      async delete(this: IHookFunctions): Promise<boolean> {
        const kept = this.getWorkflowStaticData('node');
        if (!kept.endpointId) return true;
        await call(this, 'DELETE', `/webhooks/${String(kept.endpointId)}`);
        delete kept.endpointId;
        delete kept.secret;
        delete kept.signed;
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const request = this.getRequestObject() as unknown as { rawBody?: Buffer };
    const headers = this.getHeaderData() as IDataObject;
    const kept = this.getWorkflowStaticData('node');
    if (kept.signed && !verified(headers, request.rawBody, String(kept.secret ?? ''))) {
      this.getResponseObject().status(401).send('The signature is not valid.').end();
      return { noWebhookResponse: true };
    }
    const body = this.getBodyData();
    const item = { id: headers['webhook-id'], ...body } as IDataObject;
    return { workflowData: [this.helpers.returnJsonArray(item)] };
  }
}
