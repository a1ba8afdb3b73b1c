import type { JsonObject } from '@sluice/model';
import { answers, type Behaviour, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { type Leaves, suspended } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { balance, type EndpointRules, failover } from '../site.ts';
import { passes, type World } from '../world.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => answers(name)) as [Behaviour, Behaviour, Behaviour];
const refused = suspended(101503);
const put = { method: 'PUT', body: 'hello' };

/** Starts backends that do this, or are gone where it says null. */
async function backends(world: World, ...does: readonly (Behaviour | null)[]) {
  const started = [];
  for (const [index, behaviour] of does.entries()) {
    const name = 'abc'[index] as string;
    started.push(await (behaviour ? world.backend(name, behaviour) : world.dead(name, answers(name))));
  }
  return started;
}

function by(name: string, leaves: Leaves = {}): Outcome {
  return answered(name, { [name]: 1 }, { leaves });
}

/** Which of the members got how many of so many calls. */
async function shares(world: World, calls: number): Promise<Readonly<Record<string, number>>> {
  const before = ['a', 'b', 'c'].map((name) => world.of(name).received.length);
  for (let count = 0; count < calls; count++) await world.asks({});
  return Object.fromEntries(
    ['a', 'b', 'c'].map((name, index) => [name, world.of(name).received.length - (before[index] as number)]),
  );
}

/** A primary that is given a rest, and what becomes of calls when it is over. */
const returning = (id: string, title: string, more: JsonObject, after: string): EndpointsCase => ({
  id: `groups/failover-${id}`,
  section: 'WSO2 4.6',
  title,
  async play(world) {
    const [primary] = await backends(world, null, b);
    await world.serve(failover([{ suspendDuration: '200' }, {}], more));
    const leaves = { 'prod[0]': suspended(101503, 200) };
    await world.call({}, by('b', leaves));
    await primary?.start();
    await passes(205);
    // A primary that nobody asks keeps the state that it has.
    await world.call({}, by(after, after === 'b' ? leaves : {}));
    await world.call({}, by(after, after === 'b' ? leaves : {}));
  },
});

const failovers: readonly EndpointsCase[] = [
  returning('dynamic', 'a dynamic group does not return to its primary', { dynamic: true }, 'a'),
  returning('static', 'a static group leaves a member that serves', { dynamic: false }, 'b'),
  {
    id: 'groups/failover-static-moves',
    section: 'WSO2 4.6',
    title: 'a static group stays with a member that is not ready',
    async play(world) {
      const [primary, second] = await backends(world, null, b);
      await world.serve(failover([{ suspendDuration: '100' }, {}], { dynamic: false }));
      await world.call({}, by('b', { 'prod[0]': suspended(101503, 100) }));
      await primary?.start();
      await passes(105);
      await second?.stop();
      await world.call({}, answered('a', { a: 1 }, { leaves: { 'prod.failover[0]': refused } }));
    },
  },
];

/** Codes after which another member is tried, or none. */
const retryCodes = (
  [
    ['disabled', { disabledErrorCodes: ['101503'] }, false],
    ['others-disabled', { disabledErrorCodes: ['101508'] }, true],
    ['enabled', { enabledErrorCodes: ['101503', '101504'] }, true],
    ['others-enabled', { enabledErrorCodes: ['101504'] }, false],
    ['disabled-first', { enabledErrorCodes: ['101503'], disabledErrorCodes: ['101503'] }, false],
  ] as const satisfies readonly (readonly [string, JsonObject, boolean])[]
).flatMap(([id, retryConfig, goesOn]): EndpointsCase[] =>
  (['failover', 'balance'] as const).map((kind) => ({
    id: `groups/${kind}-codes-${id}`,
    section: 'WSO2 4.4',
    title: 'a call goes on, or not, against the codes of the member that failed',
    async play(world) {
      await backends(world, null, b);
      await world.serve((kind === 'failover' ? failover : balance)([{ retryConfig }, {}]));
      const leaves = { 'prod[0]': refused };
      await world.call({}, goesOn ? by('b', leaves) : failed('backend-connection-refused', { received: {}, leaves }));
    },
  })),
);

/** Bodies of requests that may be sent twice. */
const bodies: readonly EndpointsCase[] = [
  ...(['PUT', 'DELETE'] as const).map(
    (method): EndpointsCase => ({
      id: `groups/body-${method.toLowerCase()}`,
      section: 'design 6',
      title: 'an idempotent request with a body does not go on to the next member, or goes on without its body',
      async play(world) {
        await backends(world, sends('', 'rst'), b);
        await world.serve(failover([{}, {}]));
        const outcome = answered('b', { a: 1, b: 1 }, { leaves: { 'prod[0]': refused } });
        await world.call({ method, body: 'hello' }, outcome);
        for (const name of ['a', 'b']) world.assertBody(name, 'hello');
      },
    }),
  ),
  ...(['POST', 'PATCH'] as const).map(
    (method): EndpointsCase => ({
      id: `groups/body-${method.toLowerCase()}`,
      section: 'design 6',
      title: 'a request that may have been done is sent again',
      async play(world) {
        await backends(world, sends('', 'rst'), b);
        await world.serve(failover([{}, {}]));
        const rest = { phase: 3, received: { a: 1 }, leaves: { 'prod[0]': refused } };
        await world.call({ method, body: 'hello' }, failed('backend-reset', rest));
      },
    }),
  ),
  {
    id: 'groups/body-too-large',
    section: 'design 6',
    title: 'a body beyond the bound is kept, or goes on in part',
    toml: { 'sluice.gateway.max_repeated_body': 10 },
    async play(world) {
      await backends(world, sends('', 'rst'), b);
      await world.serve(failover([{}, {}]));
      const rest = { phase: 3, received: { a: 1 }, leaves: { 'prod[0]': refused } };
      await world.call({ method: 'PUT', body: 'more than ten' }, failed('backend-reset', rest));
    },
  },
  {
    id: 'groups/body-twice',
    section: 'design 6',
    title: 'the third member gets another body than the first',
    async play(world) {
      await backends(world, sends('', 'rst'), sends('SSH-2.0\r\n\r\n', 'silence'), c);
      await world.serve(failover([{}, {}, {}]));
      const leaves = { 'prod[0]': refused, 'prod.failover[0]': suspended(101509) };
      await world.call(put, answered('c', { a: 1, b: 1, c: 1 }, { leaves }));
      world.assertBody('c', 'hello');
    },
  },
];

/** How members share calls. */
const algorithms: readonly EndpointsCase[] = [
  {
    id: 'groups/weights',
    section: 'WSO2 4.7',
    title: 'members do not get as many calls in a row as their weights say',
    async play(world) {
      await backends(world, a, b, c);
      await world.serve(weighted('WeightedRoundRobin', 3, 1, 2));
      for (const name of [...'aaabccaaabcc']) await world.call({}, by(name));
    },
  },
  {
    id: 'groups/weights-readiness',
    section: 'issue 4.4',
    title: 'a member that rests has its turns',
    async play(world) {
      await backends(world, a, null, c);
      await world.serve(weighted('WeightedRoundRobin', 2, 5, 1));
      await world.call({}, by('a'));
      await world.call({}, by('a'));
      const leaves = { 'prod[1]': refused };
      await world.call({}, answered('c', { c: 1 }, { leaves }));
      for (const name of [...'aacaac']) await world.call({}, by(name, leaves));
    },
  },
  ...(['WeightedRRLCAlgorithm', 'leastRequests'] as const).map(
    (algorithm): EndpointsCase => ({
      id: `groups/${algorithm === 'leastRequests' ? 'two-choices' : 'least-connections'}`,
      section: 'issue 4.4',
      title: 'a member that is busy gets as many calls as those that are not',
      async play(world) {
        await backends(world, a, b);
        await world.serve(weighted(algorithm, 1, 1));
        const held = await world.holdsAny();
        const other = held.name === 'a' ? 'b' : 'a';
        for (let count = 0; count < 4; count++) await world.call({}, by(other));
        await held.release();
      },
    }),
  ),
  ...(
    [
      ['header', { source: 'header', name: 'X-Customer' }, (value: string) => ({ headers: { 'X-Customer': value } })],
      [
        'cookie',
        { source: 'cookie', name: 'customer' },
        (value: string) => ({ headers: { Cookie: `customer=${value}` } }),
      ],
      ['query', { source: 'query', name: 'customer' }, (value: string) => ({ path: `/x?customer=${value}` })],
    ] as const
  ).map(
    ([id, hash, ask]): EndpointsCase => ({
      id: `groups/hash-${id}`,
      section: 'issue 4.4',
      title: 'calls of one customer go to several members, or those of all customers to one',
      async play(world) {
        await backends(world, a, b, c);
        await world.serve(balance([{}, {}, {}], { algoClassName: 'consistentHash', hash }));
        const homes = new Map<string, string>();
        for (let turn = 0; turn < 3; turn++) {
          for (let customer = 0; customer < 12; customer++) {
            const home = await world.asks(ask(`customer-${customer}`));
            assertHome(homes, `customer-${customer}`, home);
          }
        }
        assertSpread(homes, 2);
      },
    }),
  ),
  {
    id: 'groups/hash-member-rests',
    section: 'issue 4.4',
    title: 'a member that rests changes the home of customers that are not its own',
    async play(world) {
      await backends(world, a, b, c);
      await world.serve(balance([{}, {}, {}], { algoClassName: 'consistentHash', hash: byCustomer }));
      const homes = new Map<string, string>();
      for (let customer = 0; customer < 12; customer++) homes.set(`${customer}`, await world.asks(of(customer)));
      const gone = homes.get('0') as string;
      await world.of(gone).stop();
      for (let customer = 0; customer < 12; customer++) {
        const home = await world.asks(of(customer));
        if (homes.get(`${customer}`) !== gone) assertHome(homes, `${customer}`, home);
      }
    },
  },
];

const byCustomer = { source: 'header', name: 'X-Customer' };
const of = (customer: number) => ({ headers: { 'X-Customer': `${customer}` } });

function assertHome(homes: Map<string, string>, customer: string, home: string): void {
  const before = homes.get(customer) ?? home;
  homes.set(customer, before);
  if (before !== home) throw new Error(`${customer} was at ${before} and is at ${home}`);
}

function assertSpread(homes: ReadonlyMap<string, string>, least: number): void {
  const used = new Set(homes.values());
  if (used.size < least) throw new Error(`all customers are at ${[...used].join()}`);
}

function weighted(algorithm: string, ...weights: readonly number[]): JsonObject {
  const members = weights.map((weight, index) => ({ url: `{${'abc'[index]}}`, weight }));
  return balance([], { algoClassName: algorithm, production_endpoints: members });
}

/** A group within a group. */
function nested(inner: JsonObject, ...others: readonly string[]): JsonObject {
  return failover([], {
    production_endpoints: inner,
    production_failovers: others.map((name) => ({ url: `{${name}}`, endpoint_type: 'http' })),
  });
}

const pair: JsonObject = { endpoint_type: 'load_balance', members: [{ url: '{a}' }, { url: '{b}' }] };

const nesting: readonly EndpointsCase[] = [
  {
    id: 'groups/nested-in-turn',
    section: 'issue 4.4',
    title: 'the members of a group within a group do not take turns',
    async play(world) {
      await backends(world, a, b, c);
      await world.serve(nested(pair, 'c'));
      for (const name of [...'abab']) await world.call({}, by(name));
    },
  },
  {
    id: 'groups/nested-climbs',
    section: 'issue 4.4',
    title: 'a call leaves a group within a group before it has tried its members, or tries one of them twice',
    async play(world) {
      await backends(world, sends('', 'rst'), null, c);
      await world.serve(nested(pair, 'c'));
      const leaves = { 'prod[0][0]': refused, 'prod[0][1]': refused };
      await world.call({}, answered('c', { a: 1, c: 1 }, { leaves }));
      await world.call({}, by('c', leaves));
    },
  },
  {
    id: 'groups/nested-without-failover',
    section: 'WSO2 4.7',
    title: 'the group around a group without failover is not asked',
    async play(world) {
      await backends(world, null, b, c);
      await world.serve(nested({ ...pair, failOver: false }, 'c'));
      await world.call({}, by('c', { 'prod[0][0]': refused }));
      await world.call({}, by('b', { 'prod[0][0]': refused }));
    },
  },
];

/** What holds a storm of second attempts down. */
const budget: readonly EndpointsCase[] = [
  {
    id: 'groups/budget',
    section: 'issue 4.4',
    title: 'every call is sent again though the budget for it is spent',
    toml: { 'sluice.gateway.retry_share': 0, 'sluice.gateway.retry_floor': 2 },
    async play(world) {
      const never: EndpointRules = { suspendDuration: '0' };
      await backends(world, sends('', 'rst'), b);
      await world.serve(failover([never, never]));
      const [first, second] = [answered('b', { a: 1, b: 1 }), answered('b', { a: 1, b: 1 })];
      await world.startOfSecond();
      await world.call({}, first);
      await world.call({}, second);
      await world.call({}, failed('backend-reset', { phase: 3, received: { a: 1 }, leaves: {} }));
      await world.startOfSecond();
      await world.call({}, first);
    },
  },
  {
    id: 'groups/budget-unsent',
    section: 'issue 4.4',
    title: 'calls that never reached a backend are kept from the others by the budget',
    toml: { 'sluice.gateway.retry_share': 0, 'sluice.gateway.retry_floor': 0 },
    async play(world) {
      const never: EndpointRules = { suspendDuration: '0' };
      await backends(world, null, b);
      await world.serve(failover([never, never]));
      for (let count = 0; count < 4; count++) await world.call({}, by('b'));
    },
  },
  {
    id: 'groups/budget-none',
    section: 'issue 4.4',
    title: 'a call is sent again though none may be',
    toml: { 'sluice.gateway.retry_share': 0, 'sluice.gateway.retry_floor': 0 },
    async play(world) {
      await backends(world, sends('', 'fin'), b);
      await world.serve(failover([{}, {}]));
      const leaves = { 'prod[0]': suspended(101508) };
      await world.call({}, failed('backend-closed', { phase: 3, received: { a: 1 }, leaves }));
      await world.call({}, by('b', leaves));
    },
  },
];

/** Answers calls, and says of itself that it should not be asked. */
const unwell: Behaviour = {
  asked: (wire, request) =>
    (request.start.includes('/health') ? answers('no', { status: 503 }) : a).asked(wire, request),
};

/** Members that rest and are called all the same, or do not answer well. */
const health: readonly EndpointsCase[] = [
  {
    id: 'groups/panic',
    section: 'issue 4.4',
    title: 'a group with too few ready members does not call those that rest',
    async play(world) {
      const [first, second] = await backends(world, null, null, c);
      await world.serve(balance([{}, {}, {}], { panicThreshold: 100 }));
      const leaves = { 'prod[0]': refused, 'prod[1]': refused };
      await world.call({}, answered('c', { c: 1 }, { leaves }));
      await first?.start();
      await second?.start();
      const seen = new Set<string>();
      for (let count = 0; count < 6; count++) seen.add(await world.asks({}));
      if (seen.size < 3) throw new Error(`only ${[...seen].join()} were called`);
    },
  },
  {
    id: 'groups/panic-off',
    section: 'issue 4.4',
    title: 'a member that rests is called though nothing says so',
    async play(world) {
      const [first, second] = await backends(world, null, null, c);
      await world.serve(balance([{}, {}, {}]));
      const leaves = { 'prod[0]': refused, 'prod[1]': refused };
      await world.call({}, answered('c', { c: 1 }, { leaves }));
      await first?.start();
      await second?.start();
      for (let count = 0; count < 4; count++) await world.call({}, by('c', leaves));
    },
  },
  {
    id: 'groups/outlier',
    section: 'issue 4.4',
    title: 'a member that answers faults alone keeps its share of the calls, or does for ever',
    async play(world) {
      const [first] = await backends(world, answers('sorry', { status: 500 }), b);
      await world.serve(balance([{}, {}], { outlier: { failures: 2, duration: 400, most: 50 } }));
      const sorry = answered('sorry', { a: 1 }, { status: 500 });
      await world.call({}, sorry);
      await world.call({}, by('b'));
      const leaves = { 'prod[0]': suspended(503, 400) };
      await world.call({}, { ...sorry, leaves });
      for (let count = 0; count < 3; count++) await world.call({}, by('b', leaves));
      if (first) first.does = a;
      await passes(400);
      await world.call({}, by('a'));
    },
  },
  {
    id: 'groups/outlier-most',
    section: 'issue 4.4',
    title: 'all members are kept from calls because all of them answer faults',
    async play(world) {
      const sorry = answers('sorry', { status: 500 });
      await backends(world, sorry, sorry);
      await world.serve(balance([{}, {}], { outlier: { failures: 1, duration: 5000, most: 50 } }));
      const leaves = { 'prod[0]': suspended(503, 5000) };
      await world.call({}, answered('sorry', { a: 1 }, { status: 500, leaves }));
      for (let count = 0; count < 4; count++) {
        await world.call({}, answered('sorry', { b: 1 }, { status: 500, leaves }));
      }
    },
  },
  {
    id: 'groups/health-check',
    section: 'issue 4.4',
    title: 'a member that does not pass its checks gets calls, or gets none when it passes them again',
    async play(world) {
      const [first] = await backends(world, unwell, b);
      const healthCheck = { path: '/health', interval: 1000, timeout: 80, healthyAfter: 1, unhealthyAfter: 1 };
      await world.serve(balance([{}, {}], { healthCheck }));
      await world.untilResting('prod[0]');
      const seen = new Set<string>();
      for (let count = 0; count < 4; count++) seen.add(await world.asks({}));
      if (seen.has('a')) throw new Error('a member that is not well got a call');
      if (first) first.does = a;
      await world.untilResting();
      for (let count = 0; count < 4; count++) seen.add(await world.asks({}));
      if (!seen.has('a')) throw new Error('a member that is well again got no call');
    },
  },
  {
    id: 'groups/slow-member-suspended',
    section: 'WSO2 4.2',
    title: 'a silent member takes its share of the calls again and again',
    async play(world) {
      await backends(world, silent, b, c);
      await world.serve(balance([{ actionSelect: 'fault', actionDuration: '100' }, {}, {}]));
      const leaves = { 'prod[0]': suspended(101504) };
      await world.call({}, answered('b', { a: 1, b: 1 }, { leaves, after: 100 }));
      const { a: slow } = await shares(world, 6);
      if (slow !== 0) throw new Error(`the suspended member got ${slow} calls`);
    },
  },
];

export const groupCases: readonly EndpointsCase[] = [
  ...failovers,
  ...retryCodes,
  ...bodies,
  ...algorithms,
  ...nesting,
  ...budget,
  ...health,
];
