import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldNames } from '../field-names.ts';
import { startGateway } from '../testing/gateway.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';

test('a call whose handler takes its time survives that its client is gone', async (t) => {
  const gateway = await startGateway(t, { call: () => {} });
  const client = await gateway.connect();
  client.send(get);
  const call = await gateway.called(0);
  client.reset();
  assert.equal((await gateway.ended(0)).end, 'client-closed');
  call.reply(200, '', 'too late');
  call.send({
    route: { host: '127.0.0.1', port: 1, tls: null },
    target: '/',
    host: '',
    without: FieldNames.none,
    added: '',
    timeout: 0,
    onFault: () => assert.fail(),
  });
  call.abort();
  assert.equal(gateway.outcomes.length, 1);
});

test('an aborted call ends its connection without an answer', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.abort() });
  const client = await gateway.connect();
  client.send(get + get);
  await client.stopped();
  assert.equal(client.received, 0);
  const { status, end } = await gateway.ended(0);
  assert.deepEqual([status, end], [0, 'aborted']);
  assert.equal(gateway.calls.length, 1);
});
