import type {
  IDataObject, IExecuteFunctions, IHookFunctions, IHttpRequestMethods, ILoadOptionsFunctions, INodePropertyOptions,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

export type Caller = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions;

interface Refusal {
  error?: { code: string; message: string; details?: Array<{ field: string; message: string }>; request_id: string };
}

/** Calls an operation of the API. An error names every problem that the API names. */
export async function call<T = IDataObject>(
  caller: Caller, method: IHttpRequestMethods, path: string, body?: IDataObject, query?: IDataObject,
): Promise<T> {
  const { baseUrl } = await caller.getCredentials('hooklineApi');
  const response = await caller.helpers.httpRequestWithAuthentication.call(caller, 'hooklineApi', {
    method,
    url: `${String(baseUrl).replace(/\/+$/, '')}/api/v1${path}`,
    json: true,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    ...(body && { body }),
    ...(query && { qs: query }),
  }) as { statusCode: number; body: T & Refusal };
  if (response.statusCode < 400) return response.body;
  const refusal = response.body?.error;
  const message = refusal
    ? refusal.message
    : `The server answered ${response.statusCode} and is no Hookline API. Check the URL of the credential.`;
  const details = (refusal?.details ?? []).map((d) => `${d.field} ${d.message}.`);
  throw new NodeApiError(caller.getNode(), { ...refusal } as unknown as JsonObject, {
    message: [message, ...details].join(' '),
    description: refusal ? `Request ${refusal.request_id}` : '',
    httpCode: String(response.statusCode),
  });
}

interface Listed {
  data: Array<{ id: string; name: string; type: string }>;
}

/** Choices of event types, with * for all. */
export async function eventTypes(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const { data } = await call<Listed>(this, 'GET', '/event-types');
  return [{ name: 'All', value: '*' }, ...data.map((t) => ({ name: t.type, value: t.type }))];
}

/** Choices of inboxes. */
export async function inboxes(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const { data } = await call<Listed>(this, 'GET', '/inboxes', undefined, { per_page: 100 });
  return data.map(({ id, name }) => ({ name, value: id }));
}

/** The fields that have a value. */
export function filled(fields: IDataObject): IDataObject {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== '' && v !== undefined && v !== null));
}
