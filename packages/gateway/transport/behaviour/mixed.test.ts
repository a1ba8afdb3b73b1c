import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startBackend } from '../testing/backend.ts';
import { type Gateway, startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest } from '../testing/message.ts';
import { PeerGone, type Wire } from '../testing/wire.ts';

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % sides;
  };
}

const chunked = (text: string) =>
  `Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const sized = (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`;
const answer = (rest: string) => `HTTP/1.1 200 OK\r\n${rest}`;

/** What a backend may do to a request; the first half are answers. */
const deeds: readonly ((wire: Wire, text: string) => unknown)[] = [
  (wire, text) => wire.send(answer(sized(text))),
  (wire, text) => wire.send(answer(chunked(text))),
  (wire, text) => wire.trickle(answer(chunked(text)).match(/.{1,9}/gs) ?? []),
  (wire, text) => wire.send(`HTTP/1.1 102 Processing\r\n\r\n${answer(`Connection: close\r\n${sized(text)}`)}`),
  async (wire, text) => {
    wire.send(answer(`\r\n${text}`));
    wire.socket.end();
  },
  (wire) => wire.socket.end(),
  (wire) => wire.reset(),
  (wire) => wire.send('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'),
  (wire, text) => {
    wire.send(answer(`Content-Length: 100000\r\n\r\n${text}`));
    wire.socket.end();
  },
  (wire, text) => {
    wire.send(answer(`Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\nzz`));
  },
];

/** One client: calls one after the other or pipelined, now and then in pieces, now and then it goes away. */
async function behave(gateway: Gateway, name: number): Promise<{ whole: number; cut: number }> {
  const roll = dice(name * 7919 + 17);
  const count = { whole: 0, cut: 0 };
  let client = await gateway.connect();
  for (let index = 0; index < 25; index++) {
    const burst = Array.from({ length: 1 + (roll(4) === 0 ? roll(4) : 0) }, (_, place) => {
      const id = `${name}-${index}-${place}`;
      const body = `${id}:${'b'.repeat(roll(5) === 0 ? roll(40_000) : roll(30))}`;
      const framed = [sized(body), chunked(body)][roll(2)] as string;
      const method = ['POST', 'PUT'][roll(2)] as string;
      return { id, body, bytes: `${method} /${id}?${roll(deeds.length)} HTTP/1.1\r\nHost: a\r\n${framed}` };
    });
    const bytes = burst.map((request) => request.bytes).join('');
    if (roll(3) === 0) void client.trickle(bytes.match(/.{1,4000}/gs) ?? []).catch(() => {});
    else client.send(bytes);
    if (roll(15) === 0) {
      client.reset();
      client = await gateway.connect();
      continue;
    }
    for (const { id, body } of burst) {
      try {
        let got = await readAnswer(client);
        while (got.status < 200) got = await readAnswer(client);
        if (got.status === 200)
          assert.equal(got.body.toString(), `${id}/${body.length}`, 'the answer to another request');
        else assert.equal(got.status, 502);
        count.whole++;
      } catch (error) {
        if (!(error instanceof PeerGone)) throw error;
        count.cut++;
        client.socket.destroy();
        client = await gateway.connect();
        break;
      }
    }
  }
  return count;
}

test('under faults of all kinds at once every answer is the right one, and every call ends once', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start, body } = await readRequest(wire);
      const [, id = '', deed = ''] = /^\w+ \/([\d-]+)\?(\d+) /.exec(start) ?? [];
      assert.ok(body.toString('latin1', 0, id.length + 1) === `${id}:`, 'a body of another request');
      await setImmediate();
      await deeds[Number(deed)]?.(wire, `${id}/${body.length}`);
    }
  });
  const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 12 } });
  const counts = await Promise.all(Array.from({ length: 24 }, (_, name) => behave(gateway, name)));
  const whole = counts.reduce((sum, count) => sum + count.whole, 0);
  const cut = counts.reduce((sum, count) => sum + count.cut, 0);
  assert.ok(whole > 200 && cut > 50, `${whole} whole and ${cut} cut prove little`);
  assert.deepEqual(gateway.refusals, []);
});
