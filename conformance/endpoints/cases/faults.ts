import { answers, message, sends } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { prompt } from '../settings.ts';
import { http } from '../site.ts';
import { outcomeOf, stage, troubles } from '../troubles.ts';

/** Every trouble at an endpoint of its own. */
const alone: readonly EndpointsCase[] = troubles.map((one) => ({
  id: `faults/${one.id}`,
  section: one.section,
  title: one.title,
  async play(world) {
    const url = await stage(world, 'a', one);
    await world.serve(http({}, { production_endpoints: { url } }));
    await world.call(one.ask, outcomeOf(one, 'prod'));
  },
}));

/** WSO2's status for each of them, where it is asked for. */
const asWso2: readonly EndpointsCase[] = troubles
  .filter(({ id }) => ['refused-get', 'swallowed-post', 'request-fin', 'request-silence', 'wrong-status'].includes(id))
  .map((one) => ({
    id: `faults/wso2-${one.id}`,
    section: 'WSO2 2.6',
    title: 'the status of WSO2 is not given where it is asked for',
    toml: { 'sluice.compat.fault_status': 'wso2' },
    async play(world) {
      const url = await stage(world, 'a', one);
      await world.serve(http({}, { production_endpoints: { url } }));
      await world.call(one.ask, outcomeOf(one, 'prod', { answer: 500 }));
    },
  }));

/** The answer has begun: nobody can say anything else any more, and the backend did answer. */
const inBody = (
  id: string,
  bytes: string,
  how: 'fin' | 'rst' | 'silence',
  outcome: Partial<Outcome>,
): EndpointsCase => ({
  id: `faults/body-${id}`,
  section: 'WSO2 2.3',
  title: 'an answer that breaks off looks whole, or suspends an endpoint that has answered',
  async play(world) {
    await world.backend('a', sends(`HTTP/1.1 200 OK\r\n${bytes}`, how));
    await world.serve(http());
    await world.call({}, { ...answered('', { a: 1 }), answer: 'cut', body: 'hell', ...outcome });
  },
});

const silence = { after: prompt.socket };
const byLength = 'Content-Length: 9\r\n\r\nhell';
const byChunks = 'Transfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n';

const bodies: readonly EndpointsCase[] = [
  inBody('length-fin', byLength, 'fin', {}),
  inBody('length-rst', byLength, 'rst', {}),
  inBody('length-silence', byLength, 'silence', silence),
  inBody('chunks-fin', byChunks, 'fin', {}),
  inBody('chunks-rst', byChunks, 'rst', {}),
  inBody('chunks-silence', byChunks, 'silence', silence),
  inBody('chunks-wrong', `${byChunks}zz\r\nhello\r\n0\r\n\r\n`, 'silence', {}),
  inBody('close-rst', '\r\nhell', 'rst', {}),
  inBody('close-silence', '\r\nhell', 'silence', silence),
  {
    id: 'faults/body-longer',
    section: 'WSO2 2.3',
    title: 'what comes behind an answer by length becomes the answer of the next call',
    async play(world) {
      await world.backend('a', {
        ...sends(`${message(200, 'first')}${message(200, 'smuggled')}`, 'silence'),
      });
      await world.serve(http());
      await world.call({}, answered('first', { a: 1 }));
      await world.call({}, answered('first', { a: 1 }));
    },
  },
  {
    id: 'faults/body-unread',
    section: 'WSO2 2.2',
    title: 'an answer before all of the request has come is told as a fault',
    async play(world) {
      await world.backend('a', {
        asked(wire) {
          wire.send(message(413, 'too much'));
          return false;
        },
      });
      await world.serve(http());
      const ask = { method: 'POST', body: 'hello', owed: 100 };
      await world.call(ask, answered('too much', { a: 1 }, { status: 413 }));
    },
  },
];

