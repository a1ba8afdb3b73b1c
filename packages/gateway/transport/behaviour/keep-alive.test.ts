import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';

const echo = answering(({ start, body }) => ok(`${start.split(' ')[1]} ${body}`));
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

test('thousands of calls one after the other use one connection on either side', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (let index = 0; index < 1000; index++) {
    const body = index % 2 ? `b${index}` : '';
    client.send(
      body ? `PUT /${index} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` : get(`/${index}`),
    );
    assert.equal((await readAnswer(client)).body.toString(), `/${index} ${body}`);
  }
  assert.equal(backend.wires.length, 1);
  assert.ok(gateway.outcomes.every(({ end, status }) => end === 'complete' && status === 200));
});

test('many clients at once get each their own answers, over no more backend connections than there are clients', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend });
  const clients = 64;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const wire = await gateway.connect();
      for (let index = 0; index < 15; index++) {
        const body = 'z'.repeat((index * 7919) % 3000);
        wire.send(`POST /${client}/${index} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        assert.equal((await readAnswer(wire)).body.toString(), `/${client}/${index} ${body}`);
      }
      wire.socket.destroy();
    }),
  );
  assert.ok(backend.wires.length <= clients, `${backend.wires.length} connections`);
  assert.equal(gateway.outcomes.length, clients * 15);
});
