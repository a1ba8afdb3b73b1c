import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { leaf, operation } from '../../../packages/gateway/testing/entities.ts';
import { shakeHands, startWebSocketBackend } from '../../../packages/gateway/testing/web-socket.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls, events, plan } from '../plans.ts';
import { planEntry, type Site, tested } from '../site.ts';
import type { World } from '../world.ts';

/** Serves `orders` as an API of WebSockets before a backend that sends every message back. */
async function chat(world: World, site: Site): Promise<void> {
  const { url } = await startWebSocketBackend(world as unknown as TestContext);
  const production = leaf(`${url}/base`, { kind: 'ws', timeout: { duration: null, action: 'never' } });
  await world.serve({
    ...site,
    api: {
      ...site.api,
      type: 'WS',
      operations: [operation('SUBSCRIBE', '/*')],
      endpoints: { production, sandbox: null },
    },
  });
}

/** Asks for a WebSocket; resolves with the head of the answer. */
function open(world: World, client = 'client-1') {
  const lines = [`Authorization: Bearer ${world.token(client)}`];
  return shakeHands(world as unknown as TestContext, world.port(), '/orders/1.0.0/room', lines);
}

/** One text of less than 126 bytes, masked with zeros, as RFC 6455 writes it. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** What a client is told of a message that is thrown away (wso2-policies-and-kinds.md 4.3). */
const notice = 'Error code: 4003 reason: Websocket frame throttled out';

/** Sends one message and resolves with what comes back first. */
async function echo(socket: Socket, text: string): Promise<string> {
  const heard = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(frame(text));
  return (await heard)[0].subarray(2).toString();
}

/** Each of these messages comes back. */
async function echoes(socket: Socket, ...sent: readonly string[]): Promise<void> {
  for (const text of sent) assert.equal(await echo(socket, text), text);
}

/** Serves `orders` as an API of server-sent events, with so many in each answer. */
async function ticks(world: World, site: Site, count: number): Promise<void> {
  world.answerHeaders = { 'content-type': 'text/event-stream' };
  world.answer = Array.from({ length: count }, (_, index) => `data: ${index + 1}\n\n`).join('');
  await world.serve({ ...site, api: { ...site.api, type: 'SSE', operations: [operation('SUBSCRIBE', '/*')] } });
}

/** How many events a call brings before it ends; one without its empty line is none (HTML standard 9.2.6). */
async function eventsOf(world: World, client = 'client-1'): Promise<number> {
  const answer = await world.call({ client });
  assert.equal(answer.status, 200, answer.body);
  return answer.body.match(/^data: \d+\n\n/gm)?.length ?? 0;
}

