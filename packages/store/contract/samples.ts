import { randomUUID } from 'node:crypto';
import type {
  Api,
  Application,
  CustomRule,
  DenyPolicy,
  Deployment,
  GatewayEnvironment,
  KeyMapping,
  Plan,
  Revision,
  SharedEndpoint,
  Subscription,
  User,
} from '@sluice/model';
import type { Artifact, OAuthClient, OrganizationStore, SigningKey } from '../store.ts';

/** A name that no other test uses, for tests that share a database. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

export const sampleApi = (organization: string, more: Partial<Api> = {}): Api => {
  const name = more.name ?? unique('Orders');
  return {
    id: randomUUID(),
    organization,
    name,
    version: '1.0.0',
    context: `/${name.toLowerCase()}`,
    provider: 'admin',
    type: 'HTTP',
    status: 'CREATED',
    isDefaultVersion: false,
    transport: ['https'],
    tags: [],
    policies: ['Gold'],
    apiThrottlingPolicy: null,
    securityScheme: ['oauth2'],
    visibility: 'PUBLIC',
    visibleRoles: [],
    accessControl: 'NONE',
    accessControlRoles: [],
    endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://localhost:1' } },
    endpointImplementationType: 'ENDPOINT',
    scopes: [],
    operations: [{ target: '/*', verb: 'GET', authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] }],
    keyManagers: ['all'],
    additionalProperties: [],
    hasThumbnail: false,
    more: {},
    createdTime: 1_700_000_000_000,
    updatedTime: 1_700_000_000_001,
    updatedBy: 'admin',
    ...more,
  };
};

export const sampleRevision = (api: Api, more: Partial<Revision> = {}): Omit<Revision, 'number'> => ({
  id: randomUUID(),
  apiId: api.id,
  description: 'first',
  createdTime: 1_700_000_000_002,
  createdBy: 'admin',
  api,
  definition: '{"openapi":"3.0.3"}',
  ...more,
});

export const sampleDeployment = (
  revision: Pick<Revision, 'apiId' | 'id'>,
  more: Partial<Deployment> = {},
): Deployment => ({
  apiId: revision.apiId,
  revisionId: revision.id,
  environment: 'Default',
  vhost: 'localhost',
  displayOnDevportal: true,
  deployedTime: 1_700_000_000_003,
  ...more,
});

export const sampleApplication = (organization: string, more: Partial<Application> = {}): Application => ({
  id: randomUUID(),
  organization,
  name: unique('Shop'),
  owner: 'dave',
  description: '',
  throttlingPolicy: 'Unlimited',
  tokenType: 'JWT',
  status: 'APPROVED',
  groups: [],
  visibility: 'PRIVATE',
  attributes: {},
  createdTime: 1_700_000_000_004,
  updatedTime: 1_700_000_000_004,
  ...more,
});

export const sampleKeyMapping = (application: Application, more: Partial<KeyMapping> = {}): KeyMapping => ({
  id: randomUUID(),
  applicationId: application.id,
  keyType: 'PRODUCTION',
  keyManager: 'Resident Key Manager',
  consumerKey: randomUUID(),
  state: 'COMPLETED',
  mode: 'CREATED',
  properties: { application_access_token_expiry_time: 3600 },
  ...more,
});

export const sampleSubscription = (
  api: Api,
  application: Application,
  more: Partial<Subscription> = {},
): Subscription => ({
  id: randomUUID(),
  organization: application.organization,
  apiId: api.id,
  applicationId: application.id,
  plan: 'Gold',
  requestedPlan: 'Gold',
  status: 'UNBLOCKED',
  subscriber: 'dave',
  createdTime: 1_700_000_000_005,
  updatedTime: 1_700_000_000_005,
  ...more,
});

export const samplePlan = (organization: string, more: Partial<Plan> = {}): Plan => ({
  id: randomUUID(),
  organization,
  kind: 'subscription',
  name: unique('Gold'),
  displayName: 'Gold',
  description: '',
  quota: { type: 'REQUESTCOUNTLIMIT', requestCount: 5000, timeUnit: 'min', unitTime: 1 },
  burst: null,
  stopOnQuotaReach: true,
  billingPlan: 'FREE',
  more: {},
  ...more,
});

export const sampleDenyPolicy = (organization: string, more: Partial<DenyPolicy> = {}): DenyPolicy => ({
  id: randomUUID(),
  organization,
  condition: { type: 'USER', value: unique('mallory') },
  enabled: true,
  ...more,
});

export const sampleSharedEndpoint = (organization: string, more: Partial<SharedEndpoint> = {}): SharedEndpoint => ({
  organization,
  id: randomUUID(),
  name: unique('orders'),
  description: '',
  parameters: [],
  endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://localhost:1' } },
  ...more,
});

export const sampleCustomRule = (organization: string, more: Partial<CustomRule> = {}): CustomRule => ({
  id: randomUUID(),
  organization,
  name: unique('Rule'),
  description: '',
  keyTemplate: '$userId',
  siddhiQuery: 'FROM RequestStream',
  enabled: true,
  ...more,
});

export const sampleEnvironment = (
  organization: string,
  more: Partial<GatewayEnvironment> = {},
): GatewayEnvironment => ({
  id: randomUUID(),
  organization,
  name: unique('Default'),
  displayName: 'Default',
  description: '',
  type: 'hybrid',
  vhosts: [{ host: 'localhost', httpPort: 8280, httpsPort: 8243, wsPort: 9099, wssPort: 8099, httpContext: '' }],
  ...more,
});

export const sampleUser = (organization: string, more: Partial<User> = {}): User => ({
  organization,
  name: unique('Dave'),
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  roles: ['Internal/subscriber'],
  createdTime: 1_700_000_000_006,
  ...more,
});

export const sampleClient = (organization: string, more: Partial<OAuthClient> = {}): OAuthClient => ({
  organization,
  clientId: randomUUID(),
  name: unique('dave_shop'),
  owner: 'dave',
  secret: 'sealed',
  grantTypes: ['client_credentials'],
  callbackUrl: '',
  scopes: ['default'],
  tokenType: 'JWT',
  properties: {},
  createdTime: 1_700_000_000_007,
  ...more,
});

export const sampleSigningKey = (more: Partial<SigningKey> = {}): SigningKey => ({
  kid: randomUUID(),
  algorithm: 'RS256',
  publicKey: { kty: 'RSA', e: 'AQAB' },
  privateKey: 'sealed',
  createdTime: 1_700_000_000_008,
  retiredTime: null,
  ...more,
});

export const sampleArtifact = (more: Partial<Artifact> = {}): Artifact => ({
  model: 'RefreshToken',
  id: randomUUID(),
  payload: { jti: 'x', active: true },
  grantId: null,
  userCode: null,
  uid: null,
  consumedTime: null,
  expiresAt: Date.now() + 60_000,
  ...more,
});

/** An API, its revision and deployment, an application with keys, and its subscription, all stored. */
export async function storeWholeTenant(store: OrganizationStore) {
  const { organization } = store;
  const api = sampleApi(organization);
  await store.apis.create(api, 'openapi: 3.0.3');
  const revision = await store.revisions.create(sampleRevision(api));
  const deployment = sampleDeployment(revision);
  await store.deployments.put(deployment);
  const application = sampleApplication(organization, { groups: ['sales'] });
  await store.applications.create(application);
  const mapping = sampleKeyMapping(application);
  await store.keyMappings.create(mapping);
  const subscription = sampleSubscription(api, application);
  await store.subscriptions.create(subscription);
  return { api, revision, deployment, application, mapping, subscription };
}
