import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { leaf, operation } from '../../../packages/gateway/testing/entities.ts';
import { shakeHands, startWebSocketBackend } from '../../../packages/gateway/testing/web-socket.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';
import type { Site } from '../site.ts';
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

/** Sends one message and resolves with what comes back first. */
async function echo(socket: Socket, text: string): Promise<string> {
  const heard = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(frame(text));
  return (await heard)[0].subarray(2).toString();
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
        for (const text of ['one', 'two', 'three']) assert.equal(await echo(socket, text), text);
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
];
