/**
 * What users of WSO2 API Manager ask about its timeouts, each as calls over real sockets. A second of theirs is a millisecond or two here.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type JsonObject, parseEndpointConfig } from '@sluice/model';
import { entry } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import type { TimeoutOptions } from '../transport/options.ts';
import { blackHole } from '../transport/testing/black-hole.ts';
import { notBefore } from '../transport/testing/not-before.ts';

const path = '/orders/1.0.0/x';
/** Endpoints that a failure gives no rest, so that each call is about its own deadlines. */
const untiring = { suspendErrorCode: ['-1'], retryErroCode: ['-1'] };

/** A backend whose answers begin so many milliseconds after the request came, and go on after as many again; -1 never. */
async function slowBackend(t: TestContext, first: number, second = 0): Promise<string> {
  const server = createServer((_request, response) => {
    if (first < 0) return;
    setTimeout(() => {
      response.write('begun, ');
      if (second >= 0) setTimeout(() => response.end('done'), second);
    }, first);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(
  t: TestContext,
  timeouts: TimeoutOptions,
  url: string,
  config: JsonObject = {},
  shared?: JsonObject,
  rests: JsonObject = untiring,
): Promise<Stage> {
  const world = await stage(t, { timeouts });
  const source = {
    production_endpoints: { url, config: { ...config, ...rests } },
    ...(shared && { timeouts: shared }),
  };
  const { endpoints, findings } = parseEndpointConfig(source);
  assert.deepEqual(findings, []);
  await world.put(entry.api(ordersApi(world.backend, { endpoints, defaultBasePath: '/orders' })));
  return world;
}

const duration = (millis: number, actionSelect = 'fault') => ({ actionSelect, actionDuration: String(millis) });
const good = (headers = {}) => ({ headers: { ...bearer(issuer.token()), ...headers } });

/** The call fails by that deadline, not before it is due, and says so. */
async function fails(
  { call, logged }: Stage,
  name: string,
  value: number,
  cause: string,
  target = path,
  headers = {},
): Promise<void> {
  const answer = await notBefore(value, () => call(target, good(headers)));
  assert.deepEqual([answer.status, answer.headers['sluice-cause']], [504, cause]);
  const record = logged.at(-1)?.fields as { deadline: { name: string; value: number } } | undefined;
  assert.deepEqual([record?.deadline.name, record?.deadline.value], [name, value]);
}

test('a socket timeout below that of the endpoint fires first, at the backend, and the client hears of it', async (t) => {
  // SEED 003: the endpoint should be the one to fire, so that its own value has to be the smaller one.
  const silent = await slowBackend(t, -1);
  const short = await serve(t, { socket: 100, global: 400 }, silent, duration(200));
  await fails(short, 'first-byte', 100, 'backend-socket-timeout');
  const long = await serve(t, { socket: 200, global: 400 }, silent, duration(100));
  await fails(long, 'endpoint', 100, 'endpoint-timeout');
});

test('one value for both sides does not let the side of the client fire first', async (t) => {
  // SEED 003: there the source handler timed out before the target handler, since it began to count before it.
  const world = await serve(t, { socket: 120, global: 500 }, await slowBackend(t, -1));
  await fails(world, 'first-byte', 120, 'backend-socket-timeout');
  // One byte is enough to begin anew: it bounds silence, not the call.
  const steady = await serve(t, { socket: 400, global: 900 }, await slowBackend(t, 220, 220));
  const answer = await steady.call(path, good());
  assert.deepEqual([answer.status, answer.body], [200, 'begun, done']);
});

test('a backend that takes longer than the socket timeout is heard when that is raised', async (t) => {
  // SEED 000: 60 s are not enough, so 120 s; and the endpoint has to allow it too.
  const url = await slowBackend(t, 90);
  await fails(await serve(t, { socket: 60, global: 500 }, url), 'first-byte', 60, 'backend-socket-timeout');
  const raised = await serve(t, { socket: 400, global: 500 }, url);
  assert.equal((await raised.call(path, good())).body, 'begun, done');
  await fails(await serve(t, { socket: 400, global: 500 }, url, duration(60)), 'endpoint', 60, 'endpoint-timeout');
});

test('a connection that does not come is told from an answer that does not', async (t) => {
  // SEED 000: connection timeout and read timeout are two things.
  const hole = await blackHole(t);
  const nobody = await serve(t, { connect: 60, socket: 300, global: 500 }, `http://127.0.0.1:${hole.port}`);
  await fails(nobody, 'connect', 60, 'backend-connect-timeout');
  const busy = await serve(t, { connect: 40, socket: 100, global: 500 }, await slowBackend(t, -1));
  await fails(busy, 'first-byte', 100, 'backend-socket-timeout');
});

test('the global deadline is for endpoints that have none, and an endpoint may wait for longer', async (t) => {
  // SEED 001: globally 120 s, an endpoint of 30 s with the fault handler; SEED 004: the same 30 s for all of it.
  const silent = await slowBackend(t, -1);
  const timeouts = { global: 120, socket: 400 };
  await fails(await serve(t, timeouts, silent), 'global', 120, 'global-timeout');
  await fails(await serve(t, timeouts, silent, duration(60)), 'endpoint', 60, 'endpoint-timeout');
  await fails(await serve(t, timeouts, silent, duration(200)), 'endpoint', 200, 'endpoint-timeout');
  await fails(await serve(t, { global: 100, socket: 100 }, silent), 'global', 100, 'global-timeout');
  const never = await serve(t, timeouts, silent, { actionSelect: 'neverTimeout', actionDuration: '20' });
  await notBefore(120, () => assert.rejects(never.call(path, good()), /ECONNRESET|socket hang up/));
  const discard = await serve(t, timeouts, silent, duration(60, 'discard'));
  await notBefore(60, () => assert.rejects(discard.call(path, good()), /ECONNRESET|socket hang up/));
});

test('an API has deadlines of its own between those of its endpoints and those of the gateway', async (t) => {
  const silent = await slowBackend(t, -1);
  const timeouts = { global: 400, socket: 500 };
  await fails(await serve(t, timeouts, silent, {}, { global: 90 }), 'global', 90, 'global-timeout');
  await fails(await serve(t, timeouts, silent, {}, { firstByte: 70 }), 'first-byte', 70, 'backend-socket-timeout');
  const nearest = await serve(t, timeouts, silent, { timeouts: { firstByte: 110 } }, { firstByte: 70 });
  await fails(nearest, 'first-byte', 110, 'backend-socket-timeout');
});

test('a call of the default version has no deadline of its own', async (t) => {
  const world = await serve(t, { global: 400, socket: 500 }, await slowBackend(t, 90));
  assert.equal((await world.call('/orders/x', good())).body, 'begun, done');
  const silent = await serve(t, { global: 60, socket: 400 }, await slowBackend(t, -1), duration(150));
  await fails(silent, 'endpoint', 150, 'endpoint-timeout', '/orders/x');
});

test('a duration that calls say themselves is capped by the global deadline, and nonsense leaves that in force', async (t) => {
  const silent = await slowBackend(t, -1);
  const timeouts = { global: 150, socket: 500 };
  const byHeader = await serve(t, timeouts, silent, { actionSelect: 'fault', actionDuration: '{$trp:X-Timeout}' });
  await fails(byHeader, 'endpoint', 60, 'endpoint-timeout', path, { 'x-timeout': '60' });
  for (const said of ['150', '5000', '99999999999', '0', '-1', '1e1', 'soon', '']) {
    await fails(byHeader, 'global', 150, 'global-timeout', path, { 'x-timeout': said });
  }
  await fails(byHeader, 'global', 150, 'global-timeout');
  const config = { actionSelect: 'fault', actionDuration: "{get-property('query.param.wait')}" };
  const byQuery = await serve(t, timeouts, silent, config, { global: 100 });
  await fails(byQuery, 'endpoint', 60, 'endpoint-timeout', `${path}?await=9&wait=60`);
  await fails(byQuery, 'global', 100, 'global-timeout', `${path}?wait=120`);
});

test('a client that says a short duration does not have the endpoint suspended for the others', async (t) => {
  const url = await slowBackend(t, 90);
  const resting = { suspendErrorCode: [], retryErroCode: [] };
  const config = { actionSelect: 'fault', actionDuration: '{$trp:X-Timeout}' };
  const world = await serve(t, { global: 900, socket: 900 }, url, config, undefined, resting);
  await fails(world, 'endpoint', 40, 'endpoint-timeout', path, { 'x-timeout': '40' });
  assert.equal((await world.call(path, good())).body, 'begun, done');
  const fixed = await serve(t, { global: 900, socket: 900 }, url, duration(40), undefined, resting);
  await fails(fixed, 'endpoint', 40, 'endpoint-timeout');
  assert.equal((await fixed.call(path, good())).status, 503);
});

test('a client may be silent for as long as its API says, not for as long as the gateway does', async (t) => {
  const timeouts = { global: 900, socket: 600 };
  const world = await serve(t, timeouts, await slowBackend(t, -1), {}, { clientBodyIdle: 90 });
  const answer = await notBefore(90, () => {
    const headers = { ...good().headers, 'content-length': '100' };
    return world.call(path, { method: 'POST', headers, body: 'half of it' });
  });
  assert.deepEqual([answer.status, answer.headers['sluice-cause']], [408, 'request-timeout']);
});
