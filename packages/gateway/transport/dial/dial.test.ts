import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, Socket as NetSocket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { wheel } from '../../deadlines/wheel.ts';
import type { BackendTls, Route } from '../call.ts';
import { defaultLimits, defaultTimeouts, type Timeouts } from '../options.ts';
import type { BackendFailure } from '../sides.ts';
import type { TcpHandle } from '../socket/handles.ts';
import { type Backend, startBackend } from '../testing/backend.ts';
import { blackHole } from '../testing/black-hole.ts';
import { certificate } from '../testing/certificate.ts';
import { deadRoute } from '../testing/dead.ts';
import { readHead } from '../testing/message.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';
import { punctual } from '../testing/punctual.ts';
import { Dialer } from './dial.ts';
import type { Lookup } from './names.ts';

const ours = await certificate(['backend.example']);
const trusting: BackendTls = { serverName: 'backend.example', verify: 'strict', trusted: [ours.cert] };
const secured = (t: TestContext) => startBackend(t, (wire) => wire.send('hello'), { options: ours, route: trusting });

interface Outcome {
  /** What the backend sends first. */
  readonly greeting?: string;
  readonly protocol?: string | false | null;
  readonly failure?: BackendFailure;
}

/** Opens one connection and reads the backend's greeting. */
function dial(dialer: Dialer, route: Route, timeouts: Partial<Timeouts> = {}): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const greet = async (socket: NetSocket | TLSSocket, protocol?: string | false | null) => {
    const [bytes] = await once(socket, 'data');
    socket.destroy();
    resolve({ greeting: String(bytes), ...(protocol === undefined ? {} : { protocol }) });
  };
  dialer.dial(route, ['http/1.1'], { ...defaultTimeouts, ...timeouts }, defaultLimits, {
    connectedTcp: (handle: TcpHandle) => greet(new NetSocket({ handle } as object)),
    connectedTls: (socket) => greet(socket, socket.alpnProtocol),
    dialFailed: (failure) => resolve({ failure }),
  });
  return promise;
}

/** A server that greets on one more address of the machine, at a given port. */
async function greeting(t: TestContext, host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end(host));
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A dialer for which every name has these addresses. */
const at = (...addresses: string[]) => new Dialer({}, async () => addresses);
const through = ({ host, port }: Pick<TestProxy, 'host' | 'port'>, more = {}, lookup?: Lookup) =>
  new Dialer(
    { proxies: { everything: { host, port, bypass: [], ...more }, plain: [], secured: [] } },
    lookup ?? (async () => ['127.0.0.1']),
  );
const never: Lookup = () => new Promise(() => {});
const unknown: Lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));

test('every address of a name gets its share of the connections', async (t) => {
  const port = await greeting(t, '127.0.0.1');
  await greeting(t, '127.0.0.2', port);
  const dialer = at('127.0.0.1', '127.0.0.2');
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) seen.push((await dial(dialer, { host: 'b', port, tls: null })).greeting ?? '');
  assert.deepEqual(seen.toSorted(), [...Array(3).fill('127.0.0.1'), ...Array(3).fill('127.0.0.2')]);
});

test('an address that refuses costs nothing but the attempt, and is not asked first again', async (t) => {
  const port = await greeting(t, '127.0.0.3');
  const dialer = at('127.0.0.1', '127.0.0.2', '127.0.0.3');
  for (let i = 0; i < 3; i++) {
    assert.equal((await dial(dialer, { host: 'b', port, tls: null })).greeting, '127.0.0.3');
  }
  const orders: (readonly string[])[] = [];
  dialer.names.ask('b', { resolved: (order) => orders.push(order), unresolved: (reason) => assert.fail(reason) });
  assert.equal(orders[0]?.[0], '127.0.0.3');
});

test('an address that swallows everything is overtaken by the next', async (t) => {
  const { port } = await blackHole(t);
  await greeting(t, '127.0.0.2', port);
  const dialer = at('127.0.0.1', '127.0.0.2');
  const { greeting: greeted } = await punctual(250, () => dial(dialer, { host: 'b', port, tls: null }));
  assert.equal(greeted, '127.0.0.2');
});

test('IPv6 addresses are called, given or found', async (t) => {
  const port = await greeting(t, '::1');
  assert.equal((await dial(new Dialer(), { host: '::1', port, tls: null })).greeting, '::1');
  assert.equal((await dial(at('127.0.0.1', '::1'), { host: 'b', port, tls: null })).greeting, '::1');
});

