import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket as Peer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { acceptHandles, type TcpHandle } from './handles.ts';
import { Socket, type SocketUser } from './socket.ts';

const nothing = () => {};
const idleUser: SocketUser = { received: nothing, drained: nothing, ended: nothing, broken: nothing, closed: nothing };

/** A connected socket, and the other end of it. */
async function pair(t: TestContext): Promise<{ socket: Socket; peer: Peer }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { promise: accepted, resolve } = Promise.withResolvers<TcpHandle>();
  acceptHandles(server, resolve);
  const peer = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1' });
  t.after(() => peer.destroy());
  peer.on('error', nothing);
  const socket = new Socket(await accepted, null);
  server.close();
  return { socket, peer };
}

test('an answer to a TLS client that was reset in the same moment ends that call, not the process', async (t) => {
  const gateway = await startGateway(t, { tls: await certificate(['localhost']), call: () => {} });
  const tcp = connect(gateway.port, '127.0.0.1');
  const client = connectTls({ socket: tcp, servername: 'localhost', rejectUnauthorized: false });
  client.on('error', () => {});
  await once(client, 'secureConnect');
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  const call = await gateway.called(0);
  // The reset has arrived when this returns, and nobody has read it: the write fails before it returns.
  tcp.resetAndDestroy();
  call.reply(200, '', 'x'.repeat(100_000));
  await gateway.ended(0);
  while (gateway.listener.connections > 0) await setImmediate();
});

test('a connection that is reset as it ends is closed, with or without bytes on their way', {
  timeout: 5000,
}, async (t) => {
  for (const bytes of [0, 16 * 1024 * 1024]) {
    const { socket, peer } = await pair(t);
    const closed = new Promise((resolve) => peer.once('close', resolve));
    socket.start(idleUser);
    if (bytes > 0) socket.write('', Buffer.alloc(bytes));
    socket.end();
    socket.reset();
    peer.resume();
    await closed;
  }
});

test('what is written in one turn arrives in order and whole, however the connection goes on', async (t) => {
  const large = Buffer.alloc(40_000, 'l');
  const goesOn: Record<string, (socket: Socket) => string> = {
    'it stays': () => '',
    'it is closed': (socket) => {
      socket.destroy();
      return '';
    },
    'its sending side is closed': (socket) => {
      socket.end();
      return '';
    },
    'more than a small message follows': (socket) => {
      socket.write('before', large);
      socket.writeText('after');
      return `before${large}after`;
    },
    'much small text follows': (socket) => {
      for (let turn = 0; turn < 100; turn++) socket.writeText(`${turn}`.padEnd(1000, '.'));
      return Array.from({ length: 100 }, (_, turn) => `${turn}`.padEnd(1000, '.')).join('');
    },
    'everything is flushed': (socket) => {
      assert.ok(socket.flushed(), 'the system takes a few bytes at once');
      return '';
    },
  };
  for (const [how, goOn] of Object.entries(goesOn)) {
    const { socket, peer } = await pair(t);
    socket.start(idleUser);
    socket.writeText('one,');
    socket.write('two,', Buffer.from('three,'));
    const expected = `one,two,three,${goOn(socket)}`;
    let came = '';
    for await (const bytes of peer) {
      came += bytes;
      if (came.length >= expected.length) break;
    }
    assert.equal(came, expected, how);
    socket.destroy();
  }
});

test('who writes hears that a peer which takes nothing has left some of it', { timeout: 5000 }, async (t) => {
  const { socket, peer } = await pair(t);
  peer.pause();
  const { promise: lingering, resolve } = Promise.withResolvers<void>();
  socket.start({ ...idleUser, lingers: resolve });
  const text = 'x'.repeat(16_000);
  // The buffers of both ends fill turn by turn.
  while (socket.queued === 0) {
    socket.writeText(text);
    await setImmediate();
  }
  await lingering;
  socket.destroy();
});
