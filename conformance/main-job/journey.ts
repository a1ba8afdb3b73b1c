import { RestClient } from './rest-client.ts';

export const publisher = '/api/am/publisher/v4';
export const devportal = '/api/am/devportal/v3';

/** The main job as a person does it: each function is one step, over the REST APIs. */
export interface Journey {
  readonly admin: RestClient;
  readonly control: string;
}

export function journey(control: string): Journey {
  return { admin: RestClient.basic(control), control };
}

/** Imports an OpenAPI description by file upload; resolves with the API. */
export async function importDescription(
  { admin }: Journey,
  description: string | Buffer,
  properties: Record<string, unknown>,
  filename = 'description.json',
) {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(Buffer.from(description))]), filename);
  form.set('additionalProperties', JSON.stringify(properties));
  const { json } = await admin.call('POST', `${publisher}/apis/import-openapi`, { form, expect: 201 });
  return json as {
    id: string;
    name: string;
    context: string;
    version: string;
    operations: { target: string; verb: string }[];
  };
}

/** An HTTP API with these operations, made without a description. */
export async function createApi({ admin }: Journey, api: Record<string, unknown>) {
  const { json } = await admin.post(`${publisher}/apis`, { policies: ['Unlimited'], ...api }, 201);
  return json as { id: string; name: string; context: string; version: string };
}

/** The `endpointConfig` of one production and sandbox backend. */
export function httpEndpoint(url: string, sandbox = url) {
  return { endpoint_type: 'http', production_endpoints: { url }, sandbox_endpoints: { url: sandbox } };
}

/** Makes a revision of the working copy and deploys it; resolves with the revision's id. */
export async function deploy({ admin }: Journey, apiId: string): Promise<string> {
  const revision = await admin.post(`${publisher}/apis/${apiId}/revisions`, { description: 'made by a test' }, 201);
  await deployRevision({ admin, control: '' }, apiId, revision.json.id);
  return revision.json.id;
}

export async function deployRevision({ admin }: Journey, apiId: string, revisionId: string): Promise<void> {
  await admin.post(
    `${publisher}/apis/${apiId}/deploy-revision?revisionId=${revisionId}`,
    [{ name: 'Default', vhost: 'localhost', displayOnDevportal: true }],
    201,
  );
}

export async function changeLifecycle({ admin }: Journey, apiId: string, action: string) {
  return admin.post(`${publisher}/apis/change-lifecycle?apiId=${apiId}&action=${encodeURIComponent(action)}`);
}

/** An application with keys of this type, subscribed to the API; resolves with what a developer then holds. */
export async function subscribe(
  { admin }: Journey,
  apiId: string,
  {
    name = `app-${crypto.randomUUID()}`,
    keyType = 'PRODUCTION',
    plan = 'Unlimited',
    applicationPlan = 'Unlimited',
  } = {},
) {
  const application = await admin.post(
    `${devportal}/applications`,
    { name, throttlingPolicy: applicationPlan, tokenType: 'JWT' },
    201,
  );
  const applicationId: string = application.json.applicationId;
  const subscription = await admin.post(
    `${devportal}/subscriptions`,
    { applicationId, apiId, throttlingPolicy: plan },
    201,
  );
  const keys = await admin.post(`${devportal}/applications/${applicationId}/generate-keys`, {
    keyType,
    grantTypesToBeSupported: ['client_credentials', 'password', 'refresh_token'],
    validityTime: 3600,
  });
  return {
    applicationId,
    subscriptionId: subscription.json.subscriptionId as string,
    keyMappingId: keys.json.keyMappingId as string,
    consumerKey: keys.json.consumerKey as string,
    consumerSecret: keys.json.consumerSecret as string,
  };
}

/** A token by the client credentials grant, as OAuth2 clients ask for it. */
export async function clientToken(
  { control }: Journey,
  { consumerKey, consumerSecret }: { consumerKey: string; consumerSecret: string },
  scope?: string,
): Promise<string> {
  const client = new RestClient(control, `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`);
  const { json } = await client.call('POST', '/oauth2/token', {
    urlencoded: { grant_type: 'client_credentials', ...(scope ? { scope } : {}) },
    expect: 200,
  });
  return json.access_token;
}
