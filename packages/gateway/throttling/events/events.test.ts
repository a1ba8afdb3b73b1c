import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Quota } from '@sluice/model';
import { application, entry, key, leaf, operation, plan, subscription } from '../../testing/entities.ts';
import { issuer, ordersApi, stage } from '../../testing/gateway.ts';
import { startBackend } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';
import { shakeHands, startWebSocketBackend } from '../../testing/web-socket.ts';

const notice = 'Error code: 4003 reason: Websocket frame throttled out';

/** No test is longer than a month, and hardly one lies across the end of one. */
function events(eventCount: number): Quota {
  return { type: 'EVENTCOUNTLIMIT', eventCount, timeUnit: 'month', unitTime: 1 };
}

function planOf(quota: Quota, stopOnQuotaReach = true) {
  return entry.plan(plan('subscription', 'AsyncTest', { quota, stopOnQuotaReach }));
}

function caller() {
  return [
    issuer.entry,
    entry.application(application()),
    entry.key(key()),
    entry.subscription(subscription({ plan: 'AsyncTest' })),
  ];
}

/** A gateway with a WebSocket API before a backend that sends every message back. */
async function chat(t: TestContext, quota: Quota, stopOnQuotaReach = true) {
  const backend = await startWebSocketBackend(t);
  const served = await stage(t, {
    entries: (other) => [
      ...caller(),
      planOf(quota, stopOnQuotaReach),
      entry.api(
        ordersApi(other, {
          type: 'WS',
          operations: [operation('SUBSCRIBE', '/*')],
          endpoints: { production: leaf(backend.url, { kind: 'ws' }), sandbox: null },
        }),
      ),
    ],
  });
  const lines = [`Authorization: Bearer ${issuer.token()}`, 'Sec-WebSocket-Extensions: permessage-deflate'];
  const open = () => shakeHands(t, served.port, '/orders/1.0.0/room', lines);
  return { ...served, webSockets: backend, open };
}

/** One text of less than 126 bytes, masked with zeros. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** Texts that arrive, frame by frame. */
function texts(socket: Socket): () => Promise<string> {
  let bytes = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
  });
  const isWhole = () => bytes.length >= 2 && bytes.length >= 2 + (bytes[1] as number);
  return async () => {
    while (!isWhole()) await once(socket, 'data');
    const end = 2 + (bytes[1] as number);
    const text = bytes.subarray(2, end).toString();
    bytes = bytes.subarray(end);
    return text;
  };
}

test('messages of a WebSocket pass beyond a quota of events, or the connection ends with it', async (t) => {
  const { open, put, webSockets, logged } = await chat(t, events(5));
  const { socket } = await open();
  assert.equal(webSockets.asked[0]?.headers['sec-websocket-extensions'], undefined, 'no message may be packed');
  const next = texts(socket);
  for (const text of ['one', 'two']) {
    socket.write(frame(text));
    assert.equal(await next(), text);
  }
  // The fifth event goes to the backend; its echo would be the sixth.
  socket.write(frame('three'));
  assert.equal(await next(), notice);
  socket.write(Buffer.concat([frame('four'), frame('five')]));
  assert.equal(await next(), notice);
  assert.equal(await next(), notice);
  assert.ok(logged.some(({ fields }) => (fields as { cause?: string }).cause === 'event-limit-exceeded'));
  // A new connection is refused before it stands.
  const refused = await open();
  assert.equal(refused.status, 429);
  // A larger plan holds for connections that stand.
  await put(planOf(events(100)));
  socket.write(frame('six'));
  assert.equal(await next(), 'six');
});

test('a plan that does not stop at its quota throws messages away', async (t) => {
  const { open } = await chat(t, events(1), false);
  const { socket } = await open();
  const next = texts(socket);
  for (const text of ['one', 'two', 'three']) {
    socket.write(frame(text));
    assert.equal(await next(), text);
  }
});

test('a stream sends more events than its quota has, or does not end after them', async (t) => {
  let gone = 0;
  const backend = await startBackend('ticks', (request, response) => {
    assert.equal(request.headers['accept-encoding'], undefined);
    response.on('close', () => gone++);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': hello\n\ndata: 1\n\n');
    response.write('data: 2\n');
    response.write('\nid: 3\ndata: 3\r\n\r\ndata: 4\n\ndata: 5\n\n');
  });
  t.after(() => backend.close());
  const { call, put } = await stage(t, {
    entries: () => [
      ...caller(),
      planOf(events(3)),
      entry.api(ordersApi(backend, { type: 'SSE', operations: [operation('SUBSCRIBE', '/*')] })),
    ],
  });
  const headers = { Authorization: `Bearer ${issuer.token()}`, 'Accept-Encoding': 'gzip' };
  const { status, body } = await call('/orders/1.0.0/ticks', { headers });
  assert.equal(status, 200);
  assert.equal(body, ': hello\n\ndata: 1\n\ndata: 2\n\nid: 3\ndata: 3\r\n\r\ndata: 4\n');
  await until(() => gone === 1, 'the backend is given up');
  const refused = await call('/orders/1.0.0/ticks', { headers });
  assert.equal(refused.status, 429);
  assert.equal(backend.received.length, 1);
  await put(planOf(events(4)));
  assert.equal((await call('/orders/1.0.0/ticks', { headers })).body, ': hello\n\ndata: 1\n\ndata: 2\n');
});

test('a call to an API without events costs other than one event', async (t) => {
  const { call } = await stage(t, { entries: (one) => [...caller(), planOf(events(2)), entry.api(ordersApi(one))] });
  const headers = { Authorization: `Bearer ${issuer.token()}` };
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await call('/orders/1.0.0/x', { headers })).status);
  assert.deepEqual(statuses, [200, 200, 429]);
});
