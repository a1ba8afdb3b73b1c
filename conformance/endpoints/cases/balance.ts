import { answers, type Behaviour, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { type Leaves, suspended } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { codeOf } from '../reasons.ts';
import { balance, type EndpointRules } from '../site.ts';
import { outcomeOf, stage, type Trouble, troubles } from '../troubles.ts';
import { passes, type World } from '../world.ts';

const [first, second] = ['prod[0]', 'prod[1]'] as const;
const refused = suspended(101503);
const post = { method: 'POST', body: 'hello' };

/** Every trouble of the member whose turn it is. */
const turns: readonly EndpointsCase[] = troubles.map((one) => ({
  id: `balance/${one.id}`,
  section: one.replayable ? 'WSO2 4.7' : 'design 6',
  title: one.replayable
    ? 'a call that may be sent again does not go on to the next member'
    : 'a call that may have been done is sent again',
  async play(world) {
    const url = await stage(world, 'a', one);
    await world.backend('b', answers('second'));
    const members = [
      { endpoint_type: 'http', url },
      { endpoint_type: 'http', url: '{b}' },
    ];
    await world.serve(balance([], { production_endpoints: members }));
    await world.call(one.ask, afterTrouble(one));
  },
}));

function afterTrouble(one: Trouble): Outcome {
  if (!one.replayable) return outcomeOf(one, first);
  const leaves = { [first]: suspended(codeOf(one.cause, one.phase)) };
  const received = { ...outcomeOf(one, first).received, b: 1 };
  return answered('second', received, { leaves, ...(one.fired ? { after: one.fired.millis } : {}) });
}

/** Without failover every trouble is the client's. */
const without: readonly EndpointsCase[] = troubles
  .filter(({ id }) => ['refused-get', 'swallowed-get', 'request-rst', 'request-silence', 'wrong-status'].includes(id))
  .map((one) => ({
    id: `balance/without-failover-${one.id}`,
    section: 'WSO2 4.7',
    title: 'a fault leads to another member though failover is off',
    async play(world) {
      const url = await stage(world, 'a', one);
      await world.backend('b', answers('second'));
      const members = [
        { endpoint_type: 'http', url },
        { endpoint_type: 'http', url: '{b}' },
      ];
      await world.serve(balance([], { production_endpoints: members, failOver: false }));
      await world.call(one.ask, outcomeOf(one, first));
      await world.call({}, answered('second', { b: 1 }, { leaves: outcomeOf(one, first).leaves }));
    },
  }));

/** Three members that do this, or are gone where it says null. */
async function three(
  world: World,
  does: readonly (Behaviour | null)[],
  { rules = [{}, {}, {}], more = {} }: { rules?: readonly EndpointRules[]; more?: EndpointRules } = {},
) {
  const names = ['a', 'b', 'c'].slice(0, does.length);
  const backends = [];
  for (const [index, name] of names.entries()) {
    const behaviour = does[index];
    backends.push(await (behaviour ? world.backend(name, behaviour) : world.dead(name, answers(name))));
  }
  await world.serve(balance(rules.slice(0, does.length), more));
  return backends;
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => answers(name)) as [Behaviour, Behaviour, Behaviour];

/** One call that this member answers. */
function by(name: string, leaves: Leaves = {}): Outcome {
  return answered(name, { [name]: 1 }, { leaves });
}

function noneReady(leaves: Leaves, retryAfter: string): Outcome {
  const tells = 'Loadbalance endpoint : prod - no ready child endpoints';
  return failed('no-endpoint-ready', { received: {}, leaves, retryAfter, tells });
}

const stories: readonly EndpointsCase[] = [
  {
    id: 'balance/in-turn',
    section: 'WSO2 4.7',
    title: 'members do not take turns',
    async play(world) {
      await three(world, [a, b, c]);
      for (const name of [...'abcabcabc']) await world.call({}, by(name));
    },
  },
  {
    id: 'balance/in-turn-posts',
    section: 'WSO2 4.7',
    title: 'calls that may not be sent twice do not take turns',
    async play(world) {
      await three(world, [a, b]);
      for (const name of [...'abab']) await world.call(post, by(name));
    },
  },
  {
    id: 'balance/skips-suspended',
    section: 'WSO2 4.7',
    title: 'a suspended member has its turn',
    async play(world) {
      await three(world, [a, null, c]);
      const leaves = { [second]: refused };
      await world.call({}, by('a'));
      await world.call({}, answered('c', { c: 1 }, { leaves }));
      for (const name of [...'acac']) await world.call({}, by(name, leaves));
    },
  },
  {
    id: 'balance/comes-back',
    section: 'WSO2 4.2, 4.7',
    title: 'a member whose rest is over gets no calls',
    async play(world) {
      const [primary] = await three(world, [null, b], { rules: [{ suspendDuration: '300' }, {}] });
      const leaves = { [first]: suspended(101503, 300) };
      await world.call({}, by('b', leaves));
      await primary?.start();
      await world.call({}, by('b', leaves));
      await passes(300);
      await world.call({}, by('a'));
      await world.call({}, by('b'));
      await world.call({}, by('a'));
    },
  },
  {
    id: 'balance/each-once',
    section: 'design 6',
    title: 'a member that failed and is not suspended is asked again in the same call',
    async play(world) {
      const never = { suspendDuration: '0' };
      await three(world, [sends('', 'rst'), sends('', 'rst'), sends('', 'rst')], { rules: [never, never, never] });
      for (let count = 0; count < 3; count++) {
        await world.call({}, failed('backend-reset', { phase: 3, received: { a: 1, b: 1, c: 1 }, leaves: {} }));
      }
    },
  },
  {
    id: 'balance/none-ready',
    section: 'WSO2 4.7',
    title: 'a group whose members all rest is told as one of them, or not how long they do',
    async play(world) {
      await three(world, [null, null], { rules: [{ suspendDuration: '3000' }, { suspendDuration: '8000' }] });
      const leaves = { [first]: suspended(101503, 3000), [second]: suspended(101503, 8000) };
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves }));
      await world.call({}, noneReady(leaves, '3'));
    },
  },
  {
    id: 'balance/without-failover-none-ready',
    section: 'WSO2 4.7',
    title: 'a group without failover asks a member that rests',
    async play(world) {
      await three(world, [null, null], { more: { failOver: false } });
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves: { [first]: refused } }));
      const leaves = { [first]: refused, [second]: refused };
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves }));
      await world.call({}, noneReady(leaves, '30'));
    },
  },
  {
    id: 'balance/without-failover-text',
    section: 'WSO2 5.2',
    title: 'failover is on though the text of old versions switches it off',
    async play(world) {
      await three(world, [null, b], { more: { failOver: 'False' } });
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves: { [first]: refused } }));
      await world.call({}, by('b', { [first]: refused }));
    },
  },
  {
    id: 'balance/post-unsent',
    section: 'design 6',
    title: 'a POST of which nothing was sent does not go on to the next member, or goes to two',
    async play(world) {
      await three(world, [null, null, c]);
      await world.call(post, answered('c', { c: 1 }, { leaves: { [first]: refused, [second]: refused } }));
      world.assertBody('c', 'hello');
    },
  },
  {
    id: 'balance/deployed-anew',
    section: 'issue 4.3',
    title: 'a deployment wakes the members that it does not change',
    async play(world) {
      await three(world, [null, b]);
      const leaves = { [first]: refused };
      await world.call({}, by('b', leaves));
      await world.of('a').start();
      await world.serve(balance([{}, {}]));
      for (let count = 0; count < 3; count++) await world.call({}, by('b', leaves));
    },
  },
  {
    id: 'balance/slow-member',
    section: 'WSO2 3, 4.7',
    title: 'a member that is too slow costs every call its duration',
    async play(world) {
      const rules = [{ actionSelect: 'fault', actionDuration: '120' }, {}];
      await three(world, [silent, b], { rules });
      const leaves = { [first]: suspended(101504) };
      await world.call({}, answered('b', { a: 1, b: 1 }, { leaves, after: 120 }));
      for (let count = 0; count < 3; count++) await world.call({}, by('b', leaves));
    },
  },
  ...[500, 503].map(
    (status): EndpointsCase => ({
      id: `balance/status-${status}`,
      section: 'WSO2 4.7',
      title: 'an answer that tells of a fault leads to another member',
      async play(world) {
        await three(world, [answers('sorry', { status }), b]);
        for (let count = 0; count < 2; count++) {
          await world.call({}, answered('sorry', { a: 1 }, { status }));
          await world.call({}, by('b'));
        }
      },
    }),
  ),
  {
    id: 'balance/third-answers',
    section: 'WSO2 4.7',
    title: 'a call gives up after its second member',
    async play(world) {
      await three(world, [sends('', 'rst'), sends('SSH-2.0\r\n\r\n', 'silence'), c]);
      const leaves = { [first]: refused, [second]: suspended(101509) };
      await world.call({}, answered('c', { a: 1, b: 1, c: 1 }, { leaves }));
      await world.call({}, by('c', leaves));
    },
  },
];

export const balanceCases: readonly EndpointsCase[] = [...turns, ...without, ...stories];
