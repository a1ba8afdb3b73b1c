import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { FeedEvent, FeedSnapshot } from '@sluice/model';
import fc from 'fast-check';
import { developer, type Portals, startPortals } from '../testing/portals.ts';
import { apiEntry } from './api-entry.ts';

/** What a gateway knows: entities by kind and id. */
type Picture = Map<string, unknown>;

const keyOf = ({ kind, id }: { kind: string; id: string }) => `${kind} ${id}`;

function begin(snapshot: FeedSnapshot): Picture {
  return new Map(snapshot.entries.map((entry) => [keyOf(entry), entry.value]));
}

function apply(picture: Picture, event: FeedEvent): void {
  if (event.value === null) picture.delete(keyOf(event));
  else picture.set(keyOf(event), event.value);
}

/**
 * The changes of one writer: applications come, subscribe, get keys, change and go; APIs are deployed, blocked and undeployed; plans and deny policies are
 * made, changed and removed.
 */
function writer(portals: Portals) {
  const as = developer;
  const post = (path: string, body: unknown) => portals.devportal('POST', path, { as, body });
  const applications: string[] = [];
  const subscriptions: string[] = [];
  const apis: string[] = [];
  const plans: string[] = [];
  const denials: string[] = [];
  const plan = (requestCount: number) => ({
    policyName: randomUUID(),
    defaultLimit: {
      type: 'REQUESTCOUNTLIMIT',
      requestCount: { timeUnit: 'min', unitTime: 1, requestCount: requestCount + 1 },
    },
  });
  const any = (list: string[], seed: number) => list[seed % Math.max(1, list.length)];

  const steps: ((seed: number) => Promise<unknown>)[] = [
    async () => {
      const made = await post('/applications', { name: randomUUID(), throttlingPolicy: 'Unlimited' });
      applications.push(made.body.applicationId);
    },
    async () => {
      const api = await portals.addApi();
      apis.push(api.id);
    },
    async (seed) => {
      const made = await post('/subscriptions', {
        ...{ applicationId: any(applications, seed), apiId: any(apis, seed >> 3) },
        throttlingPolicy: 'Gold',
      });
      if (made.status === 201) subscriptions.push(made.body.subscriptionId);
    },
    (seed) =>
      post(`/applications/${any(applications, seed)}/generate-keys`, {
        ...{ keyType: seed % 2 ? 'PRODUCTION' : 'SANDBOX', grantTypesToBeSupported: ['password'] },
      }),
    (seed) =>
      portals.devportal('PUT', `/applications/${any(applications, seed)}`, {
        ...{ as, body: { name: randomUUID(), throttlingPolicy: '10PerMin' } },
      }),
    (seed) =>
      portals.devportal('PUT', `/subscriptions/${any(subscriptions, seed)}`, {
        as,
        body: { applicationId: 'x', throttlingPolicy: 'Unlimited' },
      }),
    (seed) => portals.devportal('DELETE', `/subscriptions/${any(subscriptions, seed)}`, { as }),
    (seed) => portals.devportal('DELETE', `/applications/${any(applications, seed)}`, { as }),
    (seed) => portals.devportal('DELETE', `/applications/${any(applications, seed)}/keys/PRODUCTION/clean-up`, { as }),
    (seed) => deploy(portals, any(apis, seed)),
    (seed) => undeploy(portals, any(apis, seed)),
    () => portals.keyManager.revoke({ tokenId: randomUUID(), expiresAt: Date.now() + 60_000 }),
    async (seed) => {
      const path = '/throttling/policies/advanced';
      const [made] = plans;
      if (made === undefined) {
        const { body } = await portals.admin('POST', path, { body: plan(seed) });
        plans.push(body.policyId);
      } else if (seed % 2) await portals.admin('PUT', `${path}/${made}`, { body: plan(seed) });
      else await portals.admin('DELETE', `${path}/${plans.shift()}`);
    },
    async (seed) => {
      const body = { conditionType: 'USER', conditionValue: `user${seed % 5}` };
      const { body: made } = await portals.admin('POST', '/throttling/deny-policies', { body });
      if (made.conditionId) denials.push(made.conditionId);
      const path = `/throttling/deny-policy/${any(denials, seed)}`;
      if (seed % 3) await portals.admin('PATCH', path, { body: { conditionStatus: seed % 3 === 1 } });
      else await portals.admin('DELETE', path);
    },
  ];
  return (step: number, seed: number) => steps[step % steps.length]?.(seed);
}

