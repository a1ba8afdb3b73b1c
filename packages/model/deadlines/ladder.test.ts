import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiEndpoints, LeafEndpoint } from '../endpoint.ts';
import { parseEndpointConfig } from '../endpoints/parse.ts';
import type { Json, JsonObject } from '../json.ts';
import { type DeadlineValue, deadlineValue, type GatewayDeadlines, usualDeadlines } from './effective.ts';
import { apiOrders, type Rung, timeoutReport } from './ladder.ts';
import { type DeadlineName, deadlineNames, deadlines } from './table.ts';

function gatewayOf(values: { readonly [N in keyof GatewayDeadlines]?: number }): GatewayDeadlines {
  const entries = Object.entries(usualDeadlines).map(([name, usual]): [string, DeadlineValue] => [
    name,
    { ...usual, value: values[name as keyof GatewayDeadlines] ?? usual.value },
  ]);
  return Object.fromEntries(entries) as unknown as GatewayDeadlines;
}

function endpointsOf(config: JsonObject, timeouts?: JsonObject, url = 'https://b.example/x'): ApiEndpoints {
  const source: Json = { production_endpoints: { url, config }, ...(timeouts && { timeouts }) };
  const { endpoints, findings } = parseEndpointConfig(source);
  assert.deepEqual(findings, []);
  return endpoints;
}

function rungs(endpoints: ApiEndpoints, gateway: GatewayDeadlines): (name: DeadlineName) => Rung | undefined {
  const { groups } = timeoutReport(
    {
      ...{ name: 'orders', version: '1', type: 'HTTP', basePath: '/orders/1', defaultBasePath: null },
      operations: [{ verb: 'GET', target: '/x', authType: 'None', throttlingPolicy: 'Unlimited', scopes: [] }],
      endpoints,
    },
    gateway,
    () => null,
  );
  const all = groups[0]?.ladders[0]?.rungs ?? [];
  return (name) => all.find((rung) => rung.name === name);
}

const socketOf = (value: number) => ({
  ...{ 'client-body-idle': value, 'client-write-idle': value, 'backend-write-idle': value },
  ...{ 'first-byte': value, 'backend-body-idle': value, connect: value / 2 },
});

test('a ladder shows no keys of addresses', () => {
  const api = { name: 'orders', version: '1', type: 'HTTP', basePath: '/orders/1', defaultBasePath: null } as const;
  const operations = [
    { verb: 'GET', target: '/x', authType: 'None', throttlingPolicy: 'Unlimited', scopes: [] },
  ] as const;
  const endpoints = endpointsOf({}, undefined, 'https://b.example/x?key=hush&list');
  const { groups } = timeoutReport({ ...api, operations, endpoints }, usualDeadlines, () => null);
  assert.equal(groups[0]?.ladders[0]?.url, 'https://b.example/x?key=***&list');
});

test('the ladders of what WSO2 users ask about say what fires first', () => {
  const rows: [string, GatewayDeadlines, JsonObject, DeadlineName, number][] = [
    ['a socket timeout below the endpoint', gatewayOf(socketOf(60_000)), duration(100_000), 'first-byte', 60_000],
    ['the global deadline above the socket timeout', gatewayOf(socketOf(60_000)), {}, 'first-byte', 60_000],
    ['one value for socket and global', gatewayOf({ ...socketOf(30_000), global: 30_000 }), {}, 'global', 30_000],
    ['a backend slower than 60 s', gatewayOf(socketOf(120_000)), duration(90_000), 'endpoint', 90_000],
    ['the global deadline and none of the endpoint', usualDeadlines, {}, 'global', 120_000],
    ['an endpoint that may exceed the global deadline', usualDeadlines, duration(170_000), 'endpoint', 170_000],
    ['never', usualDeadlines, { actionSelect: 'neverTimeout', actionDuration: '5' }, 'global', 120_000],
  ];
  for (const [what, gateway, config, name, value] of rows) {
    assert.deepEqual(rungs(endpointsOf(config), gateway)('first-byte')?.first, { name, value }, what);
  }
});

function duration(millis: number): JsonObject {
  return { actionSelect: 'fault', actionDuration: String(millis) };
}

