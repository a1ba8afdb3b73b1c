import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBackend } from '../testing/backend.ts';
import { blackHole } from '../testing/black-hole.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';
import { punctual } from '../testing/punctual.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const late = 120;
const silent = () => {};

test('a backend that does not answer in time is a fault that names the deadline, its value and its setting', async (t) => {
  const hole = await blackHole(t);
  const mute = (await startBackend(t, silent)).route;
  const never = { socket: 0, connect: 0, global: 0 };
  const rows = [
    ['a connect that neither succeeds nor fails', hole, { connect: late }, 0, 'connect-timeout', 'connect', true],
    ['a connect beyond the global deadline', hole, { global: late }, 0, 'timeout', 'global', true],
    ['a connect beyond the deadline of the endpoint', hole, { global: 5000 }, late, 'timeout', 'endpoint', true],
    [
      'no answer within the deadline of the endpoint',
      mute,
      { global: 5000, socket: 4000 },
      late,
      'timeout',
      'endpoint',
      true,
    ],
    ['no answer within the global deadline', mute, { global: late }, 0, 'timeout', 'global', true],
    [
      'no byte within the socket timeout',
      mute,
      { socket: late, global: 5000 },
      0,
      'socket-timeout',
      'first-byte',
      true,
    ],
    [
      'the earliest of several',
      mute,
      { socket: late, global: late * 3 },
      late * 2,
      'socket-timeout',
      'first-byte',
      true,
    ],
  ] as const;
  for (const [what, route, timeouts, timeout, kind, name] of rows) {
    await t.test(what, async (t) => {
      const gateway = await startGateway(t, {
        backend: { route },
        timeouts: { ...never, ...timeouts },
        request: () => ({ timeout }),
      });
      const client = await gateway.connect();
      const answer = await punctual(late, () => {
        client.send(get);
        return readAnswer(client);
      });
      assert.equal(answer.status, 504);
      assert.equal(gateway.faults.length, 1);
      const fault = gateway.faults[0];
      assert.equal(fault?.kind, kind);
      assert.deepEqual([fault?.deadline?.name, fault?.deadline?.value], [name, late]);
      assert.ok(fault?.deadline?.setting);
      assert.ok(fault && fault.elapsed >= late - 2);
    });
  }
});

test('an upload that stops is refused while the handler has not decided', async (t) => {
  const gateway = await startGateway(t, { call: silent, timeouts: { socket: late } });
  const client = await gateway.connect();
  const ask = () => {
    client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
    return readAnswer(client);
  };
  assert.equal((await punctual(late, ask)).status, 408);
  assert.equal((await gateway.ended(0)).status, 408);
});