test('a failure names every address that was tried', async () => {
  const { port } = await deadRoute();
  const { failure } = await dial(at('127.0.0.1', '127.0.0.2'), { host: 'b', port, tls: null });
  assert.deepEqual(failure, {
    kind: 'connect-refused',
    message: `b:${port}: 127.0.0.1 (ECONNREFUSED), 127.0.0.2 (ECONNREFUSED)`,
    answering: false,
    deadline: null,
  });
});

test('the connect timeout covers all attempts and the name together', async (t) => {
  const { port } = await blackHole(t);
  const hanging = new Dialer({ names: { timeout: 0 } }, never);
  for (const [dialer, message] of [
    [at('127.0.0.1'), `b:${port}: 127.0.0.1 (no answer): not within 120 ms`],
    [hanging, `b:${port}: no address yet: not within 120 ms`],
  ] as const) {
    const { failure } = await punctual(120, () => dial(dialer, { host: 'b', port, tls: null }, { connect: 120 }));
    assert.deepEqual(failure, {
      kind: 'connect-timeout',
      message,
      answering: false,
      deadline: { name: 'connect', value: 120, setting: 'http.connection.timeout' },
    });
  }
});

test('a name without an address is told apart from a backend that is down', async () => {
  const { failure } = await dial(new Dialer({}, unknown), { host: 'no.example', port: 1, tls: null });
  assert.deepEqual([failure?.kind, failure?.message], ['dns', 'no.example has no address (ENOTFOUND)']);
});

test('TLS is spoken with the name of the backend, whatever address it has', async (t) => {
  const { route } = await secured(t);
  const dialer = at('127.0.0.2', '127.0.0.1');
  assert.equal((await dial(dialer, { ...route, host: 'backend.example' })).greeting, 'hello');
  const wrong = await dial(dialer, { ...route, tls: { ...trusting, serverName: 'other.example' } });
  assert.equal(wrong.failure?.kind, 'tls');
});

test('a TLS handshake has a time of its own', async (t) => {
  const backend = await startBackend(t, () => {});
  const route = { ...backend.route, tls: trusting };
  const { failure } = await punctual(120, () => dial(new Dialer(), route, { tlsHandshake: 120 }));
  assert.deepEqual(
    [failure?.kind, failure?.deadline?.name, failure?.deadline?.value],
    ['connect-timeout', 'tls-handshake', 120],
  );
  const closing = await startBackend(t, (wire) => wire.socket.destroy());
  assert.equal((await dial(new Dialer(), { ...closing.route, tls: trusting })).failure?.kind, 'tls');
});

