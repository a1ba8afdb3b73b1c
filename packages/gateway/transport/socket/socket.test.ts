import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { acceptHandles, type TcpHandle } from './handles.ts';
import { Socket } from './socket.ts';

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
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { promise: accepted, resolve } = Promise.withResolvers<TcpHandle>();
    acceptHandles(server, resolve);
    const peer = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1' });
    t.after(() => peer.destroy());
    peer.on('error', () => {});
    const closed = new Promise((resolve) => peer.once('close', resolve));
    const socket = new Socket(await accepted, null);
    server.close();
    const nothing = () => {};
    socket.start({ received: nothing, drained: nothing, ended: nothing, broken: nothing, closed: nothing });
    if (bytes > 0) socket.write('', Buffer.alloc(bytes));
    socket.end();
    socket.reset();
    peer.resume();
    await closed;
  }
});
