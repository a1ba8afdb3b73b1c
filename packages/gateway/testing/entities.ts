import type {
  DeployedApi,
  Endpoint,
  LeafEndpoint,
  Plan,
  PlanKind,
  Quota,
  RuntimeApplication,
  RuntimeEntry,
  RuntimeKey,
  RuntimeSubscription,
} from '@sluice/model';

/** A leaf endpoint with WSO2's defaults. */
export function leaf(url: string, overrides: Partial<Extract<Endpoint, { url: string }>> = {}): Endpoint {
  return {
    kind: 'http',
    name: 'prod',
    url,
    timeout: { duration: null, action: 'fault' },
    markForSuspension: { errorCodes: [], retriesBeforeSuspension: 0, retryDelay: 0 },
    suspendOnFailure: {
      errorCodes: [],
      initialDuration: null,
      maximumDuration: null,
      progressionFactor: 1,
      disabled: false,
    },
    security: null,
    format: null,
    optimize: null,
    ...overrides,
  };
}

/** Rules of an endpoint that never rests, for cases that let it fail again and again. */
export const tireless: Pick<LeafEndpoint, 'markForSuspension' | 'suspendOnFailure'> = {
  markForSuspension: { errorCodes: ['-1'], retriesBeforeSuspension: 0, retryDelay: 0 },
  suspendOnFailure: {
    errorCodes: ['-1'],
    initialDuration: 0,
    maximumDuration: 0,
    progressionFactor: 1,
    disabled: true,
  },
};

/** A published API `orders/1.0.0` that takes GET and POST on everything. */
export function deployedApi(overrides: Partial<DeployedApi> = {}): DeployedApi {
  return {
    id: 'api-1',
    revisionId: 'revision-1',
    organization: 'carbon.super',
    name: 'orders',
    version: '1.0.0',
    provider: 'admin',
    type: 'HTTP',
    status: 'PUBLISHED',
    basePath: '/orders/1.0.0',
    defaultBasePath: null,
    vhost: null,
    transport: ['http', 'https'],
    securityScheme: ['oauth2', 'oauth_basic_auth_api_key_mandatory'],
    authorizationHeader: 'Authorization',
    apiKeyHeader: 'ApiKey',
    apiThrottlingPolicy: null,
    keyManagers: ['all'],
    audiences: [],
    cors: null,
    operations: [operation('GET', '/*'), operation('POST', '/*')],
    endpoints: { production: null, sandbox: null },
    more: {},
    ...overrides,
  };
}

export function operation(
  verb: string,
  target: string,
  overrides: Partial<DeployedApi['operations'][number]> = {},
): DeployedApi['operations'][number] {
  return { verb, target, authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [], ...overrides };
}

export function application(overrides: Partial<RuntimeApplication> = {}): RuntimeApplication {
  return {
    id: 'app-1',
    organization: 'carbon.super',
    name: 'shop',
    owner: 'admin',
    plan: 'Unlimited',
    status: 'APPROVED',
    ...overrides,
  };
}

export function key(overrides: Partial<RuntimeKey> = {}): RuntimeKey {
  return {
    consumerKey: 'client-1',
    keyManager: 'Resident Key Manager',
    applicationId: 'app-1',
    keyType: 'PRODUCTION',
    ...overrides,
  };
}

export function subscription(overrides: Partial<RuntimeSubscription> = {}): RuntimeSubscription {
  return {
    id: 'subscription-1',
    apiId: 'api-1',
    applicationId: 'app-1',
    plan: 'Unlimited',
    status: 'UNBLOCKED',
    ...overrides,
  };
}

/** A plan that limits nothing. */
export function plan(kind: PlanKind, name: string, overrides: Partial<Plan> = {}): Plan {
  return {
    id: `${kind}-${name}`,
    organization: 'carbon.super',
    kind,
    name,
    displayName: name,
    description: '',
    quota: null,
    burst: null,
    stopOnQuotaReach: true,
    billingPlan: 'FREE',
    more: {},
    ...overrides,
  };
}

/** So many calls a minute. */
export function callsPerMinute(requestCount: number): Quota {
  return { type: 'REQUESTCOUNTLIMIT', requestCount, timeUnit: 'min', unitTime: 1 };
}

/** Places in the picture, with the ids that the feed gives them. */
export const entry = {
  api: (value: DeployedApi): RuntimeEntry => ({ kind: 'api', id: value.id, value }),
  application: (value: RuntimeApplication): RuntimeEntry => ({ kind: 'application', id: value.id, value }),
  key: (value: RuntimeKey): RuntimeEntry => ({ kind: 'key', id: `${value.keyManager}/${value.consumerKey}`, value }),
  subscription: (value: RuntimeSubscription): RuntimeEntry => ({
    kind: 'subscription',
    id: `${value.applicationId}/${value.apiId}`,
    value,
  }),
  plan: (value: Plan): RuntimeEntry => ({ kind: 'plan', id: value.id, value }),
};