test('a backend that breaks off in the middle of the handshake is one failure, with a tunnel or without', async (t) => {
  // What breaks at once may break before the connection, or the tunnel, is known to stand.
  const ways: [RegExp, (wire: Backend['wires'][number]) => unknown][] = [
    [/^(tls|proxy|connect-refused)$/, (wire) => wire.socket.end()],
    [/^(tls|proxy|connect-refused)$/, (wire) => wire.reset()],
    [/^tls$/, (wire) => wire.take(1).then(() => wire.socket.end())],
    [/^tls$/, (wire) => wire.take(1).then(() => wire.reset())],
    [/^tls$/, (wire) => wire.take(1).then(() => wire.send('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ];
  const proxy = await startProxy(t);
  for (const [kind, act] of ways) {
    const { route } = await startBackend(t, act);
    for (const dialer of [new Dialer(), through(proxy)]) {
      const { failure } = await dial(dialer, { ...route, tls: trusting });
      assert.match(failure?.kind ?? 'none', kind, failure?.message);
    }
  }
});

test('a plain backend is reached through a connection to the proxy', async (t) => {
  const port = await greeting(t, '127.0.0.1');
  const dialer = through({ host: '127.0.0.1', port });
  const route = { host: 'b', port: 1, tls: null };
  assert.equal((await dial(dialer, route)).greeting, '127.0.0.1');
  assert.equal(dialer.proxyOf(route)?.label, `127.0.0.1:${port}`);
});

test('a TLS backend is reached through a tunnel, which asks with the credentials of the proxy', async (t) => {
  const { route } = await secured(t);
  const proxy = await startProxy(t, 'user:secret');
  const dialer = through(proxy, { username: 'user', password: 'secret' });
  assert.equal((await dial(dialer, { ...route, host: '127.0.0.1' })).greeting, 'hello');
  assert.equal(
    proxy.heads[0],
    `CONNECT 127.0.0.1:${route.port} HTTP/1.1\r\nHost: 127.0.0.1:${route.port}\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=`,
  );
});

test('a proxy that will not, cannot or does not answer is named, its password never', async (t) => {
  const answers: [script: (backend: Backend['wires'][number]) => void, RegExp][] = [
    [(wire) => wire.send('HTTP/1.1 407 Who are you\r\n\r\n'), /it wants other credentials \(407\)$/],
    [(wire) => wire.send('HTTP/1.1 403 Not for you\r\n\r\n'), /it answered CONNECT with 403 Not for you$/],
    [(wire) => wire.send('HTTP/1.1 200 OK\r\n\r\nsurplus'), /more than its answer/],
    [(wire) => wire.send('220 mail.example\r\n\r\n'), /not HTTP/],
    [(wire) => wire.send(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`), /larger than/],
    [(wire) => wire.socket.end(), /closed the connection/],
    [(wire) => wire.reset(), /broke/],
  ];
  for (const [script, expected] of answers) {
    const proxy = await startBackend(t, async (wire) => {
      await readHead(wire);
      script(wire);
    });
    const dialer = through(proxy.route, { username: 'user', password: 'hunter2' });
    const { failure } = await dial(dialer, { host: 'b.example', port: 443, tls: trusting });
    assert.equal(failure?.kind, 'proxy', failure?.message);
    assert.match(failure?.message ?? '', expected);
    assert.ok(failure?.message.startsWith(`the proxy 127.0.0.1:${proxy.route.port}: `), failure?.message);
    assert.doesNotMatch(failure?.message ?? '', /hunter2|aHVudGVyMg|dXNlc/);
    assert.equal(await (await proxy.wire(0)).stopped().then(Boolean), true);
  }
  const { port } = await deadRoute();
  const down = await dial(through({ host: 'p', port }), { host: 'b', port: 80, tls: null });
  assert.deepEqual(
    [down.failure?.kind, down.failure?.message],
    ['proxy', `b:80 through the proxy p:${port}: 127.0.0.1 (ECONNREFUSED)`],
  );
  const nowhere = await dial(through({ host: 'p', port }, {}, unknown), {
    host: 'b',
    port: 80,
    tls: null,
  });
  assert.equal(nowhere.failure?.message, `the proxy p:${port} has no address (ENOTFOUND)`);
});

test('HTTP/2 without TLS is not sent to a proxy, which could not read it', async (t) => {
  const proxy = await startProxy(t);
  const { failure } = await dial(through(proxy), { host: 'b', port: 80, tls: null, protocol: 'h2' });
  assert.deepEqual(
    [failure?.kind, failure?.message],
    ['proxy', `the proxy 127.0.0.1:${proxy.port}: HTTP/2 without TLS cannot pass through it`],
  );
});

test('a proxy that does not answer CONNECT is given up with the connect timeout', async (t) => {
  const proxy = await startBackend(t, () => {});
  const dialer = through(proxy.route);
  const route = { host: 'b.example', port: 443, tls: trusting };
  const { failure } = await punctual(120, () => dial(dialer, route, { connect: 120 }));
  assert.deepEqual([failure?.kind, failure?.deadline?.name], ['connect-timeout', 'connect']);
  assert.match(failure?.message ?? '', new RegExp(`through the proxy 127.0.0.1:${proxy.route.port}`));
  assert.ok(await (await proxy.wire(0)).stopped());
});

test('a connection that nobody wants any more is closed in every phase', async (t) => {
  const silent = await startBackend(t, () => {});
  const cases: [Dialer, Route, wires: number][] = [
    [new Dialer({}, never), { host: 'b', port: 1, tls: null }, 0],
    [at('127.0.0.1'), await blackHole(t), 0],
    [new Dialer(), { ...silent.route, tls: trusting }, 1],
    [through(silent.route), { host: 'b', port: 443, tls: trusting }, 2],
  ];
  for (const [dialer, route, wires] of cases) {
    const dialing = dialer.dial(route, [], defaultTimeouts, defaultLimits, {
      connectedTcp: () => assert.fail(),
      connectedTls: () => assert.fail(),
      dialFailed: ({ message }) => assert.fail(message),
    });
    if (wires > 0) await readSome(await silent.wire(wires - 1));
    dialing.cancel();
    dialing.cancel();
    if (wires > 0) assert.ok(await (await silent.wire(wires - 1)).stopped());
  }
});

/** Until the first byte of a handshake or of CONNECT is there. */
async function readSome(wire: Awaited<ReturnType<Backend['wire']>>): Promise<void> {
  await wire.take(1);
}

test.after(() => assert.ok(wheel.size <= 1, `${wheel.size} deadlines are left behind`));
