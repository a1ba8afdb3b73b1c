import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { DeployedApi } from '@sluice/model';
import { deployedApi, entry, leaf, operation } from '../testing/entities.ts';
import { issuer, type Stage, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { shakeHands, startWebSocketBackend, type WebSocketBackend } from '../testing/web-socket.ts';
import { tokenInQuery, withoutToken } from './websocket.ts';

interface World extends Stage {
  readonly backend: Stage['backend'];
  readonly sockets: WebSocketBackend;
}

/** `chat/1.0.0` of type WS in the place of the API of the common picture, so that its application is subscribed. */
async function chat(
  t: TestContext,
  api: Partial<DeployedApi> = {},
  options: Parameters<typeof stage>[1] = {},
  path = '/base',
): Promise<World> {
  const sockets = await startWebSocketBackend(t);
  const world = await stage(t, options);
  const production = leaf(`${sockets.url}${path}`, { kind: 'ws', timeout: { duration: null, action: 'never' } });
  await world.put(
    entry.api(
      deployedApi({
        type: 'WS',
        name: 'chat',
        basePath: '/chat/1.0.0',
        operations: [operation('SUBSCRIBE', '/*')],
        endpoints: { production, sandbox: null },
        ...api,
      }),
    ),
  );
  return { ...world, sockets };
}

const authorization = (token = issuer.token()) => [`Authorization: Bearer ${token}`];

test('a WebSocket opens after the same checks as any call, and is one record when it is over', async (t) => {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  const { gateway, port, sockets } = await chat(t, {}, { accessLog: { to, pattern: '%s %r %u %i %B' } });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat/1.0.0/room?x=1&access_token=${issuer.token()}`);
  await once(socket, 'open');
  assert.deepEqual([gateway.statistics().webSockets, gateway.statistics().openWebSockets], [1, 1]);
  const heard = once(socket, 'message') as Promise<[{ data: string }]>;
  socket.send('hello');
  assert.equal((await heard)[0].data, 'hello');
  assert.deepEqual(lines, []);
  socket.close();
  await until(() => lines.length === 1, 'a record');
  assert.match(lines[0] ?? '', /^101 GET \/chat\/1\.0\.0\/room\?x=1&access_token=\*\*\* HTTP\/1\.1 \S+ \d\d+ \d\d?$/);
  assert.equal(gateway.statistics().openWebSockets, 0);
  const [asked] = sockets.asked;
  assert.equal(asked?.url, '/base?x=1');
  assert.equal(asked?.headers.authorization, undefined);
  assert.equal(asked?.headers['x-forwarded-for'], '127.0.0.1');
});

test('without a good token no WebSocket opens, and no backend hears of it', async (t) => {
  const { port, securePort, sockets, remove } = await chat(t);
  for (const [query, lines, status] of [
    ['', [], 401],
    ['?access_token=', [], 401],
    ['?access_token=no.such.token', [], 401],
    [`?access_token=${issuer.token()}&access_token=${issuer.token()}`, [], 401],
    [`?access_token=${issuer.token()}`, authorization('wrong'), 401],
    [`?access_token=${issuer.token({ exp: 1 })}`, [], 401],
  ] as const) {
    const { status: got, head } = await shakeHands(t, port, `/chat/1.0.0/room${query}`, lines);
    assert.equal(got, status, head);
  }
  assert.equal((await shakeHands(t, port, '/nowhere', authorization())).status, 404);
  await remove('subscription', 'app-1/api-1');
  assert.equal((await shakeHands(t, securePort, '/chat/1.0.0/room', authorization(), true)).status, 403);
  assert.equal(sockets.asked.length, 0);
});

test('the token of a handshake may stand in the header too, over TLS as well', async (t) => {
  const { securePort, sockets } = await chat(t);
  assert.equal((await shakeHands(t, securePort, '/chat/1.0.0/room', authorization(), true)).status, 101);
  assert.equal(sockets.asked[0]?.headers['x-forwarded-proto'], 'https');
});

test('a query carries a token for WebSockets only', async (t) => {
  const { call, backend } = await stage(t);
  const answer = await call(`/orders/1.0.0/x?access_token=${issuer.token()}`);
  assert.equal(answer.status, 401);
  assert.equal(backend.received.length, 0);
});

test('a WebSocket API answers 426 to a call that asks for none', async (t) => {
  const { call, sockets } = await chat(t);
  const answer = await call('/chat/1.0.0/room', { headers: bearer(issuer.token()) });
  assert.equal(answer.status, 426);
  assert.equal(answer.headers.upgrade, 'websocket');
  assert.match(answer.headers.connection ?? '', /upgrade/i);
  assert.equal(JSON.parse(answer.body).code, '426');
  assert.equal(sockets.asked.length, 0);
});

test('each topic has its own checks and its own place at the backend', async (t) => {
  const { port, sockets } = await chat(
    t,
    {
      operations: [
        operation('PUBLISH', '/rooms/{id}', { scopes: ['publisher'] }),
        operation('SUBSCRIBE', '/rooms/{id}', { uriMapping: '/?room={uri.var.id}' }),
        operation('SUBSCRIBE', '/open', { authType: 'None', uriMapping: 'news' }),
        operation('SUBSCRIBE', '/secret', { scopes: ['keeper'] }),
        operation('SUBSCRIBE', '/plain'),
      ],
    },
    {},
    '/base?k=1',
  );
  for (const [path, lines, status, url] of [
    ['/rooms/7?x=2', authorization(), 101, '/base/?k=1&room=7&x=2'],
    ['/open', [], 101, '/base/news?k=1'],
    ['/secret', authorization(), 403, null],
    ['/secret', authorization(issuer.token({ scope: 'keeper' })), 101, '/base?k=1'],
    ['/plain', authorization(), 101, '/base?k=1'],
    ['/nothing', authorization(), 404, null],
  ] as const) {
    const before = sockets.asked.length;
    assert.equal((await shakeHands(t, port, `/chat/1.0.0${path}`, lines)).status, status, path);
    assert.equal(sockets.asked[before]?.url ?? null, url);
  }
});

test('an operation GET of any API opens a WebSocket, at an endpoint of either scheme', async (t) => {
  const sockets = await startWebSocketBackend(t);
  const { port, put } = await stage(t);
  for (const url of [sockets.url, sockets.url.replace('ws:', 'http:')]) {
    const production = leaf(`${url}/base`);
    await put(entry.api(deployedApi({ endpoints: { production, sandbox: null } })));
    assert.equal((await shakeHands(t, port, '/orders/1.0.0/live?a=1', authorization())).status, 101);
    assert.equal(sockets.asked.at(-1)?.url, '/base/live?a=1');
  }
});

test('a backend that speaks no WebSocket answers as it answers any call', async (t) => {
  const { port, backend } = await stage(t);
  assert.equal((await shakeHands(t, port, '/orders/1.0.0/x', authorization())).status, 200);
  assert.equal(backend.received[0]?.headers.upgrade, 'websocket');
});

test('pages of foreign origins open no WebSocket where that is checked', async (t) => {
  const cors = {
    corsConfigurationEnabled: true,
    accessControlAllowOrigins: ['https://shop.example'],
    accessControlAllowCredentials: false,
    accessControlAllowHeaders: [],
    accessControlAllowMethods: ['GET'],
  };
  const { port, sockets } = await chat(t, { cors }, { webSocketOrigins: true });
  for (const [lines, status] of [
    [['Origin: https://evil.example'], 403],
    [['Origin: https://shop.example'], 101],
    [[], 101],
  ] as const) {
    assert.equal((await shakeHands(t, port, '/chat/1.0.0/x', [...authorization(), ...lines])).status, status);
  }
  assert.equal(sockets.asked.length, 2);
  const unchecked = await chat(t, { cors });
  const { status } = await shakeHands(t, unchecked.port, '/chat/1.0.0/x', [
    ...authorization(),
    'Origin: https://evil.example',
  ]);
  assert.equal(status, 101);
});

test('a WebSocket ends when its token is revoked', async (t) => {
  const { port, put, gateway } = await chat(t);
  const { socket, status } = await shakeHands(
    t,
    port,
    '/chat/1.0.0/x',
    authorization(issuer.token({ jti: 'token-7' })),
  );
  assert.equal(status, 101);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await put({ kind: 'revocation', id: 'token-7', value: { tokenId: 'token-7', expiresAt: Date.now() + 60_000 } });
  await closed;
  await until(() => gateway.statistics().openWebSockets === 0, 'the end');
});

test('only the token is taken out of a query, whatever its spelling', () => {
  for (const [query, token, rest] of [
    ['', undefined, ''],
    ['?', undefined, '?'],
    ['?a=1&&b', undefined, '?a=1&&b'],
    ['?access_token=t', 't', ''],
    ['?a=1&access_token=t%2E&b=', 't.', '?a=1&b='],
    ['?%61ccess_token=t', 't', ''],
    ['?access_token', undefined, ''],
    ['?access_token=a&access_token=b&c', undefined, '?c'],
    ['?access_token=%zz&%zz=1', undefined, '?%zz=1'],
    ['?xaccess_token=t', undefined, '?xaccess_token=t'],
  ] as const) {
    assert.equal(tokenInQuery(query), token, query);
    assert.equal(withoutToken(query), rest, query);
  }
});
