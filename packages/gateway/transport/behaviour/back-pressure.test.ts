import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBackend } from '../testing/backend.ts';
import { type Gateway, startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead, readRequest } from '../testing/message.ts';
import { checkPattern, pattern, pour } from '../testing/pattern.ts';
import type { Wire } from '../testing/wire.ts';

const mebibyte = 2 ** 20;
const total = 50 * mebibyte;
/** What one direction of one stream may hold in this process, sockets' queues of the tests included. */
const bound = 12 * mebibyte;

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Makes round trips on a connection of their own until `moved` has stayed the same for 30 of them; returns the most memory seen. */
async function untilStalled(gateway: Gateway, moved: () => number): Promise<number> {
  const client = await gateway.connect();
  let most = 0;
  for (let still = 0, last = -1; still < 30; ) {
    client.send('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n');
    await readAnswer(client);
    most = Math.max(most, held());
    still = moved() === last ? still + 1 : 0;
    last = moved();
  }
  client.socket.destroy();
  return most;
}

const ping = (call: { head: { target: string }; reply(status: number, headers: string, body: string): void }) => {
  if (call.head.target !== '/ping') return false;
  call.reply(200, '', 'pong');
  return true;
};

const answers = [
  ['a length', `HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`],
  ['the end of the connection', 'HTTP/1.1 200 OK\r\n\r\n'],
] as const;

test('a client that stops reading stops the backend, and gets the whole body when it goes on', async (t) => {
  for (const [what, head] of answers) {
    await t.test(`of a body by ${what}`, async (t) => {
      let poured = 0;
      const backend = await startBackend(t, async (wire) => {
        await readRequest(wire);
        wire.send(head);
        await pour(wire, total, (bytes) => {
          poured = bytes;
        });
        wire.socket.end();
      });
      const gateway = await startGateway(t, { backend, call: (call) => ping(call) || gateway.send(call) });
      const client = await gateway.connect();
      const before = held();
      // HTTP/1.0, so that the second case stays as it is and can be checked by offset.
      client.send('GET /x HTTP/1.0\r\n\r\n');
      await readHead(client);
      client.socket.pause();
      const most = await untilStalled(gateway, () => poured);
      assert.ok(poured > 0 && poured < total * 0.8, `${poured} bytes were taken from the backend`);
      assert.ok(most - before < bound, `${most - before} bytes were held`);
      client.socket.resume();
      await client.sift(total, checkPattern);
      assert.equal(await client.stopped(), 'end');
      assert.equal((await gateway.ended(gateway.calls.length - 1)).bytesOut, total);
    });
  }
});

/** Reads `count` bytes of chunk data and checks them against the pattern. */
async function siftChunks(wire: Wire, count: number): Promise<void> {
  let offset = 0;
  for (;;) {
    const size = Number.parseInt(await wire.through('\r\n'), 16);
    if (size === 0) break;
    const from = offset;
    await wire.sift(size, (piece, at) => checkPattern(piece, from + at));
    offset += size;
    assert.equal((await wire.take(2)).toString(), '\r\n');
  }
  assert.equal(await wire.through('\r\n'), '\r\n');
  assert.equal(offset, count);
}

const uploads = ['length', 'chunked'] as const;

