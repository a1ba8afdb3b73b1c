import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';

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
