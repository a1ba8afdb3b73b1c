import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, readRequest } from '../testing/message.ts';
import { anyAnswer, anyRequest, cut, type Sample } from '../testing/messages.ts';

const added = new Set(['date', 'transfer-encoding']);

/** What a message says, without what a gateway may write differently. */
function meaning(message: Pick<Message, 'start' | 'lines' | 'trailers'>, body: string) {
  const lines = message.lines.filter(([name]) => !added.has(name.toLowerCase()));
  const host = lines.findIndex(([name]) => name === 'Host');
  if (host > 0) lines.unshift(...lines.splice(host, 1));
  return { start: message.start, lines, body, trailers: message.trailers };
}

const read = (message: Message) => meaning(message, message.body.toString('latin1'));
const meant = (sample: Sample) => meaning(sample, sample.body);

const exchanges = fc.array(fc.tuple(anyRequest, anyAnswer), { minLength: 1, maxLength: 3 });
const places = fc.array(fc.nat(2000), { maxLength: 12 });

test('messages cut anywhere in any number of pieces mean the same at the other side', async (t) => {
  let answers: readonly (readonly string[])[] = [];
  let seen: Message[] = [];
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const request = await readRequest(wire);
      await wire.trickle(answers[seen.push(request) - 1] ?? []);
    }
  });
  const gateway = await startGateway(t, { backend });
  await fc.assert(
    fc.asyncProperty(exchanges, places, places, async (samples, requestCuts, answerCuts) => {
      seen = [];
      answers = samples.map(([, answer]) => cut(answer.bytes, answerCuts));
      const client = await gateway.connect();
      const sending = client.trickle(cut(samples.map(([request]) => request.bytes).join(''), requestCuts));
      for (const [request, answer] of samples) {
        const got = await readAnswer(client);
        assert.deepEqual(read(got), meant(answer), `the answer to ${JSON.stringify(request.start)}`);
      }
      await sending;
      assert.deepEqual(
        seen.map(read),
        samples.map(([request]) => meant(request)),
      );
      client.socket.destroy();
    }),
    { numRuns: 250, endOnFailure: true },
  );
  assert.deepEqual(gateway.faults, []);
  assert.deepEqual(gateway.refusals, []);
});

test('every single place to cut an exchange gives the same exchange', async (t) => {
  const request =
    'POST /a?b HTTP/1.1\r\nHost: a\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n';
  const answer =
    'HTTP/1.1 200 OK\r\nX-B: c\r\nTransfer-Encoding: chunked\r\n\r\n6;z\r\nworld!\r\n0\r\nX-End: 2\r\n\r\n';
  let pieces: readonly string[] = [];
  let seen: Message | undefined;
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      seen = await readRequest(wire);
      await wire.trickle(pieces);
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (let place = 0; place < Math.max(request.length, answer.length); place++) {
    pieces = cut(answer, [place]);
    await client.trickle(cut(request, [place]));
    const got = await readAnswer(client);
    assert.deepEqual([got.body.toString(), got.trailers], ['world!', [['X-End', '2']]], `cut at ${place}`);
    assert.deepEqual([seen?.body.toString(), seen?.trailers], ['hello!', [['X-Sum', '1']]], `cut at ${place}`);
  }
  assert.equal(backend.wires.length, 1);
});
