import type {
  IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties, INodeType, INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import { call, eventTypes, filled, inboxes } from '../../lib/api';

interface Action {
  name: string; // of the resource
  value: string;
  operation: { name: string; value: string; action: string };
  path: string;
  required: INodeProperties[];
  optional: INodeProperties[];
}

const text = (displayName: string, name: string, more: Partial<INodeProperties> = {}): INodeProperties => ({
  displayName, name, type: 'string', default: '', ...more,
});

const choice = (displayName: string, name: string, loadOptionsMethod: string): INodeProperties => ({
  displayName: `${displayName} Name or ID`, name, type: 'options', typeOptions: { loadOptionsMethod }, default: '',
  description: 'Choose from the list, or specify an ID using an ' +
    '<a href="https://docs.n8n.io/code/expressions/">expression</a>',
});

const actions: Action[] = [
  {
    name: 'Lead', value: 'lead', operation: { name: 'Create', value: 'create', action: 'Create a lead' },
    path: '/leads', required: [],
    optional: [
      text('Company', 'company'), text('Email', 'email', { placeholder: 'name@email.com' }),
      text('External ID', 'external_id'), text('Name', 'name'), text('Notes', 'notes'), text('Phone', 'phone'),
      { displayName: 'Score', name: 'score', type: 'number', default: 0 }, text('Source', 'source'),
      text('Website', 'website'),
    ],
  },
  {
    name: 'Blog Post', value: 'blogPost',
    operation: { name: 'Generate', value: 'generate', action: 'Generate a blog post' },
    path: '/blog-posts/generate', required: [text('Topic', 'topic', { required: true })],
    optional: [
      text('Audience', 'audience'), text('Instructions', 'instructions'), text('Language', 'language'),
      text('Tone', 'tone'), { displayName: 'Word Count', name: 'word_count', type: 'number', default: 800 },
    ],
  },
  {
    name: 'Ticket', value: 'ticket', operation: { name: 'Create', value: 'create', action: 'Create a ticket' },
    path: '/tickets',
    required: [text('Subject', 'subject', { required: true }), choice('Inbox', 'inbox_id', 'inboxes')],
    optional: [{
      displayName: 'Priority', name: 'priority', type: 'options', default: 'normal',
      options: ['low', 'normal', 'high', 'urgent'].map((value) => ({
        name: value.charAt(0).toUpperCase() + value.slice(1), value,
      })),
    }],
  },
  {
    name: 'Event', value: 'event', operation: { name: 'Publish', value: 'publish', action: 'Publish an event' },
    path: '/events',
    required: [
      choice('Event Type', 'type', 'eventTypes'),
      { displayName: 'Data', name: 'data', type: 'json', default: '{}', required: true },
    ],
    optional: [text('ID', 'id', { description: 'Your own ID; publishing it again publishes nothing' })],
  },
];

const shownFor = (a: Action, p: INodeProperties): INodeProperties => ({
  ...p, displayOptions: { show: { resource: [a.value], operation: [a.operation.value] } },
});

const propertiesOf = (a: Action): INodeProperties[] => [
  {
    displayName: 'Operation', name: 'operation', type: 'options', noDataExpression: true,
    displayOptions: { show: { resource: [a.value] } }, options: [a.operation], default: a.operation.value,
  },
  ...a.required.map((p) => shownFor(a, p)),
  shownFor(a, {
    displayName: 'Additional Fields', name: 'additionalFields', type: 'collection', placeholder: 'Add Field',
    default: {}, options: a.optional,
  }),
];

export class Hookline implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Hookline',
    name: 'hookline',
    icon: 'file:hookline.svg',
    group: ['output'],
    version: 1,
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Creates leads, blog posts, tickets and events',
    defaults: { name: 'Hookline' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'hooklineApi', required: true }],
    properties: [
      {
        displayName: 'Resource', name: 'resource', type: 'options', noDataExpression: true,
        options: actions.map(({ name, value }) => ({ name, value })), default: 'lead',
      },
      ...actions.flatMap(propertiesOf),
    ],
  };

  methods = { loadOptions: { eventTypes, inboxes } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const out: INodeExecutionData[] = [];
    for (let item = 0; item < this.getInputData().length; item++) {
      try {
        const resource = this.getNodeParameter('resource', item) as string;
        const action = actions.find((a) => a.value === resource);
        if (!action) throw new NodeOperationError(this.getNode(), `There is no resource ${resource}.`);
        const json = await call(this, 'POST', action.path, bodyOf(this, action, item));
        out.push({ json, pairedItem: { item } });
      } catch (error) {
        if (!this.continueOnFail()) throw error;
        out.push({ json: { error: (error as Error).message }, pairedItem: { item } });
      }
    }
    return [out];
  }
}

function bodyOf(node: IExecuteFunctions, action: Action, item: number): IDataObject {
  const fields: IDataObject = { ...(node.getNodeParameter('additionalFields', item, {}) as IDataObject) };
  for (const { name } of action.required) fields[name] = node.getNodeParameter(name, item) as IDataObject;
  if (typeof fields.data === 'string') {
    try {
      fields.data = JSON.parse(fields.data) as IDataObject;
    } catch (error) {
      const message = `Data is no JSON: ${(error as Error).message}.`;
      throw new NodeOperationError(node.getNode(), message, { itemIndex: item });
    }
  }
  return filled(fields);
}
