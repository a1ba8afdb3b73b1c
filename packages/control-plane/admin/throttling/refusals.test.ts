import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Log, LogFields } from '@sluice/model';
import { developer, otherDeveloper, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
const warnings: LogFields[] = [];
const log: Log = {
  ...{ trace: () => {}, debug: () => {}, info: () => {}, error: () => {}, child: () => log },
  warn: (_message: string, fields?: LogFields) => void warnings.push(fields ?? {}),
} as Log;
before(async () => {
  portals = await startPortals({ log });
});
after(() => portals.close());

const policies = '/throttling/policies';
const perMinute = (requestCount: unknown, timeUnit = 'min', unitTime: unknown = 1) => ({
  type: 'REQUESTCOUNTLIMIT',
  requestCount: { timeUnit, unitTime, requestCount },
});
const range = (startingIP: string, endingIP: string) => ({
  conditions: [{ type: 'IPCONDITION', ipCondition: { ipConditionType: 'IPRANGE', startingIP, endingIP } }],
  limit: perMinute(1),
});

test('a policy that cannot be served is refused by the name of the member, its value and what to do', async () => {
  const rows: [kind: string, body: Record<string, unknown>, expected: RegExp][] = [
    ['application', { defaultLimit: perMinute(5) }, /policyName/],
    ['application', { policyName: 'x' }, /defaultLimit/],
    ['application', { policyName: 'x'.repeat(61), defaultLimit: perMinute(5) }, /policyName.*60/],
    ['application', { policyName: ' x', defaultLimit: perMinute(5) }, /^policyName: " x" found/],
    ['application', { policyName: 'x', defaultLimit: perMinute(0) }, /requestCount: 0 found, .*from 1 .*deny policy/],
    ['application', { policyName: 'x', defaultLimit: perMinute(5, 'week') }, /timeUnit: "week" found, sec, min/],
    ['application', { policyName: 'x', defaultLimit: perMinute(5, 'day', 4000) }, /unitTime: 4000 found, .*3650/],
    ['application', { policyName: 'x', defaultLimit: { type: 'BANDWIDTHLIMIT' } }, /defaultLimit\.bandwidth: nothing/],
    ['application', { policyName: 'x', defaultLimit: { type: 'SPEED' } }, /defaultLimit\/type/],
    [
      'subscription',
      { policyName: 'x', defaultLimit: perMinute(5), rateLimitCount: 5, rateLimitTimeUnit: 'day' },
      /^rateLimitTimeUnit: "day" found, sec or min/,
    ],
    [
      'subscription',
      { policyName: 'x', defaultLimit: perMinute(5), permissions: { permissionType: 'ALLOW', roles: [] } },
      /^permissions\.roles: a list of 0 found/,
    ],
    [
      'advanced',
      { policyName: 'x', defaultLimit: perMinute(5), conditionalGroups: [range('10.0.0.9', '10.0.0.1')] },
      /endingIP: "10\.0\.0\.1" found, .*not before startingIP/,
    ],
    [
      'advanced',
      { policyName: 'x', defaultLimit: perMinute(5), conditionalGroups: [range('10.0.0.9', 'here')] },
      /endingIP: "here" found, an IPv4 or IPv6 address/,
    ],
    [
      'custom',
      { policyName: 'x', keyTemplate: '$userId', siddhiQuery: 'SELECT everything' },
      /^siddhiQuery: .*line 1, column 1/,
    ],
  ];
  for (const [kind, body, expected] of rows) {
    const answer = await portals.admin('POST', `${policies}/${kind}`, { body });
    assert.equal(answer.status, 400, expected.source);
    assert.match(answer.body.description, expected);
    assert.notEqual(answer.body.error.length, 0);
  }
});

test('the plan Unlimited is neither removed nor limited', async () => {
  for (const kind of ['application', 'subscription', 'advanced'] as const) {
    const plan = await portals.organization.plans.find(kind, 'Unlimited');
    const path = `${policies}/${kind}/${plan?.id}`;
    assert.equal((await portals.admin('DELETE', path)).status, 403);
    const limited = { policyName: 'Unlimited', defaultLimit: perMinute(5) };
    assert.equal((await portals.admin('PUT', path, { body: limited })).status, 403);
    const { body } = await portals.admin('GET', path);
    const described = await portals.admin('PUT', path, { body: { ...body, description: 'As much as you like' } });
    assert.deepEqual([described.status, described.body.description], [200, 'As much as you like']);
  }
});

test('a plan for AI APIs stays one', async () => {
  const gold = await portals.organization.plans.find('subscription', 'AIGold');
  const path = `${policies}/subscription/${gold?.id}`;
  const answer = await portals.admin('PUT', path, { body: { policyName: 'AIGold', defaultLimit: perMinute(5) } });
  assert.deepEqual([answer.status, answer.body.code], [400, 900974]);
  const { body } = await portals.admin('GET', path);
  assert.equal(body.defaultLimit.aiApiQuota.totalTokenCount, 50_000);
  assert.equal((await portals.admin('PUT', path, { body })).status, 200);
});

test('conditions that are switched off are taken, and answer and log name the setting', async () => {
  const headerCondition = { headerName: 'User-Agent', headerValue: 'bot' };
  const group = { conditions: [{ type: 'HEADERCONDITION', headerCondition }], limit: perMinute(1) };
  const body = { policyName: 'Bots', defaultLimit: perMinute(5), conditionalGroups: [group] };
  const answer = await portals.admin('POST', `${policies}/advanced`, { body });
  assert.equal(answer.status, 201);
  assert.match(answer.headers.get('sluice-warning') ?? '', /enable_header_based_throttling of \[apim\.throttling\]/);
  assert.deepEqual(warnings.at(-1)?.policy, 'Bots');
  const inRange = { ...body, policyName: 'Office', conditionalGroups: [range('10.0.0.1', '10.0.0.9')] };
  const quiet = await portals.admin('POST', `${policies}/advanced`, { body: inRange });
  assert.deepEqual([quiet.status, quiet.headers.get('sluice-warning')], [201, null]);
});

test('a deny policy names something that is there, in the form that gateways compare', async () => {
  const deny = (conditionType: string, conditionValue: unknown) =>
    portals.admin('POST', '/throttling/deny-policies', { body: { conditionType, conditionValue } });
  await portals.addApi({ name: 'Denied', context: '/denied', version: '2.0.0' });
  await portals.addApi({ name: 'Inner', context: '/inner/{version}/denied', version: '2.0.0' });
  await portals.devportal('POST', '/applications', {
    ...{ as: developer, body: { name: 'Shop: Denied', throttlingPolicy: 'Unlimited' } },
  });
  for (const [type, value, kept] of [
    ['API', '/denied/2.0.0', '/denied/2.0.0'],
    ['API', '/inner/2.0.0/denied', '/inner/2.0.0/denied'],
    ['APPLICATION', 'Dora:shop: denied', 'dora:Shop: Denied'],
    ['USER', 'mail@example.com', 'mail@example.com@carbon.super'],
    // As tokens name the user, however the administrator wrote it.
    ['USER', 'DORA', 'dora@carbon.super'],
  ] as const) {
    const made = await deny(type, value);
    assert.deepEqual([made.status, made.body.conditionValue], [201, kept]);
  }
  for (const [type, value, code] of [
    ['API', '/denied/3.0.0', 900977],
    ['API', '/denied', 900977],
    ['API', 'denied', 900256],
    ['APPLICATION', 'otto:Shop: Denied', 900978],
    ['APPLICATION', 'dora@carbon.super:Shop', 900978],
    ['APPLICATION', 'Shop', 900256],
    ['IP', { fixedIp: '10.0.0' }, 900256],
    ['IP', '10.0.0.1', 900256],
    ['IPRANGE', { startingIp: '10.0.0.2', endingIp: '10.0.0.1' }, 900256],
    ['WEATHER', 'rain', 400],
    ['USER', '', 900256],
  ] as const) {
    const answer = await deny(type, value);
    assert.deepEqual([answer.status, answer.body.code], [400, code], `${type} ${JSON.stringify(value)}`);
  }
  const list = async (query: string) => {
    const { status, body } = await portals.admin('GET', `/throttling/deny-policies?query=${encodeURIComponent(query)}`);
    return status === 200 ? body.list.map(({ conditionValue }: { conditionValue: unknown }) => conditionValue) : status;
  };
  assert.deepEqual(await list('conditionType:API&conditionValue:INNER'), ['/inner/2.0.0/denied']);
  assert.deepEqual((await list('conditionType:USER')).sort(), ['dora@carbon.super', 'mail@example.com@carbon.super']);
  assert.deepEqual(await list('conditionValue:"/denied"'), []);
  assert.equal((await list('')).length, 5);
  assert.equal(await list('rain'), 400);
});

test('developers stay outside', async () => {
  for (const path of ['policies/custom', 'policies/search', 'policies/export?name=Gold', 'deny-policies']) {
    assert.equal((await portals.admin('GET', `/throttling/${path}`, { as: otherDeveloper })).status, 401, path);
  }
});