test('connecting has a deadline of its own beside the silence of a backend', () => {
  const of = rungs(endpointsOf(duration(30_000), { connect: 10_000 }), usualDeadlines);
  assert.deepEqual(of('connect')?.first, { name: 'connect', value: 10_000 });
  assert.equal(of('connect')?.origin, 'API orders/1 timeouts.connect');
  assert.deepEqual(of('first-byte')?.first, { name: 'endpoint', value: 30_000 });
});

test('a deadline that calls cannot meet has no rung', () => {
  const names = (url: string) =>
    deadlineNames.filter((name) => rungs(endpointsOf({}, undefined, url), usualDeadlines)(name));
  assert.ok(!names('http://10.0.0.1:80/x').includes('tls-handshake'));
  assert.ok(!names('http://10.0.0.1:80/x').includes('name-lookup'));
  assert.ok(!names('http://[::1]/x').includes('name-lookup'));
  assert.ok(names('https://b.example').includes('tls-handshake'));
  assert.ok(!names('https://b.example').includes('websocket-idle'));
});

test('an order that cannot work is found whichever level has the values, and said once', () => {
  const orders = (endpoints: ApiEndpoints, gateway = usualDeadlines) =>
    apiOrders({ name: 'orders', version: '1', endpoints }, gateway, () => null);
  assert.deepEqual(orders(endpointsOf({})), []);
  assert.deepEqual(orders(endpointsOf(duration(180_000))), []);
  const [over, ...rest] = orders(endpointsOf(duration(181_000)));
  assert.deepEqual(rest, []);
  assert.equal(over?.level, 'warning');
  assert.match(
    over?.message ?? '',
    /endpoint of 181000 ms \(API orders\/1 prod config.actionDuration\) is above first-byte of 180000 ms/,
  );
  // Nobody has chosen the connection timeout, which is half of the socket timeout.
  assert.deepEqual(
    orders(endpointsOf(duration(60_000))).map(({ level }) => level),
    ['note'],
  );
  const both = parseEndpointConfig({
    endpoint_type: 'failover',
    timeouts: { connect: 8000, global: 5000, poolWait: 0, tlsHandshake: 100 },
    production_endpoints: { url: 'https://a' },
    production_failovers: [{ url: 'https://b' }],
  }).endpoints;
  assert.equal(orders(both).length, 1);
  assert.match(orders(both)[0]?.message ?? '', /connect of 8000 ms .* is above global of 5000 ms/);
});

const millis = fc.integer({ min: 0, max: 20 });
const members = ['connect', 'tlsHandshake', 'poolWait', 'backendWriteIdle', 'firstByte', 'backendBodyIdle'] as const;
const some = fc.dictionary(fc.constantFrom(...members), millis);

test('whatever the levels say, the nearest one counts, and nothing that fires earlier is missed', () => {
  fc.assert(
    fc.property(
      some,
      some,
      fc.record(Object.fromEntries(Object.keys(usualDeadlines).map((name) => [name, millis]))),
      millis,
      (own, shared, values, actionDuration) => {
        const gateway = gatewayOf({ ...values, global: (values.global ?? 0) + 1 });
        const config = { ...(actionDuration > 0 ? duration(actionDuration) : {}), timeouts: own };
        const endpoints = endpointsOf(config, shared);
        const leaf = endpoints.production as LeafEndpoint;
        const of = rungs(endpoints, gateway);
        for (const name of deadlineNames) {
          const { endpoint } = deadlines[name];
          if (endpoint === undefined || name === 'endpoint') continue;
          const expected = own[endpoint] ?? shared[endpoint] ?? gateway[name as 'connect'].value;
          const levels = { gateway, api: { label: 'orders/1', timeouts: endpoints.timeouts }, leaf };
          assert.equal(deadlineValue(name, levels).value, expected);
          // Told another way: the whole call may last so long, and each phase of it so long.
          const whole = actionDuration > 0 ? actionDuration : gateway.global.value;
          const ends = deadlines[name].beforeAnswer ? [whole, expected] : [expected];
          const earliest = Math.min(...ends.filter((value) => value > 0), Number.POSITIVE_INFINITY);
          assert.equal(of(name)?.first?.value ?? Number.POSITIVE_INFINITY, earliest);
        }
      },
    ),
  );
});