test('a backend that stops reading stops the client, and gets the whole body when it goes on', async (t) => {
  for (const framing of uploads) {
    await t.test(`of a body by ${framing}`, async (t) => {
      const go = Promise.withResolvers<void>();
      const backend = await startBackend(t, async (wire) => {
        await wire.through('\r\n\r\n');
        wire.socket.pause();
        await go.promise;
        wire.socket.resume();
        if (framing === 'length') await wire.sift(total, checkPattern);
        else await siftChunks(wire, total);
        wire.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone');
      });
      const gateway = await startGateway(t, { backend, call: (call) => ping(call) || gateway.send(call) });
      const client = await gateway.connect();
      const before = held();
      let poured = 0;
      const upload = async () => {
        const lines = framing === 'length' ? `Content-Length: ${total}` : 'Transfer-Encoding: chunked';
        client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`);
        if (framing === 'chunked') client.send(`${total.toString(16)}\r\n`);
        await pour(client, total, (bytes) => {
          poured = bytes;
        });
        if (framing === 'chunked') client.send('\r\n0\r\n\r\n');
      };
      const uploading = upload();
      await backend.wire(0);
      const most = await untilStalled(gateway, () => poured);
      assert.ok(poured > 0 && poured < total * 0.8, `${poured} bytes were taken from the client`);
      assert.ok(most - before < bound, `${most - before} bytes were held`);
      go.resolve();
      await uploading;
      assert.equal((await readAnswer(client)).body.toString(), 'done');
      assert.equal((await gateway.ended(gateway.calls.length - 1)).bytesIn, total);
    });
  }
});

test('interim answers without end are held back with the client that does not take them', async (t) => {
  const interim = Buffer.from(`HTTP/1.1 102 Processing\r\nX-Note: ${'x'.repeat(1000)}\r\n\r\n`.repeat(60));
  let poured = 0;
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    const { socket } = wire;
    const pump = () => {
      while (!socket.destroyed && poured < total) {
        poured += interim.length;
        if (!socket.write(interim)) return;
      }
    };
    socket.on('drain', pump);
    pump();
  });
  const gateway = await startGateway(t, { backend, call: (call) => ping(call) || gateway.send(call) });
  const client = await gateway.connect();
  const before = held();
  client.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.take(1);
  client.socket.pause();
  const most = await untilStalled(gateway, () => poured);
  assert.ok(poured < total, 'nothing held the backend back');
  assert.ok(most - before < bound, `${most - before} bytes were held`);
});

test('a body that nobody has taken yet holds the client back', async (t) => {
  const gateway = await startGateway(t, { call: (call) => void ping(call) });
  const client = await gateway.connect();
  const before = held();
  let poured = 0;
  client.send(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
  const pouring = pour(client, total, (bytes) => {
    poured = bytes;
  });
  const most = await untilStalled(gateway, () => poured);
  assert.ok(poured < total * 0.8, `${poured} bytes were taken`);
  assert.ok(most - before < bound, `${most - before} bytes were held`);
  client.socket.destroy();
  await pouring;
});

test('bodies around the sizes of the buffers pass whole in both directions', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { body, start } = await readRequest(wire);
      const data = start.includes('chunked')
        ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
        : body;
      const framing = start.includes('chunked') ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
      wire.send(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`), data]));
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const base of [4096, 16_384, 32_768, 65_536]) {
    for (const size of [base - 200, base - 130, base - 1, base, base + 1]) {
      for (const framing of uploads) {
        const body = pattern(0, Math.min(size, 65_536));
        const lines = framing === 'length' ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked';
        client.send(`POST /${framing} HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`);
        if (framing === 'chunked') client.send(`${body.length.toString(16)}\r\n`);
        client.send(body);
        if (framing === 'chunked') client.send('\r\n0\r\n\r\n');
        const answer = await readAnswer(client);
        assert.ok(answer.body.equals(body), `${size} bytes by ${framing}`);
      }
    }
  }
});

test('a client that takes its last answer slowly gets all of it before the connection ends', async (t) => {
  const body = Buffer.concat(Array.from({ length: 320 }, (_, index) => pattern(index * 65_536, 65_536)));
  // The bound on what is thrown away, and on a connection without a request, is none on what is still being sent.
  for (const timeouts of [{ discard: 150 }, { keepAliveIdle: 250 }]) {
    await t.test(`beyond ${JSON.stringify(timeouts)}`, async (t) => {
      const gateway = await startGateway(t, { timeouts, call: (call) => ping(call) || call.reply(200, '', body) });
      const client = await gateway.connect();
      client.send(`GET /x HTTP/1.1\r\nHost: a\r\n${'discard' in timeouts ? 'Connection: close\r\n' : ''}\r\n`);
      await readHead(client);
      client.socket.pause();
      const until = performance.now() + 400;
      while (performance.now() < until) await untilStalled(gateway, () => 0);
      client.socket.resume();
      await client.sift(body.length, checkPattern);
      assert.equal(await client.stopped(), 'end');
    });
  }
});

test('a drain lets a slow client take what was answered', async (t) => {
  const body = Buffer.concat(Array.from({ length: 320 }, (_, index) => pattern(index * 65_536, 65_536)));
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', body) });
  const client = await gateway.connect();
  client.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await readHead(client);
  client.socket.pause();
  await gateway.ended(0);
  const drained = gateway.listener.drain(3000);
  client.socket.resume();
  await client.sift(body.length, checkPattern);
  assert.equal(await client.stopped(), 'end');
  client.socket.end();
  assert.deepEqual(await drained, { abandoned: 0 });
});
