import type { EndpointsCase } from '../case.ts';
import { breaksSession, goesAway, resetsStream, responds, type StreamBehaviour, saysNothing } from '../h2-backend.ts';
import { suspended } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { codeOf, type ReasonName } from '../reasons.ts';
import { type EndpointRules, failover, http } from '../site.ts';
import type { Ask } from '../world.ts';

const h2 = { protocol: 'h2' };
const post: Ask = { method: 'POST', body: 'hello' };

/** A way in which a backend of HTTP/2 does not answer. */
interface Trouble {
  readonly id: string;
  readonly does: StreamBehaviour;
  readonly cause: ReasonName;
  readonly ask: Ask;
  readonly replayable: boolean;
  /** The same backend is asked once more, on another connection. */
  readonly twice: boolean;
  readonly fired: Outcome['fired'];
}

const soon = { actionSelect: 'fault', actionDuration: '150' };
const endpoint = { name: 'endpoint', millis: 150 } as const;

const ways = [
  ['stream-internal', resetsStream('internal'), 'backend-reset', false, null],
  ['stream-cancel', resetsStream('cancel'), 'backend-reset', false, null],
  ['stream-refused', resetsStream('refused'), 'backend-reset', true, null],
  ['stream-closed', resetsStream('none'), 'backend-closed', false, null],
  ['session-broken', breaksSession, 'backend-reset', false, null],
  ['silence', saysNothing, 'endpoint-timeout', false, endpoint],
] as const;

const bare: Ask = { method: 'POST', headers: { 'Content-Length': '0' } };
const asks = { get: {}, post, bare } as const;

/** A request that was not looked at may be sent again (RFC 9113 section 8.7), unless its body is gone. */
const troubles: readonly Trouble[] = ways.flatMap(([id, does, cause, unprocessed, fired]) =>
  Object.entries(asks).map(([name, ask]) => ({
    id: `${id}-${name}`,
    ...{ does, cause, ask, fired },
    replayable: name === 'get' || (unprocessed && name === 'bare'),
    twice: unprocessed && name !== 'post',
  })),
);

/** Only those that wait have a duration: connections take their time on a machine that is busy. */
function rulesOf(fired: Outcome['fired']): EndpointRules {
  return fired === null ? h2 : { ...h2, ...soon };
}

const alone = troubles.map(
  ({ id, does, cause, ask, fired, twice }): EndpointsCase => ({
    id: `http2/${id}`,
    section: 'RFC 9113 §8.7',
    title: 'a backend of HTTP/2 that does not answer is told as something else than one of HTTP/1.1',
    async play(world) {
      await world.h2Backend('a', does);
      await world.serve(http(rulesOf(fired)));
      const leaves = { prod: suspended(codeOf(cause, 3)) };
      const received = { a: twice ? 2 : 1 };
      await world.call(ask, failed(cause, { phase: 3, fired, received, leaves }));
    },
  }),
);

const inGroup = troubles.map(
  ({ id, does, cause, ask, fired, replayable, twice }): EndpointsCase => ({
    id: `http2/failover-${id}`,
    section: 'design 6',
    title: 'a call that may be sent again stays, or one that may have been done goes on',
    async play(world) {
      await world.h2Backend('a', does);
      await world.h2Backend('b', responds('second'));
      await world.serve(failover([rulesOf(fired), h2]));
      const leaves = { 'prod[0]': suspended(codeOf(cause, 3)) };
      const first = twice ? 2 : 1;
      if (!replayable) {
        await world.call(ask, failed(cause, { phase: 3, fired, received: { a: first }, leaves }));
        return;
      }
      const after = fired === null ? {} : { after: fired.millis };
      await world.call(ask, answered('second', { a: first, b: 1 }, { leaves, ...after }));
      if (ask.body !== undefined) world.assertBody('b', ask.body);
    },
  }),
);

const others: readonly EndpointsCase[] = [
  {
    id: 'http2/answers',
    section: 'issue 4.2',
    title: 'an endpoint of HTTP/2 is not called, or loses the body',
    async play(world) {
      await world.h2Backend('a', responds('done'));
      await world.serve(http(h2));
      await world.call(post, answered('done', { a: 1 }));
      world.assertBody('a', 'hello');
      await world.call({}, answered('done', { a: 1 }));
    },
  },
  {
    id: 'http2/status-503',
    section: 'WSO2 4.2',
    title: 'an answer that tells of a fault suspends its endpoint',
    async play(world) {
      await world.h2Backend('a', responds('sorry', 503));
      await world.serve(http(h2));
      for (let count = 0; count < 2; count++) await world.call({}, answered('sorry', { a: 1 }, { status: 503 }));
    },
  },
  {
    id: 'http2/gone',
    section: 'WSO2 2.3',
    title: 'a backend of HTTP/2 that refuses is told as another fault',
    async play(world) {
      const backend = await world.h2Backend('a', responds('done'));
      await backend.stop();
      await world.serve(http(h2));
      const leaves = { prod: suspended(101503) };
      await world.call(post, failed('backend-connection-refused', { received: {}, leaves }));
    },
  },
  {
    id: 'http2/goes-away',
    section: 'RFC 9113 §6.8',
    title: 'a request that a backend may have looked at as it went away is sent again',
    async play(world) {
      await world.h2Backend('a', goesAway);
      await world.h2Backend('b', responds('second'));
      await world.serve(failover([h2, h2]));
      const leaves = { 'prod[0]': suspended(101508) };
      await world.call(bare, failed('backend-closed', { phase: 3, received: { a: 1 }, leaves }));
    },
  },
  {
    id: 'http2/timeout-alone',
    section: 'WSO2 3',
    title: 'a deadline of one call ends the others on its connection',
    async play(world) {
      const backend = await world.h2Backend('a', saysNothing);
      await world.serve(http({ ...h2, ...soon, suspendDuration: '0' }));
      const late = failed('endpoint-timeout', { fired: endpoint, received: { a: 1 }, leaves: {} });
      await world.call({}, late);
      backend.does = responds('done');
      await world.call({}, answered('done', { a: 1 }));
    },
  },
];

export const http2Cases: readonly EndpointsCase[] = [...alone, ...inGroup, ...others];
