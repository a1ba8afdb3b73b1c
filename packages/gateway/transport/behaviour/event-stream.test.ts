import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Backend, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { type Setup, startGateway } from '../testing/gateway.ts';
import { readHead, readRequest, value } from '../testing/message.ts';
import { punctual } from '../testing/punctual.ts';
import { Wire } from '../testing/wire.ts';

const framings = {
  chunked: {
    lines: 'Transfer-Encoding: chunked\r\n',
    piece: (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`,
  },
  'ended by the connection': { lines: '', piece: (text: string) => text },
} as const;

/** What a stream of events looks like in one framing. */
type Framing = (typeof framings)[keyof typeof framings];

/** A backend that begins a stream for every request and leaves the rest to the test. */
function streaming(
  t: TestContext,
  { lines }: Framing,
  tls: Parameters<typeof startBackend>[2] = null,
): Promise<Backend> {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n${lines}\r\n`;
  return startBackend(
    t,
    async (wire) => {
      await readRequest(wire);
      wire.send(head);
    },
    tls,
  );
}

/** Opens a stream through a gateway. */
async function open(
  t: TestContext,
  framing: Framing,
  setup: Setup = {},
  tls: Parameters<typeof startBackend>[2] = null,
) {
  const backend = await streaming(t, framing, tls);
  const gateway = await startGateway(t, { backend, ...setup });
  const client = await gateway.connect();
  client.send('GET /events HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\n\r\n');
  const head = await readHead(client);
  assert.equal(value(head, 'content-type'), 'text/event-stream');
  assert.equal(value(head, 'transfer-encoding'), 'chunked');
  return { gateway, client, backend: await backend.wire(0) };
}

/** Two ends of a connection without anything between them. */
async function pair(t: TestContext): Promise<readonly [Wire, Wire]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = await once(server, 'connection');
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return [new Wire(near), new Wire(far)];
}

/** Takes one event in a chunk of its own: it did not wait for another one. */
async function takeEvent(client: Wire): Promise<string> {
  const size = Number.parseInt(await client.through('\r\n'), 16);
  const text = await client.take(size + 2);
  return text.toString('latin1', 0, size);
}

const events = 200;
/** Milliseconds that the gateway may add to an event. */
const bound = 20;

for (const [name, framing] of Object.entries(framings)) {
  for (const secure of [false, true]) {
    test(`each event arrives by itself within ${bound} ms: ${name}${secure ? ', over TLS on both sides' : ''}`, async (t) => {
      const own = secure ? await certificate(['localhost']) : null;
      const tls = own && {
        options: own,
        route: { serverName: 'localhost', verify: 'allow-all' as const, trusted: [own.cert] },
      };
      const { client, backend } = await open(t, framing, own ? { tls: own } : {}, tls);
      const [near, far] = await pair(t);
      const added: number[] = [];
      for (let n = 0; n < events; n++) {
        const text = `event: tick\ndata: ${n}\n\n`;
        const sent = performance.now();
        // What the machine is busy with keeps both waiting alike.
        near.send(text);
        backend.send(framing.piece(text));
        const [direct, through] = await Promise.all([
          far.take(text.length).then(() => performance.now() - sent),
          takeEvent(client).then((got) => {
            assert.equal(got, text);
            return performance.now() - sent;
          }),
        ]);
        added.push(through - direct);
      }
      added.sort((one, other) => one - other);
      const p95 = added[Math.floor(events * 0.95)] as number;
      assert.ok(p95 < bound, `the gateway added ${p95.toFixed(1)} ms`);
    });
  }
}

test('a stream outlives the deadlines for the beginning of an answer, however silent it is', async (t) => {
  for (const framing of Object.values(framings)) {
    const timeouts = { global: 100, socket: 0, keepAliveIdle: 100, clientHead: 100 };
    const { client, backend } = await open(t, framing, { timeouts, request: () => ({ timeout: 100 }) });
    backend.send(framing.piece('data: 1\n\n'));
    assert.equal(await takeEvent(client), 'data: 1\n\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    backend.send(framing.piece('data: 2\n\n'));
    assert.equal(await takeEvent(client), 'data: 2\n\n');
  }
});

test('the socket timeout alone cuts a silent stream, so that its client sees the cut', async (t) => {
  const framing = framings.chunked;
  const { client, backend, gateway } = await open(t, framing, { timeouts: { socket: 300 } });
  await punctual(300, async () => {
    backend.send(framing.piece('data: 1\n\n'));
    assert.equal(await takeEvent(client), 'data: 1\n\n');
    assert.equal(await client.stopped(), 'reset');
  });
  assert.equal((await gateway.ended(0)).end, 'backend-closed');
});

test('a client that goes away ends the stream at the backend', async (t) => {
  const { client, backend, gateway } = await open(t, framings.chunked);
  client.socket.destroy();
  await backend.stopped();
  assert.equal((await gateway.ended(0)).end, 'client-closed');
});

test('an HTTP/1.0 client gets events as they come, and an end by the connection', async (t) => {
  const backend = await streaming(t, framings.chunked);
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET /events HTTP/1.0\r\n\r\n');
  assert.equal(value(await readHead(client), 'transfer-encoding'), undefined);
  const wire = await backend.wire(0);
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    wire.send(framings.chunked.piece(text));
    assert.equal((await client.take(text.length)).toString(), text);
  }
  wire.send('0\r\n\r\n');
  assert.equal(await client.stopped(), 'end');
});