/** WebSockets. */
export const streamCases: readonly ThrottlingCase[] = [
  {
    id: 'websockets/handshakes-are-calls',
    section: 'issue 5.1',
    title: 'WebSockets are opened beyond a quota of calls, or messages are counted as calls',
    async play(world) {
      await chat(world, { subscription: { quota: calls(2) } });
      for (let connection = 0; connection < 2; connection++) {
        const { status, socket } = await open(world);
        assert.equal(status, 101);
        await echoes(socket, 'one', 'two', 'three');
      }
      const { status, head } = await open(world);
      assert.equal(status, 429);
      assert.match(head, /\r\nSluice-Cause: subscription-limit-exceeded\r\n/);
      assert.match(head, /\r\nRetry-After: 60\r\n/);
      world.clock.pass(60_000);
      assert.equal((await open(world)).status, 101);
    },
  },
  {
    id: 'websockets/denied',
    section: 'WSO2 7.6',
    title: 'whom a deny policy shuts out opens a WebSocket',
    async play(world) {
      await chat(world, { deny: [{ type: 'APPLICATION', value: 'admin:shop' }] });
      const { status, head } = await open(world);
      assert.equal(status, 403);
      assert.match(head, /\r\nSluice-Cause: request-denied\r\n/);
      assert.equal((await open(world, 'client-2')).status, 101);
    },
  },
  {
    id: 'websockets/messages-both-ways',
    section: 'WSO2 7.2',
    title: 'messages pass beyond a quota of events, or only those of one side are counted',
    async play(world) {
      await chat(world, { subscription: { quota: events(4) } });
      const { socket } = await open(world);
      await echoes(socket, 'one', 'two');
      assert.equal(await echo(socket, 'three'), notice);
      assert.equal(await echo(socket, 'four'), notice);
      world.clock.pass(60_000);
      await echoes(socket, 'five', 'six');
      assert.equal(await echo(socket, 'seven'), notice);
    },
  },
  {
    id: 'websockets/messages-of-all-connections',
    section: 'WSO2 7.1',
    title: 'each connection brings a fresh quota of events',
    async play(world) {
      await chat(world, { subscription: { quota: events(4) } });
      const [one, two, other] = [await open(world), await open(world), await open(world, 'client-2')];
      await echoes(one.socket, 'one');
      await echoes(two.socket, 'two');
      assert.equal(await echo(one.socket, 'three'), notice);
      await echoes(other.socket, 'one', 'two');
      assert.equal(await echo(other.socket, 'three'), notice);
    },
  },
  {
    id: 'websockets/no-handshake-without-events',
    section: 'WSO2 7.2',
    title: 'a WebSocket is opened though no message of it would pass',
    async play(world) {
      await chat(world, { subscription: { quota: events(2) } });
      await echoes((await open(world)).socket, 'one');
      const { status, head } = await open(world);
      assert.equal(status, 429);
      assert.match(head, /\r\nRetry-After: 60\r\n/);
    },
  },
  {
    id: 'websockets/raised-while-open',
    section: 'issue 5.2',
    title: 'a raised quota of events does not reach connections that stand, or forgets what was counted',
    async play(world) {
      await chat(world, { subscription: { quota: events(2) } });
      const { socket } = await open(world);
      await echoes(socket, 'one');
      assert.equal(await echo(socket, 'two'), notice);
      await world.put(planEntry(plan('subscription', tested, { quota: events(4) })));
      await echoes(socket, 'three');
      assert.equal(await echo(socket, 'four'), notice);
    },
  },
  {
    id: 'websockets/quota-that-does-not-stop',
    section: 'WSO2 7.1',
    title: 'stopOnQuotaReach false throws messages away',
    async play(world) {
      await chat(world, { subscription: { quota: events(2), stopOnQuotaReach: false } });
      await echoes((await open(world)).socket, 'one', 'two', 'three', 'four');
    },
  },
  {
    id: 'websockets/two-levels',
    section: 'issue 5.3',
    title: 'a message that one level refuses is taken from the other',
    async play(world) {
      await chat(world, { subscription: { quota: events(2, 'sec') }, application: { quota: events(4) } });
      const { socket } = await open(world);
      await echoes(socket, 'one');
      for (let message = 0; message < 3; message++) assert.equal(await echo(socket, 'two'), notice);
      world.clock.pass(1000);
      await echoes(socket, 'three');
      world.clock.pass(1000);
      assert.equal(await echo(socket, 'four'), notice, 'the application has no event left');
    },
  },
  {
    id: 'events/to-the-last-one',
    section: 'issue 5.1',
    title: 'a stream brings more events than the quota has, or fewer',
    async play(world) {
      await ticks(world, { subscription: { quota: events(5) } }, 3);
      assert.equal(await eventsOf(world), 3);
      assert.equal(await eventsOf(world), 2);
      await world.refuses('subscription', {}, { until: '2026-06-10T12:01:00Z' });
      world.clock.pass(60_000);
      assert.equal(await eventsOf(world), 3);
    },
  },
  {
    id: 'events/each-application',
    section: 'WSO2 7.1',
    title: 'two applications share a quota of events',
    async play(world) {
      await ticks(world, { subscription: { quota: events(3) } }, 5);
      assert.equal(await eventsOf(world), 3);
      assert.equal(await eventsOf(world, 'client-2'), 3);
    },
  },
  {
    id: 'events/streams-are-calls-too',
    section: 'issue 5.1',
    title: 'a quota of calls counts the events of a stream',
    async play(world) {
      await ticks(world, { subscription: { quota: calls(2) } }, 9);
      assert.equal(await eventsOf(world), 9);
      assert.equal(await eventsOf(world), 9);
      await world.refuses('subscription');
    },
  },
  {
    id: 'events/of-calls-without-streams',
    section: 'WSO2 7.4',
    title: 'calls to an API without events pass beyond a quota of events',
    async play(world) {
      await world.serve({ subscription: { quota: events(2) } });
      await world.admitsExactly(2, 'subscription');
    },
  },
];
