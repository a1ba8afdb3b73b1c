import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrganizationStore } from '../store.ts';
import type { Fixture } from './contract.ts';
import {
  sampleApi,
  sampleApplication,
  sampleClient,
  sampleCustomRule,
  sampleDenyPolicy,
  sampleDeployment,
  sampleEnvironment,
  sampleKeyMapping,
  samplePlan,
  sampleRevision,
  sampleSharedEndpoint,
  sampleSubscription,
  sampleUser,
  unique,
} from './samples.ts';

/** Every repository with every method, so that a new method does not compile until its isolation is shown here. */
type Probes = {
  [R in Exclude<keyof OrganizationStore, 'organization'>]: {
    [M in keyof OrganizationStore[R]]: (store: OrganizationStore, mark: string) => Promise<unknown>;
  };
};

const page = { offset: 0, limit: 100 };

/** The same ids, names and keys in every organization; only `mark` tells the rows apart. */
const rows = (organization: string, mark: string) => {
  const api = sampleApi(organization, {
    id: 'api',
    name: 'Orders',
    context: '/orders',
    description: mark,
    tags: ['t'],
    endpointConfig: { endpoint_type: 'indirect', production_endpoints: { key: 'Backend' } },
  });
  const application = sampleApplication(organization, { id: 'app', name: 'Shop', description: mark, groups: ['g'] });
  return {
    api,
    revision: sampleRevision(api, { id: 'revision', description: mark, definition: mark }),
    deployment: sampleDeployment({ apiId: 'api', id: 'revision' }, { vhost: mark }),
    application,
    mapping: sampleKeyMapping(application, { id: 'mapping', consumerKey: 'key', properties: { mark } }),
    subscription: sampleSubscription(api, application, { id: 'subscription', plan: mark }),
    plan: samplePlan(organization, { id: 'plan', name: 'Gold', description: mark }),
    denyPolicy: sampleDenyPolicy(organization, { id: 'deny', condition: { type: 'USER', value: mark } }),
    customRule: sampleCustomRule(organization, { id: 'rule', name: 'Rule', description: mark }),
    sharedEndpoint: sampleSharedEndpoint(organization, { id: 'endpoint', name: 'Backend', description: mark }),
    environment: sampleEnvironment(organization, { id: 'environment', name: 'Default', description: mark }),
    user: sampleUser(organization, { name: 'dave', passwordHash: mark }),
    client: sampleClient(organization, { clientId: 'client', name: 'client', secret: mark }),
    thumbnail: { mediaType: 'image/png', bytes: new TextEncoder().encode(mark) },
    event: { apiId: 'api', previous: null, next: 'CREATED', user: mark, time: 1 } as const,
  };
};

async function fill(store: OrganizationStore, mark: string): Promise<void> {
  const it = rows(store.organization, mark);
  await store.apis.create(it.api, mark);
  await store.apis.setThumbnail('api', it.thumbnail);
  await store.apis.appendHistory(it.event);
  await store.revisions.create(it.revision);
  await store.deployments.put(it.deployment);
  await store.applications.create(it.application);
  await store.keyMappings.create(it.mapping);
  await store.subscriptions.create(it.subscription);
  await store.plans.create(it.plan);
  await store.denyPolicies.create(it.denyPolicy);
  await store.customRules.create(it.customRule);
  await store.sharedEndpoints.create(it.sharedEndpoint);
  await store.environments.create(it.environment);
  await store.users.create(it.user);
  await store.clients.create(it.client);
}

const reads: { [R in keyof Probes]: Partial<Probes[R]> } = {
  apis: {
    get: (s) => s.apis.get('api'),
    find: (s) => s.apis.find('orders', '1.0.0'),
    versions: (s) => s.apis.versions('orders'),
    byContext: (s) => s.apis.byContext('/orders'),
    list: (s) => s.apis.list({ terms: [{ field: 'any', match: 'contains', value: 't' }] }, page),
    outline: (s) => s.apis.outline({ terms: [] }),
    definition: (s) => s.apis.definition('api'),
    thumbnail: async (s) => new TextDecoder().decode((await s.apis.thumbnail('api'))?.bytes),
    history: (s) => s.apis.history('api'),
  },
  revisions: {
    get: (s) => s.revisions.get('api', 'revision'),
    byNumber: (s) => s.revisions.byNumber('api', 1),
    list: (s) => s.revisions.list('api'),
  },
  deployments: {
    list: (s) => s.deployments.list('api'),
    all: (s) => s.deployments.all(),
    served: (s) => s.deployments.served('Default', page),
  },
  applications: {
    get: (s) => s.applications.get('app'),
    list: (s) => s.applications.list({ owner: 'dave', groupIds: ['g'] }, page),
  },
  keyMappings: {
    get: (s) => s.keyMappings.get('mapping'),
    byConsumerKey: (s) => s.keyMappings.byConsumerKey('key'),
    list: (s) => s.keyMappings.list('app'),
    all: (s) => s.keyMappings.all(page),
  },
  subscriptions: {
    get: (s) => s.subscriptions.get('subscription'),
    find: (s) => s.subscriptions.find('app', 'api'),
    list: (s) => s.subscriptions.list({ apiId: 'api' }, page),
  },
  plans: {
    get: (s) => s.plans.get('plan'),
    find: (s) => s.plans.find('subscription', 'Gold'),
    list: (s) => s.plans.list('subscription'),
    uses: (s) => s.plans.uses('application', 'Unlimited', 10),
  },
  denyPolicies: { get: (s) => s.denyPolicies.get('deny'), list: (s) => s.denyPolicies.list() },
  sharedEndpoints: {
    get: (s) => s.sharedEndpoints.get('endpoint'),
    find: (s) => s.sharedEndpoints.find('Backend'),
    list: (s) => s.sharedEndpoints.list(),
    uses: (s) => s.sharedEndpoints.uses('Backend'),
  },
  customRules: {
    get: (s) => s.customRules.get('rule'),
    find: (s) => s.customRules.find('Rule'),
    list: (s) => s.customRules.list(),
  },
  environments: { find: (s) => s.environments.find('Default'), list: (s) => s.environments.list() },
  users: { find: (s) => s.users.find('dave'), list: (s) => s.users.list(page) },
  clients: { get: (s) => s.clients.get('client'), findByName: (s) => s.clients.findByName('client') },
  feed: {},
};

