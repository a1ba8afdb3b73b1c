import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CallStory, Endpoint } from '@sluice/model';
import type { GatewayOptions } from '../options.ts';
import { callsPerMinute, entry, leaf, plan, subscription, tireless } from '../testing/entities.ts';
import { commonPicture, issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { ok, startBackend as startWire } from '../transport/testing/backend.ts';
import { deadRoute } from '../transport/testing/dead.ts';
import { readRequest } from '../transport/testing/message.ts';

const good = () => ({ headers: bearer(issuer.token()) });

/** A gateway whose API `orders` has this endpoint. */
function withEndpoint(t: TestContext, production: (url: string) => Endpoint, options: Partial<GatewayOptions> = {}) {
  return stage(t, {
    ...options,
    entries: (backend) => [
      ...commonPicture(backend),
      entry.api(ordersApi(backend, { endpoints: { production: production(backend.url), sandbox: null } })),
    ],
  });
}

/** The story of an answer, which is kept once the call is over. */
async function storyOf({ gateway }: Stage, answer: { readonly headers: Readonly<Record<string, unknown>> }) {
  const id = String(answer.headers['sluice-request-id']);
  await until(() => gateway.story(id) !== undefined, `the story ${id}`);
  return gateway.story(id) as CallStory;
}

async function dead(): Promise<string> {
  const { host, port } = await deadRoute();
  return `http://${host}:${port}`;
}

/** A backend that does this with each connection once a request has come. */
async function wired(t: TestContext, then: (wire: Awaited<ReturnType<typeof startWire>>['wires'][number]) => void) {
  const { route } = await startWire(t, async (wire) => {
    await readRequest(wire);
    then(wire);
  });
  return `http://127.0.0.1:${route.port}`;
}

const group = (...children: Endpoint[]): Endpoint => ({
  kind: 'failover',
  name: 'prod',
  children: children.map((child, index) => ({ ...child, name: `prod[${index}]` })),
});

test('a suspended group does not answer with a riddle: its story tells of the attempt, the states and when they end', async (t) => {
  const [first, second] = [await dead(), await dead()];
  const place = await withEndpoint(t, () => group(leaf(first), leaf(second)));
  const failed = await storyOf(place, await place.call('/orders/1.0.0/x?apikey=secret', good()));
  assert.deepEqual(
    failed.attempts.map(({ endpoint, fault, phase, connection }) => [
      endpoint,
      fault?.cause,
      fault?.code,
      phase,
      connection,
      fault?.wentOn ? 'on' : fault?.stayed,
    ]),
    [
      ['prod[0]', 'backend-connection-refused', 101503, 0, 'none', 'on'],
      ['prod[1]', 'backend-connection-refused', 101503, 0, 'none', 'none-left'],
    ],
  );
  const { kept, status, api, operation, method, path, keyType, error } = failed;
  assert.deepEqual(
    [kept, status, api, operation, method, path, keyType],
    ['failed', 502, 'orders/1.0.0', 'GET /*', 'GET', '/orders/1.0.0/x', 'PRODUCTION'],
  );
  assert.doesNotMatch(JSON.stringify(failed), /secret/);
  assert.equal(error?.cause, 'backend-connection-refused');
  const riddle = await storyOf(place, await place.call('/orders/1.0.0/x', good()));
  assert.deepEqual([riddle.status, riddle.error?.cause, riddle.attempts], [503, 'no-endpoint-ready', []]);
  assert.deepEqual(
    riddle.endpoints.map(({ name, url, state, cause }) => [name, url, state, cause]),
    [
      ['prod[0]', first, 'suspended', 101503],
      ['prod[1]', second, 'suspended', 101503],
    ],
  );
  for (const { retryIn } of riddle.endpoints) assert.ok(retryIn && retryIn > 0 && retryIn <= 30_000);
});

test('a call that another endpoint rescued is told too: it cost time, and the first endpoint is at fault', async (t) => {
  const down = await dead();
  const place = await withEndpoint(t, (url) => group(leaf(down), leaf(url)));
  const answer = await place.call('/orders/1.0.0/x', { ...good(), headers: { ...good().headers, activityid: 'me-1' } });
  assert.equal(answer.status, 200);
  await until(() => place.gateway.statistics().failures.calls.recovered === 1, 'the story');
  assert.deepEqual(place.gateway.statistics().failures.faults, { 'backend-connection-refused': 1 });
});

test('a deadline that fires is named with its value and its place, and so is the one that was next', async (t) => {
  const silent = await wired(t, () => {});
  const production = leaf(silent, { ...tireless, timeout: { duration: 150, action: 'fault' } });
  const timeouts = { socket: 60_000, global: 300 };
  const origin = { kind: 'file', file: 'deployment.toml', line: 7 } as const;
  const deadlines = { 'first-byte': { value: 60_000, setting: 'passthru_http.http.socket.timeout', origin } };
  const place = await withEndpoint(t, () => production, { timeouts, stories: { deadlines } });
  const { attempts, error } = await storyOf(place, await place.call('/orders/1.0.0/x', good()));
  const [{ fault, phase, pending, connection, took } = assert.fail()] = attempts;
  assert.deepEqual([fault?.cause, fault?.code, phase, connection], ['endpoint-timeout', 101504, 3, 'new']);
  const { at = 0, ...fired } = fault?.fired ?? {};
  assert.deepEqual(fired, {
    ...{ name: 'endpoint', value: 150, setting: 'config.actionDuration' },
    origin: 'API orders/1.0.0 prod config.actionDuration',
  });
  assert.ok(at >= 149 && at <= took + 1);
  const [next, ...others] = pending;
  const { at: due = 0, ...rest } = next ?? {};
  assert.deepEqual(rest, {
    ...{ name: 'first-byte', value: 60_000, setting: 'passthru_http.http.socket.timeout' },
    origin: 'deployment.toml:7',
  });
  assert.ok(due >= 60_000 && due < 60_150);
  assert.deepEqual(others, []);
  assert.deepEqual([error?.cause, error?.value], ['endpoint-timeout', 150]);
});

test('a discarded call leaves its client without an answer, but not without a story', async (t) => {
  const silent = await wired(t, () => {});
  const production = leaf(silent, { ...tireless, timeout: { duration: 50, action: 'discard' } });
  const place = await withEndpoint(t, () => production, { stories: { kept: 1 } });
  await assert.rejects(place.call('/orders/1.0.0/x', good()), { code: 'ECONNRESET' });
  await until(() => place.gateway.statistics().failures.calls['endpoint-timeout'] === 1, 'the story');
  const [story] = place.gateway.stories();
  assert.deepEqual([story?.kept, story?.status, story?.end, story?.error], ['failed', 0, 'aborted', undefined]);
  assert.equal(story?.attempts[0]?.fault?.fired?.value, 50);
});

test('a client that gives up is told apart from a backend that fails, with what it waited for', async (t) => {
  const asked = Promise.withResolvers<void>();
  const silent = await wired(t, () => asked.resolve());
  const place = await withEndpoint(t, () => leaf(silent), { stories: { share: 1 } });
  const outgoing = request({ host: '127.0.0.1', port: place.port, path: '/orders/1.0.0/x', ...good() });
  outgoing.on('error', () => {}).end();
  await asked.promise;
  outgoing.destroy();
  await until(() => place.gateway.statistics().failures.calls['client-closed'] === 1, 'the end of the call');
  const [story] = place.gateway.stories();
  assert.deepEqual([story?.kept, story?.status, story?.end], ['abandoned', 0, 'client-closed']);
  assert.deepEqual(
    story?.attempts.map(({ fault, phase, pending }) => [fault, phase, pending.map(({ name }) => name)]),
    [[undefined, 3, ['global', 'first-byte']]],
  );
  assert.deepEqual(place.gateway.statistics().failures.faults, {});
});

test('an answer that breaks off in its middle is laid at the door of the backend', async (t) => {
  const breaking = await wired(t, (wire) => {
    wire.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    wire.socket.destroy();
  });
  const place = await withEndpoint(t, () => leaf(breaking));
  await assert.rejects(place.call('/orders/1.0.0/x', good()), { code: 'ECONNRESET' });
  await until(() => place.gateway.statistics().failures.calls['backend-closed'] === 1, 'the story');
  const [story] = place.gateway.stories();
  assert.deepEqual([story?.kept, story?.status, story?.end], ['failed', 200, 'backend-closed']);
  assert.deepEqual(
    story?.attempts.map(({ status, fault, phase, pending }) => [status, fault?.code, phase, pending[0]?.name]),
    [[200, 101510, 5, 'backend-body-idle']],
  );
  assert.deepEqual(place.gateway.statistics().failures.faults, { 'backend-closed': 1 });
});

test('a request that was sent again over another connection says so', async (t) => {
  const { route } = await startWire(t, async (wire, index) => {
    await readRequest(wire);
    if (index === 0) {
      wire.send(ok('once'));
      await readRequest(wire);
    }
    wire.socket.end();
  });
  const place = await withEndpoint(t, () => leaf(`http://127.0.0.1:${route.port}`));
  assert.equal((await place.call('/orders/1.0.0/x', good())).body, 'once');
  const { attempts } = await storyOf(place, await place.call('/orders/1.0.0/x', good()));
  assert.deepEqual(
    attempts.map(({ fault, resent, connection }) => [fault?.cause, resent, connection]),
    [['backend-closed', true, 'new']],
  );
});

test('a flood of callers without credentials does not wash out the failures of backends', async (t) => {
  const down = await dead();
  const place = await withEndpoint(t, () => leaf(down, tireless), { stories: { kept: 2 } });
  const failed = await storyOf(place, await place.call('/orders/1.0.0/x', good()));
  const refused: CallStory[] = [];
  for (let count = 0; count < 5; count++) refused.push(await storyOf(place, await place.call('/orders/1.0.0/x')));
  assert.equal(place.gateway.story(failed.id)?.id, failed.id);
  assert.deepEqual(
    refused.map(({ id }) => place.gateway.story(id) !== undefined),
    [false, false, false, true, true],
  );
  assert.deepEqual(
    [refused[0]?.kept, refused[0]?.error?.cause, refused[0]?.error?.code],
    ['refused', 'missing-credentials', 900902],
  );
});

test('a request that cannot be read is told by the id of its refusal', async (t) => {
  const place = await withEndpoint(t, (url) => leaf(url));
  const socket = connect(place.port, '127.0.0.1').setEncoding('latin1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [string];
  socket.destroy();
  const id = /Sluice-Request-Id: (\S+)/.exec(answer)?.[1] ?? '';
  const { error, method, client, status } = place.gateway.story(id) ?? {};
  assert.deepEqual([error?.cause, method, client, status], ['bad-request', '', '127.0.0.1', 400]);
});

test('a call that succeeds leaves nothing behind, unless it is drawn', async (t) => {
  for (const share of [0, 1]) {
    const place = await withEndpoint(t, (url) => leaf(url), { stories: { share } });
    const answer = await place.call('/orders/1.0.0/x', good());
    assert.equal(answer.status, 200);
    await until(() => place.gateway.statistics().inFlight === 0, 'the end of the call');
    const [story, ...others] = place.gateway.stories();
    assert.equal(answer.headers['sluice-request-id'], story?.id);
    assert.deepEqual(
      [story?.kept, story?.attempts[0]?.status, others],
      share === 0 ? [undefined, undefined, []] : ['sampled', 200, []],
    );
    assert.deepEqual(place.gateway.statistics().failures, { calls: {}, faults: {} }, 'it counts as no failure');
  }
});

test('a call that a plan refuses is told with the limit, not with a setting that has nothing to do with it', async (t) => {
  const place = await withEndpoint(t, (url) => leaf(url));
  await place.put(entry.plan(plan('subscription', 'Bronze', { quota: callsPerMinute(0) })));
  await place.put(entry.subscription(subscription({ plan: 'Bronze' })));
  const { kept, error } = await storyOf(place, await place.call('/orders/1.0.0/x', good()));
  assert.deepEqual(
    [kept, error?.cause, error?.setting, error?.value, error?.origin],
    ['refused', 'subscription-limit-exceeded', 'plan Bronze (subscription)', 0, 'API orders/1.0.0'],
  );
});