/** What a backend says is its own affair: any answer is a success of its endpoint (wso2-gateway.md 4.2). */
const statuses: readonly EndpointsCase[] = [400, 401, 404, 429, 500, 501, 502, 503, 504, 599].flatMap((status) =>
  (status < 500 ? ['GET'] : ['GET', 'POST']).map((method) => ({
    id: `faults/status-${status}-${method.toLowerCase()}`,
    section: 'WSO2 4.2',
    title: `an answer ${status} suspends its endpoint, or becomes a fault of the gateway`,
    async play(world) {
      await world.backend('a', answers('sorry', { status }));
      await world.serve(http());
      const ask = method === 'GET' ? {} : { method, body: 'hello' };
      for (let count = 1; count <= 2; count++) await world.call(ask, answered('sorry', { a: 1 }, { status }));
    },
  })),
);

/** Bounds of the gateway's own: a backend that has done nothing wrong is not suspended for them. */
const bounds: readonly EndpointsCase[] = [
  {
    id: 'faults/pool-full',
    section: 'WSO2 1.5',
    title: 'a call that finds no connection suspends an endpoint that answers',
    toml: { 'passthru_http.http.max.connection.per.host.port': 1, 'passthru_http.http.max.messages.per.host.port': 0 },
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      const release = await world.holds('a');
      await world.call({}, failed('backend-pool-full', { received: {}, leaves: {}, retryAfter: '1' }));
      await release();
      await world.call({}, answered('done', { a: 1 }));
    },
  },
  {
    id: 'faults/pool-wait',
    section: 'issue 4.1',
    title: 'a call waits without end for a connection, or suspends an endpoint that answers',
    toml: { 'passthru_http.http.max.connection.per.host.port': 1 },
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      const release = await world.holds('a');
      const fired = { name: 'pool-wait', millis: prompt.poolWait } as const;
      await world.call({}, failed('backend-pool-full', { received: {}, leaves: {}, retryAfter: '1', fired }));
      await release();
      await world.call({}, answered('done', { a: 1 }));
    },
  },
  {
    id: 'faults/pool-wait-endpoint',
    section: 'WSO2 3',
    title: 'the duration of an endpoint does not run while its call waits for a connection',
    toml: { 'passthru_http.http.max.connection.per.host.port': 1 },
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http({ actionSelect: 'fault', actionDuration: '5000' }));
      const release = await world.holds('a');
      await world.serve(http({ actionSelect: 'fault', actionDuration: '120' }));
      const fired = { name: 'endpoint', millis: 120 } as const;
      const leaves = { prod: suspended(101504) };
      await world.call({}, failed('endpoint-timeout', { received: {}, leaves, fired }));
      await release();
    },
  },
  {
    id: 'faults/queue-full',
    section: 'WSO2 1.5',
    title: 'a queue that is full suspends an endpoint that answers',
    toml: {
      'passthru_http.http.max.connection.per.host.port': 1,
      'passthru_http.http.max.messages.per.host.port': 1,
      'sluice.gateway.pool_wait_timeout': 400,
    },
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      const release = await world.holds('a');
      const fired = { name: 'pool-wait', millis: 400 } as const;
      const waiting = world.call({}, failed('backend-pool-full', { received: {}, leaves: {}, retryAfter: '1', fired }));
      await world.waiting(1);
      const rest = { received: {}, leaves: {}, retryAfter: '1' };
      await world.call({ path: '/y' }, failed('backend-queue-full', rest));
      await waiting;
      await release();
    },
  },
  ...([['length', message(200, 'x'.repeat(101))]] as const).map(
    ([id, bytes]): EndpointsCase => ({
      id: `faults/too-large-${id}`,
      section: 'WSO2 2.2',
      title: 'an answer beyond the bound suspends an endpoint that answers',
      toml: {
        'passthru_http.message.size.validation.enabled': true,
        'passthru_http.valid.max.message.size.in.bytes': 100,
      },
      async play(world) {
        await world.backend('a', sends(bytes, 'silence'));
        await world.serve(http());
        await world.call(
          {},
          failed('backend-response-too-large', { received: { a: 1 }, leaves: {}, tells: '100 bytes' }),
        );
      },
    }),
  ),
];

export const faultCases: readonly EndpointsCase[] = [...alone, ...asWso2, ...bodies, ...statuses, ...bounds];