async function deploy(portals: Portals, apiId: string | undefined): Promise<void> {
  await portals.store.transaction(async (tx) => {
    const organization = tx.organization('carbon.super');
    const api = apiId === undefined ? undefined : await organization.apis.get(apiId);
    const environment = await organization.environments.find('Default');
    if (!api || !environment) return;
    const revision = await organization.revisions.create({
      ...{
        id: randomUUID(),
        apiId: api.id,
        description: '',
        createdTime: 1,
        createdBy: 'admin',
        api,
        definition: '{}',
      },
    });
    const deployment = {
      ...{ apiId: api.id, revisionId: revision.id, environment: 'Default', vhost: 'localhost' },
      ...{ displayOnDevportal: true, deployedTime: 1 },
    };
    await organization.deployments.put(deployment);
    const { kind, id, value } = apiEntry(api, revision, deployment, environment);
    await organization.feed.append({ environment: 'Default', kind, id, value });
  });
}

async function undeploy(portals: Portals, apiId: string | undefined): Promise<void> {
  await portals.store.transaction(async (tx) => {
    const organization = tx.organization('carbon.super');
    if (apiId === undefined || !(await organization.deployments.remove(apiId, 'Default'))) return;
    await organization.feed.append({ environment: 'Default', kind: 'api', id: apiId, value: null });
  });
}

test('a snapshot taken at any moment and the events after it end in what the tables hold', async () => {
  const portals = await startPortals();
  const signal = new AbortController().signal;
  const source = portals.feed.source('Default');
  const step = fc.tuple(fc.nat(13), fc.nat(1000));
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), fc.nat(19), async (steps, at) => {
        const write = writer(portals);
        let taken: Promise<FeedSnapshot> | undefined;
        const running: Promise<unknown>[] = [];
        for (const [index, [which, seed]] of steps.entries()) {
          // Several writers at a time, and the snapshot in their midst.
          if (index === at) taken = source.snapshot(signal);
          running.push(Promise.resolve(write(which, seed)));
          if (index % 3 === 2) await Promise.all(running.splice(0));
        }
        await Promise.all(running);
        const snapshot = (await taken) as FeedSnapshot;
        const picture = begin(snapshot);
        for (const event of await portals.store.system.feed.after(snapshot.sequence, 'Default', 100_000))
          apply(picture, event);
        assert.deepEqual(sorted(picture), sorted(begin(await source.snapshot(signal))));
      }),
      { numRuns: 8 },
    );
  } finally {
    await portals.close();
  }
});

test('a gateway that is cut off again and again ends with the same picture, each event taken once and in order', async () => {
  const portals = await startPortals();
  const source = portals.feed.source('Default');
  try {
    const first = await source.snapshot(new AbortController().signal);
    const picture = begin(first);
    const follower = (async () => {
      let position = first.sequence;
      for (;;) {
        const cut = new AbortController();
        let left = 3;
        for await (const event of source.events(position, cut.signal)) {
          assert.ok(event.sequence > position, 'an event came twice or out of order');
          position = event.sequence;
          if (event.id === 'the end') return;
          apply(picture, event);
          if (--left === 0) cut.abort();
        }
      }
    })();
    const write = writer(portals);
    for (let index = 0; index < 60; index++) await write(index % 12, index * 7);
    await portals.store.transaction((tx) =>
      tx
        .organization('carbon.super')
        .feed.append({ environment: null, kind: 'revocation', id: 'the end', value: null }),
    );
    await follower;
    assert.deepEqual(sorted(picture), sorted(begin(await source.snapshot(new AbortController().signal))));
  } finally {
    await portals.close();
  }
});

function sorted(picture: Picture): [string, unknown][] {
  return [...picture].sort(([one], [other]) => (one < other ? -1 : 1));
}
