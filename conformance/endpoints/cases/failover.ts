import assert from 'node:assert/strict';
import { answers, type Behaviour, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { type Leaf, type Leaves, suspended, timedOut } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { codeOf } from '../reasons.ts';
import { type EndpointRules, failover } from '../site.ts';
import { outcomeOf, stage, type Trouble, troubles } from '../troubles.ts';
import { passes, type World } from '../world.ts';

const [first, second, third] = ['prod[0]', 'prod.failover[0]', 'prod.failover[1]'] as const;
const post = { method: 'POST', body: 'hello' };
const refused = suspended(101503);

/** Every trouble of the primary: the call goes on where it may be sent again, and nowhere else. */
const primary: readonly EndpointsCase[] = troubles.map((one) => ({
  id: `failover/${one.id}`,
  section: one.replayable ? 'WSO2 4.6' : 'design 6',
  title: one.replayable
    ? 'a call that may be sent again does not go on to the next member'
    : 'a call that may have been done is sent again',
  async play(world) {
    const url = await stage(world, 'a', one);
    await world.backend('b', answers('second'));
    const member = { endpoint_type: 'http', url };
    await world.serve(failover([{}, {}], { production_endpoints: member }));
    await world.call(one.ask, afterTrouble(one));
  },
}));

function afterTrouble(one: Trouble): Outcome {
  if (!one.replayable) return outcomeOf(one, first);
  const leaves = { [first]: suspended(codeOf(one.cause, one.phase)) };
  const received = { ...outcomeOf(one, first).received, b: 1 };
  return answered('second', received, { leaves, ...(one.fired ? { after: one.fired.millis } : {}) });
}

/** Three members that do this, or are gone where it says null. */
async function three(
  world: World,
  does: readonly (Behaviour | null)[],
  rules: readonly EndpointRules[] = [{}, {}, {}],
) {
  const names = ['a', 'b', 'c'].slice(0, does.length);
  const backends = [];
  for (const [index, name] of names.entries()) {
    const behaviour = does[index];
    backends.push(await (behaviour ? world.backend(name, behaviour) : world.dead(name, answers(name))));
  }
  await world.serve(failover(rules.slice(0, does.length)));
  return backends;
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => answers(name)) as [Behaviour, Behaviour, Behaviour];

function noneReady(leaves: Leaves, retryAfter: string): Outcome {
  const tells = 'Failover endpoint : prod - no ready child endpoints';
  return failed('no-endpoint-ready', { received: {}, leaves, retryAfter, tells });
}

const short: EndpointRules = { actionSelect: 'fault', actionDuration: '120' };
const within = { name: 'endpoint', millis: 120 } as const;

const stories: readonly EndpointsCase[] = [
  {
    id: 'failover/primary-alone',
    section: 'WSO2 4.6',
    title: 'a member behind one that is ready gets calls',
    async play(world) {
      await three(world, [a, b, c]);
      for (let count = 0; count < 6; count++) await world.call({}, answered('a', { a: 1 }));
    },
  },
  {
    id: 'failover/in-order',
    section: 'WSO2 4.6',
    title: 'members are tried in another order than the declared one',
    async play(world) {
      await three(world, [null, sends('', 'rst'), c]);
      const leaves = { [first]: refused, [second]: refused };
      await world.call({}, answered('c', { b: 1, c: 1 }, { leaves }));
      await world.call({}, answered('c', { c: 1 }, { leaves }));
    },
  },
  {
    id: 'failover/skips-suspended',
    section: 'WSO2 4.6',
    title: 'a suspended primary is asked again and again',
    async play(world) {
      const [primary] = await three(world, [sends('', 'rst'), b]);
      const leaves = { [first]: refused };
      await world.call({}, answered('b', { a: 1, b: 1 }, { leaves }));
      if (primary) primary.does = a;
      for (let count = 0; count < 3; count++) await world.call({}, answered('b', { b: 1 }, { leaves }));
      await world.call(post, answered('b', { b: 1 }, { leaves }));
    },
  },
  {
    id: 'failover/returns',
    section: 'WSO2 4.6',
    title: 'calls do not return to the primary when its rest is over',
    async play(world) {
      const [primary] = await three(world, [null, b], [{ suspendDuration: '300' }, {}]);
      const leaves = { [first]: suspended(101503, 300) };
      await world.call({}, answered('b', { b: 1 }, { leaves }));
      await primary?.start();
      await world.call({}, answered('b', { b: 1 }, { leaves }));
      await passes(300);
      await world.call({}, answered('a', { a: 1 }));
      await world.call({}, answered('a', { a: 1 }));
    },
  },
  {
    id: 'failover/primary-fails-again',
    section: 'WSO2 4.2, 4.6',
    title: 'the call that tries the primary again is lost when it fails',
    async play(world) {
      await three(world, [null, b], [{ suspendDuration: '200', factor: '2' }, {}]);
      for (const millis of [200, 400]) {
        await world.call({}, answered('b', { b: 1 }, { leaves: { [first]: suspended(101503, millis) } }));
        await world.call({}, answered('b', { b: 1 }, { leaves: { [first]: suspended(101503, millis) } }));
        await passes(millis + 5);
      }
    },
  },
  {
    id: 'failover/each-once',
    section: 'design 6',
    title: 'a member that failed and is not suspended is asked again in the same call',
    async play(world) {
      const never = { suspendDuration: '0' };
      await three(world, [sends('', 'rst'), sends('', 'fin'), sends('', 'rst')], [never, never, never]);
      for (let count = 0; count < 2; count++) {
        await world.call({}, failed('backend-reset', { phase: 3, received: { a: 1, b: 1, c: 1 }, leaves: {} }));
      }
    },
  },
  {
    id: 'failover/all-fail',
    section: 'WSO2 4.6',
    title: 'the fault that is told is not that of the member that was tried last',
    async play(world) {
      await three(world, [sends('', 'rst'), null, sends('', 'fin')]);
      const leaves = { [first]: refused, [second]: refused, [third]: suspended(101508) };
      await world.call({}, failed('backend-closed', { phase: 3, received: { a: 1, c: 1 }, leaves }));
    },
  },
  {
    id: 'failover/none-ready',
    section: 'WSO2 4.6',
    title: 'a group whose members all rest is told as one of them, or not how long they do',
    async play(world) {
      await three(world, [null, null], [{ suspendDuration: '9000' }, { suspendDuration: '4000' }]);
      const leaves = { [first]: suspended(101503, 9000), [second]: suspended(101503, 4000) };
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves }));
      await world.call({}, noneReady(leaves, '4'));
      await world.call(post, noneReady(leaves, '4'));
    },
  },
  {
    id: 'failover/none-ready-wso2',
    section: 'WSO2 2.6',
    title: 'the status of WSO2 is not given where it is asked for',
    toml: { 'sluice.compat.fault_status': 'wso2' },
    async play(world) {
      await three(world, [null, null]);
      const leaves = { [first]: refused, [second]: refused };
      await world.call({}, { ...failed('backend-connection-refused', { received: {}, leaves }), answer: 500 });
      await world.call({}, { ...noneReady(leaves, '30'), answer: 500 });
    },
  },
  {
    id: 'failover/last-one-tried',
    section: 'WSO2 4.6',
    title: 'a fault of the only ready member is told as "none ready"',
    async play(world) {
      await three(world, [null, sends('', 'fin')], [{}, { suspendDuration: '0' }]);
      const leaves = { [first]: refused };
      const outcome = failed('backend-closed', { phase: 3, received: { b: 1 }, leaves });
      await world.call({}, outcome);
      await world.call({}, outcome);
    },
  },
  {
    id: 'failover/post-unsent',
    section: 'design 6',
    title: 'a POST of which nothing was sent does not go on to the next member, or goes to two',
    async play(world) {
      await three(world, [null, null, c]);
      await world.call(post, answered('c', { c: 1 }, { leaves: { [first]: refused, [second]: refused } }));
      world.assertBody('c', 'hello');
    },
  },
  {
    id: 'failover/post-unsent-then-sent',
    section: 'design 6',
    title: 'a POST goes on from a member that had got it',
    async play(world) {
      await three(world, [null, sends('', 'rst'), c]);
      const leaves = { [first]: refused, [second]: refused };
      await world.call(post, failed('backend-reset', { phase: 3, received: { b: 1 }, leaves }));
    },
  },
  {
    id: 'failover/get-without-body',
    section: 'design 6',
    title: 'what goes to the next member is not what was asked for',
    async play(world) {
      await three(world, [sends('', 'rst'), b]);
      const ask = { path: '/orders/17?color=red', headers: { 'X-Case': 'kept' } };
      await world.call(ask, answered('b', { a: 1, b: 1 }, { leaves: { [first]: refused } }));
      world.assertSame('a', 'b');
    },
  },
  ...[500, 502, 503, 504].map(
    (status): EndpointsCase => ({
      id: `failover/status-${status}`,
      section: 'WSO2 4.6',
      title: 'an answer that tells of a fault leads to another member',
      async play(world) {
        await three(world, [answers('sorry', { status }), b]);
        await world.call({}, answered('sorry', { a: 1 }, { status }));
        await world.call({}, answered('sorry', { a: 1 }, { status }));
      },
    }),
  ),
  {
    id: 'failover/answer-cut',
    section: 'WSO2 2.3',
    title: 'an answer that breaks off is mixed with that of another member',
    async play(world) {
      await three(world, [sends('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell', 'rst'), b]);
      await world.call({}, { ...answered('hell', { a: 1 }), answer: 'cut' });
    },
  },
  {
    id: 'failover/durations-add-up',
    section: 'WSO2 3',
    title: 'the second member has less than its own duration',
    async play(world) {
      await three(world, [silent, silent], [short, short]);
      const leaves = { [first]: suspended(101504), [second]: suspended(101504) };
      const received = { a: 1, b: 1 };
      await world.call({}, failed('endpoint-timeout', { fired: within, after: 240, received, leaves }));
    },
  },
  {
    id: 'failover/discard-goes-on',
    section: 'WSO2 3',
    title: 'a member whose timeouts are dropped takes a call away from the others',
    async play(world) {
      await three(world, [silent, b], [{ ...short, actionSelect: 'discard' }, {}]);
      await world.call({}, answered('b', { a: 1, b: 1 }, { leaves: { [first]: suspended(101504) }, after: 120 }));
    },
  },
  {
    id: 'failover/discard-last',
    section: 'WSO2 3',
    title: 'the action of the member that was tried last is not that of the call',
    async play(world) {
      await three(world, [silent, silent], [short, { ...short, actionSelect: 'discard' }]);
      const leaves = { [first]: suspended(101504), [second]: suspended(101504) };
      const received = { a: 1, b: 1 };
      await world.call(
        {},
        failed('endpoint-timeout', { answer: 'closed', fired: within, after: 240, received, leaves }),
      );
    },
  },
  {
    id: 'failover/retries-count',
    section: 'WSO2 4.2, 4.6',
    title: 'timeouts that are forgiven keep a call from the other members',
    async play(world) {
      await three(world, [silent, b], [{ ...short, retryTimeOut: '1' }, {}]);
      const after = 120;
      const received = { a: 1, b: 1 };
      const once: Leaf = timedOut(101504, 0);
      await world.call({}, answered('b', received, { leaves: { [first]: once }, after }));
      await world.call({}, answered('b', received, { leaves: { [first]: suspended(101504) }, after }));
      await world.call({}, answered('b', { b: 1 }, { leaves: { [first]: suspended(101504) } }));
    },
  },
  {
    id: 'failover/client-gone',
    section: 'design 6',
    title: 'a call whose client is gone is sent to the other members',
    async play(world) {
      const [primary, other] = await three(world, [silent, b]);
      await world.abandons('a');
      if (primary) primary.does = a;
      await world.call({}, answered('a', { a: 1 }));
      assert.equal(other?.received.length, 0);
    },
  },
];

export const failoverCases: readonly EndpointsCase[] = [...primary, ...stories];
