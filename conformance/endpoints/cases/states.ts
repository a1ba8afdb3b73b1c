import { answers, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { type Leaf, suspended, timedOut } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { prompt } from '../settings.ts';
import { type EndpointRules, http } from '../site.ts';
import { passes, type World } from '../world.ts';

const answering = answers('done');
const done = () => answered('done', { a: 1 });

/** Nothing listens at the backend. */
function refused(leaf: Leaf): Outcome {
  return failed('backend-connection-refused', { received: {}, leaves: { prod: leaf } });
}

/** The leaf is not ready: nobody is asked. */
function notReady(leaf: Leaf, retryAfter: string | null, state = 'SUSPENDED'): Outcome {
  const tells = `Currently, HTTP endpoint : [ Name : prod ] [ State : ${state} ]`;
  return failed('http-endpoint-not-ready', { received: {}, leaves: { prod: leaf }, retryAfter, tells });
}

/** The duration of the endpoint is over. */
function late(leaf: Leaf, millis = short): Outcome {
  return failed('endpoint-timeout', {
    fired: { name: 'endpoint', millis },
    received: { a: 1 },
    leaves: { prod: leaf },
  });
}

/** Milliseconds of a duration, and of a rest, which cases wait for. */
const [short, rest] = [100, 250];

const timesOut: EndpointRules = { actionSelect: 'fault', actionDuration: String(short) };

/** One leaf with these rules before a backend that is gone. */
async function before(world: World, config: EndpointRules, does = answering) {
  const backend = await world.dead('a', does);
  await world.serve(http(config));
  return backend;
}

/** The same before one that says nothing. */
async function beforeSilence(world: World, config: EndpointRules) {
  const backend = await world.backend('a', silent);
  await world.serve(http({ ...timesOut, ...config }));
  return backend;
}

/** Rests: how long the first ones are, failure after failure. */
const rests = (id: string, config: EndpointRules, title: string, ...millis: readonly number[]): EndpointsCase => ({
  id: `states/rest-${id}`,
  section: 'WSO2 4.2',
  title,
  async play(world) {
    await before(world, config);
    for (const one of millis) {
      await world.call({}, refused(suspended(101503, one)));
      if (one > 1000) return;
      await passes(one + 5);
    }
  },
});

const durations: readonly EndpointsCase[] = [
  rests('usual', {}, 'a leaf without rules is not given the usual rest', 30_000),
  rests('constant', { suspendDuration: '60' }, 'a rest grows though nothing says so', 60, 60, 60),
  rests('grows', { suspendDuration: '40', factor: '2' }, 'a rest does not grow', 40, 80, 160, 320),
  rests(
    'most',
    { suspendDuration: '40', factor: '3', suspendMaxDuration: '200' },
    'a rest grows without end',
    40,
    120,
    200,
    200,
  ),
  rests(
    'most-first',
    { suspendDuration: '400', suspendMaxDuration: '50' },
    'the first rest is longer than the longest',
    50,
    50,
  ),
  rests('whole', { suspendDuration: '33', factor: '1.5' }, 'a rest is rounded up', 33, 49, 73),
  rests('shrinks', { suspendDuration: '160', factor: '0.5' }, 'a factor below 1 lets rests grow', 160, 80, 40),
  rests(
    'usual-most',
    { suspendMaxDuration: '20000' },
    'the longest rest is not that of a leaf without a first one',
    20_000,
  ),
];

const stories: readonly EndpointsCase[] = [
  {
    id: 'states/suspended',
    section: 'WSO2 4.3',
    title: 'a suspended leaf is asked all the same, or for longer than it is suspended',
    async play(world) {
      const backend = await before(world, { suspendDuration: String(rest) });
      await world.call({}, refused(suspended(101503, rest)));
      await backend.start();
      await world.call({}, notReady(suspended(101503, rest), '1'));
      await world.call({ method: 'POST', body: 'hello' }, notReady(suspended(101503, rest), '1'));
      await passes(rest);
      await world.call({}, done());
      await world.call({}, done());
    },
  },
  {
    id: 'states/suspended-30s',
    section: 'issue 4.6',
    title: 'a client is not told when to come again',
    async play(world) {
      await before(world, {});
      await world.call({}, refused(suspended(101503)));
      await world.call({}, notReady(suspended(101503), '30'));
    },
  },
  {
    id: 'states/suspended-wso2',
    section: 'WSO2 2.6',
    title: 'the status of WSO2 is not given where it is asked for',
    toml: { 'sluice.compat.fault_status': 'wso2' },
    async play(world) {
      await before(world, {});
      await world.call({}, { ...refused(suspended(101503)), answer: 500 });
      await world.call({}, { ...notReady(suspended(101503), '30'), answer: 500 });
    },
  },
  {
    id: 'states/suspended-address',
    section: 'WSO2 2.6',
    title: 'an address endpoint is told as one of kind http',
    async play(world) {
      await world.dead('a', answering);
      await world.serve({ endpoint_type: 'address', production_endpoints: { url: '{a}' } });
      await world.call({}, refused(suspended(101503)));
      const tells = 'Currently , Address endpoint : [ Name : prod ] [ State : SUSPENDED ]';
      const leaves = { prod: suspended(101503) };
      await world.call({}, failed('address-endpoint-not-ready', { received: {}, leaves, retryAfter: '30', tells }));
    },
  },
  {
    id: 'states/probe-fails',
    section: 'WSO2 4.2',
    title: 'the call that tries a leaf again does not suspend it again when it fails',
    async play(world) {
      const backend = await before(world, { suspendDuration: '80', factor: '3' });
      await world.call({}, refused(suspended(101503, 80)));
      await passes(85);
      await world.call({}, refused(suspended(101503, 240)));
      await world.call({}, notReady(suspended(101503, 240), '1'));
      await passes(240);
      await backend.start();
      await world.call({}, done());
    },
  },
  {
    id: 'states/answer-resets',
    section: 'WSO2 4.2',
    title: 'rests go on growing after an answer',
    async play(world) {
      const backend = await before(world, { suspendDuration: '60', factor: '3' });
      await world.call({}, refused(suspended(101503, 60)));
      await passes(65);
      await world.call({}, refused(suspended(101503, 180)));
      await passes(185);
      await backend.start();
      await world.call({}, done());
      await backend.stop();
      // The kept connection is gone too.
      await world.call({ method: 'POST', body: 'x' }, refused(suspended(101503, 60)));
    },
  },
  {
    id: 'states/answer-500-resets',
    section: 'WSO2 4.2',
    title: 'an answer that tells of a fault keeps its leaf suspended',
    async play(world) {
      const backend = await before(world, { suspendDuration: '60' }, answers('sorry', { status: 503 }));
      await world.call({}, refused(suspended(101503, 60)));
      await passes(65);
      await backend.start();
      await world.call({}, answered('sorry', { a: 1 }, { status: 503 }));
      await world.call({}, answered('sorry', { a: 1 }, { status: 503 }));
    },
  },
  {
    id: 'states/many-probes',
    section: 'WSO2 4.2',
    title: 'one call tries a leaf again and the others are turned away',
    async play(world) {
      const backend = await before(world, { suspendDuration: '60' });
      await world.call({}, refused(suspended(101503, 60)));
      await passes(65);
      await backend.start();
      const [first, second] = [await world.holds('a'), await world.holds('a')];
      await second();
      await first();
      await world.call({}, done());
    },
  },
  {
    id: 'states/late-answer',
    section: 'WSO2 4.2',
    title: 'an answer to a call that began before the leaf was suspended is forgotten',
    async play(world) {
      const backend = await world.backend('a', answering);
      await world.serve(http());
      const release = await world.holds('a');
      backend.does = sends('', 'rst');
      await world.call(
        {},
        failed('backend-reset', { phase: 3, received: { a: 1 }, leaves: { prod: suspended(101503) } }),
      );
      await release();
      backend.does = answering;
      await world.call({}, done());
    },
  },
  {
    id: 'states/client-gone',
    section: 'WSO2 4.2',
    title: 'a client that goes away suspends the leaf that had its call',
    async play(world) {
      const backend = await world.backend('a', silent);
      await world.serve(http());
      await world.abandons('a');
      backend.does = answering;
      await world.call({}, done());
    },
  },
];

const codes = (
  [
    ['suspend-others', { suspendErrorCode: ['101504', '101507'] }, 'active'],
    ['suspend-listed', { suspendErrorCode: ['101504', '101503'] }, suspended(101503)],
    ['suspend-numbers', { suspendErrorCode: [101503] }, suspended(101503)],
    ['suspend-none', { suspendErrorCode: ['-1'] }, 'active'],
    ['suspend-none-among', { suspendErrorCode: ['-1', '101503'] }, suspended(101503)],
    ['mark-listed', { retryErroCode: ['101503'], retryTimeOut: '1' }, timedOut(101503, 0)],
    ['mark-first', { retryErroCode: ['101503'], suspendErrorCode: ['101503'], retryTimeOut: '2' }, timedOut(101503, 1)],
    ['mark-no-retries', { retryErroCode: ['101503'], suspendErrorCode: ['-1'] }, suspended(101503)],
    ['mark-others', { retryErroCode: ['101504'], suspendErrorCode: ['101504'], retryTimeOut: '2' }, 'active'],
    ['mark-none', { retryErroCode: ['-1'], retryTimeOut: '5' }, suspended(101503)],
    ['none-at-all', { retryErroCode: ['-1'], suspendErrorCode: ['-1'] }, 'active'],
    ['off', { suspendDuration: '0' }, 'active'],
    ['off-with-codes', { suspendDuration: 0, suspendErrorCode: ['101503'], retryErroCode: ['101503'] }, 'active'],
  ] as const satisfies readonly (readonly [string, EndpointRules, Leaf])[]
).map(
  ([id, config, leaf]): EndpointsCase => ({
    id: `states/codes-${id}`,
    section: 'WSO2 4.2, 5.2',
    title: 'a fault changes the state of a leaf against its lists of codes',
    async play(world) {
      const backend = await before(world, config);
      await world.call({}, refused(leaf));
      if (leaf !== 'active') return;
      // It is asked as if nothing had been.
      await world.call({}, refused(leaf));
      await backend.start();
      await world.call({}, done());
    },
  }),
);

/** The same for the codes of time. */
const timeoutCodes: readonly EndpointsCase[] = [
  ...(
    [
      ['usual', {}, suspended(101504)],
      ['retries', { retryTimeOut: '1' }, timedOut(101504, 0)],
      ['suspend-others', { suspendErrorCode: ['101503'] }, suspended(101504)],
      ['suspend-none', { suspendErrorCode: ['-1'] }, suspended(101504)],
      ['mark-none', { retryErroCode: ['-1'], retryTimeOut: '3' }, suspended(101504)],
      ['none-at-all', { retryErroCode: ['-1'], suspendErrorCode: ['-1'] }, 'active'],
      ['off', { suspendDuration: '0' }, 'active'],
    ] as const satisfies readonly (readonly [string, EndpointRules, Leaf])[]
  ).map(
    ([id, config, leaf]): EndpointsCase => ({
      id: `states/timeout-${id}`,
      section: 'WSO2 4.2',
      title: 'the end of a duration changes the state of a leaf against its lists of codes',
      async play(world) {
        await beforeSilence(world, config);
        await world.call({}, late(leaf));
      },
    }),
  ),
  {
    id: 'states/silence-is-no-timeout',
    section: 'WSO2 2.4, 4.2',
    title: 'a silent backend (101507) is forgiven though its code is not among those of timeouts',
    async play(world) {
      await world.backend('a', silent);
      await world.serve(http({ retryTimeOut: '5' }));
      const fired = { name: 'first-byte', millis: prompt.socket } as const;
      const leaves = { prod: suspended(101507) };
      await world.call({}, failed('backend-socket-timeout', { phase: 3, fired, received: { a: 1 }, leaves }));
    },
  },
  {
    id: 'states/closed-is-no-timeout',
    section: 'WSO2 2.4, 4.2',
    title: 'a backend that closes after the request (101508) is forgiven as one that closes before it',
    async play(world) {
      await world.backend('a', sends('', 'fin'));
      await world.serve(http({ retryTimeOut: '5' }));
      const leaves = { prod: suspended(101508) };
      await world.call({}, failed('backend-closed', { phase: 3, received: { a: 1 }, leaves }));
    },
  },
];

const retries: readonly EndpointsCase[] = [
  {
    id: 'states/retries',
    section: 'WSO2 4.2',
    title: 'more or fewer timeouts than allowed come before a suspension',
    async play(world) {
      await beforeSilence(world, { retryTimeOut: '2', suspendDuration: '5000' });
      await world.call({}, late(timedOut(101504, 1)));
      await world.call({}, late(timedOut(101504, 0)));
      await world.call({}, late(suspended(101504, 5000)));
      await world.call({}, notReady(suspended(101504, 5000), '5'));
    },
  },
  {
    id: 'states/retry-delay',
    section: 'WSO2 4.2',
    title: 'a leaf that timed out is asked before its delay is over, or not after it',
    async play(world) {
      const backend = await beforeSilence(world, { retryTimeOut: '1', retryDelay: String(rest) });
      await world.call({}, late(timedOut(101504, 0)));
      backend.does = answering;
      await world.call({}, notReady(timedOut(101504, 0), '1', 'TIMEOUT'));
      await passes(rest);
      await world.call({}, done());
    },
  },
  {
    id: 'states/retries-reset',
    section: 'WSO2 4.2',
    title: 'an answer does not give a leaf its retries back',
    async play(world) {
      const backend = await beforeSilence(world, { retryTimeOut: '1' });
      await world.call({}, late(timedOut(101504, 0)));
      backend.does = answering;
      await world.call({}, done());
      backend.does = silent;
      await world.call({}, late(timedOut(101504, 0)));
      await world.call({}, late(suspended(101504)));
    },
  },
  {
    id: 'states/retries-after-rest',
    section: 'WSO2 4.2',
    title: 'a leaf that was suspended is forgiven further timeouts before it has answered',
    async play(world) {
      await beforeSilence(world, { retryTimeOut: '1', suspendDuration: '60', factor: '2' });
      await world.call({}, late(timedOut(101504, 0)));
      await world.call({}, late(suspended(101504, 60)));
      await passes(65);
      await world.call({}, late(suspended(101504, 120)));
    },
  },
  {
    id: 'states/other-fault-between',
    section: 'WSO2 4.2',
    title: 'a fault that is no timeout is forgiven because timeouts are',
    async play(world) {
      const backend = await beforeSilence(world, { retryTimeOut: '3' });
      await world.call({}, late(timedOut(101504, 2)));
      backend.does = sends('', 'rst');
      const leaves = { prod: suspended(101503) };
      await world.call({}, failed('backend-reset', { phase: 3, received: { a: 1 }, leaves }));
    },
  },
  {
    id: 'states/discard-suspends',
    section: 'WSO2 3',
    title: 'a timeout whose call is dropped does not count for its leaf',
    async play(world) {
      await beforeSilence(world, { actionSelect: 'discard', retryTimeOut: '1' });
      await world.call({}, { ...late(timedOut(101504, 0)), answer: 'closed' });
      await world.call({}, { ...late(suspended(101504)), answer: 'closed' });
      await world.call({}, notReady(suspended(101504), '30'));
    },
  },
];

/** What a deployment does to states. */
const deployments: readonly EndpointsCase[] = [
  ...(
    [
      ['same', {}, {}, true],
      ['other-duration', {}, { actionSelect: 'fault', actionDuration: '4000' }, false],
      ['other-rules', {}, { suspendDuration: '70' }, false],
      ['other-codes', {}, { suspendErrorCode: ['101503'] }, false],
    ] as const satisfies readonly (readonly [string, EndpointRules, EndpointRules, boolean])[]
  ).map(
    ([id, config, next, stays]): EndpointsCase => ({
      id: `states/deploy-${id}`,
      section: 'issue 4.3',
      title: 'a deployment wakes a leaf that it does not change, or leaves one suspended by rules that are gone',
      async play(world) {
        const backend = await before(world, config);
        await world.call({}, refused(suspended(101503)));
        await world.serve(http(next));
        await backend.start();
        await world.call({}, stays ? notReady(suspended(101503), '30') : done());
      },
    }),
  ),
  {
    id: 'states/deploy-other-address',
    section: 'issue 4.3',
    title: 'a leaf that leads elsewhere stays suspended for what its former backend did',
    async play(world) {
      await before(world, {});
      await world.call({}, refused(suspended(101503)));
      await world.backend('b', answering);
      await world.serve(http({}, { production_endpoints: { url: '{b}' } }));
      await world.call({}, answered('done', { b: 1 }));
    },
  },
  {
    id: 'states/deploy-removed',
    section: 'issue 4.3',
    title: 'an API that comes back has the states of one that is gone',
    async play(world) {
      const backend = await before(world, {});
      await world.call({}, refused(suspended(101503)));
      await world.withdraw();
      await backend.start();
      await world.serve(http());
      await world.call({}, done());
    },
  },
];

export const stateCases: readonly EndpointsCase[] = [
  ...durations,
  ...stories,
  ...codes,
  ...timeoutCodes,
  ...retries,
  ...deployments,
];
