import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConnectionLimit } from './connection-limit.ts';
import type { BoundSocket } from './options.ts';
import { SideDoors } from './side-doors.ts';
import type { TcpHandle } from './socket/handles.ts';
import { certificate } from './testing/certificate.ts';
import { startGateway } from './testing/gateway.ts';

interface Bound extends BoundSocket {
  getsockname(out: { port?: number }): number;
}

/** A bound socket, as another process would hand it over; this one has a port of its own. */
function bound(): { socket: Bound; port: number } {
  const { _createServerHandle: create } = net as unknown as {
    _createServerHandle(address: string, port: number, type: 4, fd: undefined, flags: 0): Bound;
  };
  const socket = create('127.0.0.1', 0, 4, undefined, 0);
  const name: { port?: number } = {};
  socket.getsockname(name);
  return { socket, port: name.port as number };
}

async function connects(port: number): Promise<boolean> {
  const client = connect(port, '127.0.0.1');
  const [error] = await Promise.race([
    once(client, 'connect').then(() => []),
    once(client, 'close').then(() => [1]),
  ]).catch((cause) => [cause]);
  client.destroy();
  return error === undefined;
}

test('connections come in by every side door until it is closed', async () => {
  const sockets = Array.from({ length: 5 }, bound);
  let [asked, arrived] = [0, 0];
  const doors = new SideDoors(
    async () => sockets[asked++]?.socket,
    (handle: TcpHandle) => {
      arrived++;
      handle.close();
    },
  );
  await doors.open();
  assert.equal(asked, 3, 'handles that were asked for');
  for (const { port } of sockets.slice(0, 3)) assert.ok(await connects(port));
  while (arrived < 3) await nextTurn();
  doors.close();
  for (const { port } of sockets.slice(0, 3)) assert.equal(await connects(port), false);
  for (const { socket } of sockets.slice(3)) socket.close();
});

test('a process without descriptors for side doors goes on without, and one that ends leaves none open', async () => {
  for (const none of [async () => undefined, () => Promise.reject(new Error('the main process is gone'))])
    await new SideDoors(none, () => assert.fail()).open();
  const { socket, port } = bound();
  const { promise, resolve } = Promise.withResolvers<BoundSocket>();
  const late = new SideDoors(
    () => promise,
    () => assert.fail(),
  );
  const opened = late.open();
  late.close();
  resolve(socket);
  await opened;
  assert.equal(await connects(port), false);
});

test('calls come in by the side doors of a listener as by its own, until it ends', { timeout: 5000 }, async (t) => {
  const doors = Array.from({ length: 3 }, bound);
  const handed = Promise.withResolvers<void>();
  let next = 0;
  const gateway = await startGateway(t, {
    another: async () => {
      const { socket } = doors[next++] as (typeof doors)[0];
      if (next === doors.length) setImmediate(handed.resolve);
      return socket;
    },
    call: (call) => call.reply(200, '', 'here'),
  });
  await handed.promise;
  for (const { port } of [{ port: gateway.port }, ...doors]) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    assert.deepEqual([answer.status, await answer.text()], [200, 'here']);
  }
  await gateway.listener.close();
  for (const { port } of doors) assert.equal(await connects(port), false);
});

test('a listener with a bound on connections, or with TLS, has one door', async (t) => {
  const another = () => assert.fail('no further handle is needed');
  await startGateway(t, { another, tls: await certificate(['localhost']) });
  let asked = 0;
  const counted = async () => {
    asked++;
    return undefined;
  };
  await startGateway(t, { another: counted, connectionLimit: new ConnectionLimit(10, () => {}) });
  await nextTurn();
  assert.equal(asked, 1, 'one spare handle, to go on with after a pause');
});