/** In an order in which each finds what it changes; removals last, dependants first. */
const changes: Probes = {
  apis: {
    ...(reads.apis as Probes['apis']),
    create: (s, mark) => s.apis.create(sampleApi(s.organization, { id: mark }), mark),
    update: (s, mark) => s.apis.update(rows(s.organization, mark).api),
    setDefinition: (s, mark) => s.apis.setDefinition('api', mark),
    setThumbnail: (s) => s.apis.setThumbnail('api', null),
    appendHistory: (s, mark) => s.apis.appendHistory(rows(s.organization, mark).event),
    remove: async (s) => {
      await s.subscriptions.remove('subscription');
      return s.apis.remove('api');
    },
  },
  revisions: {
    ...(reads.revisions as Probes['revisions']),
    create: (s, mark) => s.revisions.create({ ...rows(s.organization, mark).revision, id: mark }),
    remove: (s, mark) => s.revisions.remove('api', mark),
  },
  deployments: {
    ...(reads.deployments as Probes['deployments']),
    put: (s, mark) => s.deployments.put(rows(s.organization, mark).deployment),
    remove: (s) => s.deployments.remove('api', 'Default'),
  },
  applications: {
    ...(reads.applications as Probes['applications']),
    create: (s, mark) => s.applications.create(sampleApplication(s.organization, { id: mark, groups: ['g'] })),
    update: (s, mark) => s.applications.update(rows(s.organization, mark).application),
    remove: (s) => s.applications.remove('app'),
  },
  keyMappings: {
    ...(reads.keyMappings as Probes['keyMappings']),
    create: (s, mark) =>
      s.keyMappings.create({ ...rows(s.organization, mark).mapping, id: mark, keyType: 'SANDBOX', consumerKey: mark }),
    update: (s, mark) => s.keyMappings.update(rows(s.organization, mark).mapping),
    remove: (s) => s.keyMappings.remove('mapping'),
  },
  subscriptions: {
    ...(reads.subscriptions as Probes['subscriptions']),
    create: (s, mark) => s.subscriptions.create({ ...rows(s.organization, mark).subscription, apiId: mark, id: mark }),
    update: (s, mark) => s.subscriptions.update(rows(s.organization, mark).subscription),
    remove: (s, mark) => s.subscriptions.remove(mark),
  },
  plans: {
    ...(reads.plans as Probes['plans']),
    create: (s, mark) => s.plans.create(samplePlan(s.organization, { id: mark })),
    update: (s, mark) => s.plans.update(rows(s.organization, mark).plan),
    remove: (s) => s.plans.remove('plan'),
  },
  denyPolicies: {
    ...(reads.denyPolicies as Probes['denyPolicies']),
    create: (s, mark) => s.denyPolicies.create(sampleDenyPolicy(s.organization, { id: mark })),
    update: (s, mark) => s.denyPolicies.update(rows(s.organization, mark).denyPolicy),
    remove: (s) => s.denyPolicies.remove('deny'),
  },
  sharedEndpoints: {
    ...(reads.sharedEndpoints as Probes['sharedEndpoints']),
    create: (s, mark) => s.sharedEndpoints.create(sampleSharedEndpoint(s.organization, { id: mark })),
    update: (s, mark) => s.sharedEndpoints.update(rows(s.organization, mark).sharedEndpoint),
    remove: (s) => s.sharedEndpoints.remove('endpoint'),
  },
  customRules: {
    ...(reads.customRules as Probes['customRules']),
    create: (s, mark) => s.customRules.create(sampleCustomRule(s.organization, { id: mark })),
    update: (s, mark) => s.customRules.update(rows(s.organization, mark).customRule),
    remove: (s) => s.customRules.remove('rule'),
  },
  environments: {
    ...(reads.environments as Probes['environments']),
    create: (s, mark) => s.environments.create(sampleEnvironment(s.organization, { name: mark })),
    update: (s, mark) => s.environments.update(rows(s.organization, mark).environment),
    remove: (s) => s.environments.remove('Default'),
  },
  users: {
    ...(reads.users as Probes['users']),
    create: (s, mark) => s.users.create(sampleUser(s.organization, { name: mark })),
    update: (s, mark) => s.users.update(rows(s.organization, mark).user),
    remove: (s) => s.users.remove('dave'),
  },
  clients: {
    ...(reads.clients as Probes['clients']),
    create: (s, mark) => s.clients.create(sampleClient(s.organization, { clientId: mark })),
    update: (s, mark) => s.clients.update(rows(s.organization, mark).client),
    remove: (s) => s.clients.remove('client'),
  },
  feed: {
    append: (s, mark) => s.feed.append({ environment: null, kind: 'plan', id: mark, value: null }),
  },
};

