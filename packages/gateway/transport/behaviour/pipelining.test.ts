import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer } from '../testing/message.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

test('a client that floods and does not read holds neither memory nor calls', async (t) => {
  const answer = ok('x'.repeat(16_000));
  let answered = 0;
  const gateway = await startGateway(t, {
    backend: await startBackend(
      t,
      answering(() => {
        answered++;
        return answer;
      }),
    ),
  });
  const count = 2000;
  const flood = await gateway.connect();
  flood.socket.pause();
  flood.send(get('/flood').repeat(count));
  const other = await gateway.connect();
  // Until some round trips in a row saw no answer to the flood, it is not stalled yet.
  for (let still = 0, last = -1; still < 20; still = answered - last === 1 ? still + 1 : 0) {
    last = answered;
    other.send(get('/other'));
    await readAnswer(other);
  }
  assert.ok(answered < count, 'nothing held the flood back');
  flood.socket.resume();
  for (let index = 0; index < count; index++) {
    const message: Message = await readAnswer(flood);
    assert.equal(message.body.length, 16_000);
  }
});

test('an empty line that ends a read does not hide the end of the head after it', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', call.head.target) });
  const client = await gateway.connect();
  client.send(`${get('/first')}\r\n`);
  assert.equal((await readAnswer(client)).body.toString(), '/first');
  client.send(get('/next'));
  assert.equal((await readAnswer(client)).body.toString(), '/next');
});