type Probe = (store: OrganizationStore, mark: string) => Promise<unknown>;

const calls = (probes: { [R in keyof Probes]: Partial<Probes[R]> }): [name: string, probe: Probe][] =>
  Object.entries(probes).flatMap(([repository, methods]) =>
    Object.entries(methods).map(([method, probe]): [string, Probe] => [`${repository}.${method}`, probe as Probe]),
  );

/** Everything that an organization can read, as one text. */
async function everything(store: OrganizationStore): Promise<string> {
  const parts: unknown[] = [];
  for (const [name, probe] of calls(reads)) parts.push([name, await probe(store, '')]);
  return JSON.stringify(parts, null, 1);
}

export function isolationContract(fixture: Fixture): void {
  test('two organizations with the same ids, names and keys neither see, nor change, nor remove each other’s', async () => {
    const [ours, theirs] = [fixture.store.organization(unique('org')), fixture.store.organization(unique('org'))];
    await fill(ours, 'mark-of-ours');
    await fill(theirs, 'mark-of-theirs');
    const before = await everything(theirs);
    assert.doesNotMatch(before, /mark-of-ours/);

    // Each method runs beside rows that it would hit if it forgot its scope.
    const removals = calls(changes).filter(([name]) => /\.(remove|setThumbnail)$/.test(name));
    const others = calls(changes).filter(([name]) => !removals.some(([removal]) => removal === name));
    const dependantsFirst = ['subscriptions', 'keyMappings', 'deployments', 'revisions', 'apis', 'applications'];
    const rank = ([name]: [string, Probe]): number => {
      const at = dependantsFirst.indexOf(name.split('.')[0] as string);
      return at < 0 ? dependantsFirst.length : at;
    };
    removals.sort((a, b) => rank(a) - rank(b));
    for (const [name, probe] of [...others, ...removals]) {
      const result = await probe(ours, 'changed-by-ours');
      assert.doesNotMatch(JSON.stringify(result) ?? '', /mark-of-theirs/, name);
      assert.notEqual(result, false, `${name} found nothing to change`);
      assert.equal(await everything(theirs), before, `${name} changed another organization`);
    }
    assert.doesNotMatch(await everything(ours), /mark-of/, 'everything of our own was changed or removed');
  });

  test('an organization that owns nothing reads and changes nothing, whatever ids it names', async () => {
    const owner = fixture.store.organization(unique('org'));
    const stranger = fixture.store.organization(unique('org'));
    await fill(owner, 'mark-of-owner');
    const before = await everything(owner);
    assert.doesNotMatch(await everything(stranger), /mark-of-owner/);
    for (const [name, probe] of calls(changes)) {
      if (/create|append|^feed/.test(name)) continue;
      const result = await probe(stranger, 'x').catch((error: Error) => error.name);
      assert.ok(result !== true, `${name} told a stranger that it changed something`);
    }
    assert.equal(await everything(owner), before);
  });

  test('every table of tenants has the organization in each of its keys', async () => {
    const tables = await fixture.database.tables();
    assert.ok(tables.length > 15);
    const ofTenants = tables.filter((table) => table.columns.includes('organization'));
    const ofInstallation = tables.filter((table) => !ofTenants.includes(table)).map((table) => table.name);
    assert.deepEqual(ofInstallation.sort(), [
      'artifact',
      'feed_head',
      'named_value',
      'revocation',
      'schema_version',
      'signing_key',
    ]);
    for (const { name, keys } of ofTenants) {
      // The feed is one sequence for the installation; its rows are reached by sequence only.
      if (name === 'event') continue;
      assert.ok(keys.length > 0, `${name} has no key`);
      for (const key of keys) assert.equal(key[0], 'organization', `${name} (${key.join()})`);
    }
  });
}
