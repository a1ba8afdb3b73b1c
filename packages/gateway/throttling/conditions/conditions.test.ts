import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomRule, DenyCondition, PlanCondition } from '@sluice/model';
import { application, deployedApi, operation } from '../../testing/entities.ts';
import type { AskedCall } from './asked-call.ts';
import { ConditionalGroups } from './conditional-groups.ts';
import { CustomRules } from './custom-rules.ts';
import { DenyPolicies } from './deny-policies.ts';

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly claims?: Readonly<Record<string, string>>;
  readonly user?: string | null;
  readonly organization?: string;
  readonly application?: Parameters<typeof application>[0] | null;
}

function asked(facts: Asked = {}): AskedCall {
  const { headers = {}, query = '', claims = {}, user = 'mary', organization = 'carbon.super' } = facts;
  const source = facts.application === null ? null : application(facts.application ?? { owner: 'admin' });
  return {
    call: { head: { query, header: (name: string) => headers[name] } },
    api: { source: deployedApi({ organization }) },
    operation: { source: operation('GET', '/items/{id}') },
    application: source && { source, subscriptions: new Map([['api-1', { source: { plan: 'Gold' } }]]) },
    token: user === null ? null : { user, bearer: 'APPLICATION_USER', claim: (name: string) => claims[name] },
    keyType: 'PRODUCTION',
  } as unknown as AskedCall;
}

const on = { headers: true, claims: true, queryParameters: true };

function isMet(conditions: readonly PlanCondition[], call: AskedCall, client = '192.0.2.1', switches = on): boolean {
  const groups = new ConditionalGroups([{ description: '', conditions, quota: null }], switches, (reason) =>
    assert.fail(reason),
  );
  return groups.find(call, client) === 0;
}

test('a condition is met by other calls than WSO2 has it', () => {
  const header = { type: 'HEADERCONDITION', invert: false, name: 'User-Agent', value: '^curl' } as const;
  assert.ok(isMet([header], asked({ headers: { 'user-agent': 'curl/8' } })));
  assert.ok(!isMet([header], asked({ headers: { 'user-agent': 'a curl' } })));
  assert.ok(!isMet([header], asked()));
  assert.ok(isMet([{ ...header, invert: true }], asked()), 'who sends none is not met, and inverted is');
  assert.ok(!isMet([header], asked({ headers: { 'user-agent': 'curl' } }), '', { ...on, headers: false }));
  assert.ok(!isMet([{ ...header, invert: true }], asked(), '', { ...on, headers: false }), 'switched off and inverted');

  const parameter = { type: 'QUERYPARAMETERCONDITION', invert: false, name: 'na me', value: 'ä b' } as const;
  for (const query of ['?na+me=%C3%A4+b', '?x=1&na%20me=%C3%A4%20b', '?na%20me=x&na%20me=%C3%A4%20b&']) {
    assert.ok(isMet([parameter], asked({ query })), query);
  }
  for (const query of ['', '?', '?name=', '?na%20me', '?x=na me=ä b', '?na%20me=%zz']) {
    assert.ok(!isMet([parameter], asked({ query })), query);
  }

  const claim = { type: 'JWTCLAIMSCONDITION', invert: false, claim: 'role', value: 'boss' } as const;
  assert.ok(isMet([claim], asked({ claims: { role: 'the boss' } })));
  assert.ok(!isMet([claim], asked({ user: null })));
  // What the tokens of WSO2 for backends say.
  const own = (name: string, value: string): PlanCondition => ({
    ...claim,
    claim: `http://wso2.org/claims/${name}`,
    value,
  });
  assert.ok(isMet([own('applicationname', '^shop$'), own('subscriber', 'admin'), own('tier', 'Gold')], asked()));
  assert.ok(isMet([own('enduser', '^mary@carbon\\.super$')], asked()));
  assert.ok(!isMet([own('constructor', '')], asked()));
});

test('addresses at the ends of a range are not in it, or one group is met before an earlier one', () => {
  const range = (first: string, last: string, invert = false): PlanCondition => ({
    type: 'IPCONDITION',
    invert,
    addresses: { type: 'IPRANGE', first, last },
  });
  for (const client of ['192.0.2.1', '192.0.2.9', '::ffff:192.0.2.5']) {
    assert.ok(isMet([range('192.0.2.1', '192.0.2.9')], asked(), client), client);
    assert.ok(!isMet([range('192.0.2.1', '192.0.2.9', true)], asked(), client), client);
  }
  assert.ok(!isMet([range('192.0.2.1', '192.0.2.9')], asked(), '2001:db8::1'));
  assert.ok(isMet([range('2001:db8::', '2001:db8::ff')], asked(), '2001:DB8::00ff'));
  const reasons: string[] = [];
  const groups = new ConditionalGroups(
    [
      { description: '', conditions: [], quota: null },
      { description: '', conditions: [range('2.0.0.0', '1.0.0.0')], quota: null },
      {
        description: '',
        conditions: [range('192.0.2.0', '192.0.2.255'), range('192.0.2.1', '192.0.2.1', true)],
        quota: null,
      },
      { description: '', conditions: [range('0.0.0.0', '255.255.255.255')], quota: null },
    ],
    on,
    (reason) => reasons.push(reason),
  );
  assert.deepEqual(reasons, ['2.0.0.0 to 1.0.0.0 is no range of addresses']);
  assert.equal(groups.find(asked(), '192.0.2.2'), 2);
  assert.equal(groups.find(asked(), '192.0.2.1'), 3);
  assert.equal(groups.find(asked(), '::1'), -1);
});

test('a deny policy shuts out others than it names', () => {
  const denies = (condition: DenyCondition, call: AskedCall, client = '192.0.2.1', organization = 'carbon.super') =>
    new DenyPolicies([{ id: '1', organization, condition, enabled: true }]).find(call, client) !== null;
  assert.ok(denies({ type: 'API', value: '/orders/1.0.0' }, asked()));
  assert.ok(!denies({ type: 'API', value: '/orders' }, asked()));
  assert.ok(denies({ type: 'APPLICATION', value: 'admin:shop' }, asked()));
  assert.ok(denies({ type: 'APPLICATION', value: 'admin@carbon.super:shop' }, asked()));
  assert.ok(
    denies({ type: 'APPLICATION', value: 'admin:a:b' }, asked({ application: { owner: 'admin', name: 'a:b' } })),
  );
  assert.ok(!denies({ type: 'APPLICATION', value: 'mary:shop' }, asked()));
  assert.ok(!denies({ type: 'APPLICATION', value: 'admin:shop' }, asked(), '', 'other.org'));
  for (const value of ['mary', 'mary@carbon.super']) assert.ok(denies({ type: 'USER', value }, asked()), value);
  assert.ok(!denies({ type: 'USER', value: 'mary' }, asked(), '', 'other.org'));
  assert.ok(!denies({ type: 'USER', value: 'mary' }, asked({ user: null })));
  const name = '/orders/1.0.0:1.0.0:admin-shop';
  assert.ok(denies({ type: 'SUBSCRIPTION', value: `${name}:PRODUCTION` }, asked()));
  assert.ok(!denies({ type: 'SUBSCRIPTION', value: `${name}:SANDBOX` }, asked()));
  const address = { type: 'IP', address: '::ffff:192.0.2.1', invert: false } as const;
  assert.ok(denies(address, asked()));
  assert.ok(!denies(address, asked(), '192.0.2.2'));
  assert.ok(!denies(address, asked(), '192.0.2.1', 'other.org'), 'of another organization');
  assert.ok(!denies({ ...address, invert: true }, asked()));
  assert.ok(denies({ ...address, invert: true }, asked(), '::1'));
  assert.ok(denies({ ...address, invert: true }, asked(), 'unknown'), 'nobody knows who it is');
  const range = { type: 'IPRANGE', first: '2001:db8::1', last: '2001:db8::9', invert: false } as const;
  for (const client of ['2001:db8::1', '2001:db8::9']) assert.ok(denies(range, asked(), client), client);
  assert.ok(!denies(range, asked(), '2001:db8::a'));
  const policies = new DenyPolicies([
    { id: '1', organization: 'carbon.super', condition: { ...range, first: 'x' }, enabled: true },
    { id: '2', organization: 'carbon.super', condition: { type: 'USER', value: 'mary' }, enabled: false },
  ]);
  assert.deepEqual(
    policies.unreadable.map(({ id }) => id),
    ['1'],
  );
  assert.equal(policies.find(asked(), '2001:db8::1'), null);
  assert.ok(new DenyPolicies([]).empty);
});

test('a custom rule counts calls under another key than WSO2, or calls that it is not about', () => {
  const keyOf = (
    template: string,
    key: string,
    condition: string,
    call: AskedCall,
    client = '192.0.2.1',
    switches = on,
  ) => {
    const rule: CustomRule = {
      id: '1',
      organization: 'carbon.super',
      name: 'rule',
      description: '',
      keyTemplate: template,
      siddhiQuery: `FROM RequestStream SELECT (${condition}) AS isEligible, ${key} AS throttleKey INSERT INTO EligibilityStream;
        FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min) SELECT throttleKey, (count(userId) >= 5) AS isThrottled
        GROUP BY throttleKey INSERT ALL EVENTS INTO ResultStream;`,
      enabled: true,
    };
    const keys: string[] = [];
    new CustomRules([rule], switches, (_, reason) => assert.fail(reason)).each(call, client, (_, one) =>
      keys.push(one),
    );
    return keys[0];
  };
  const all = "str:concat(userId,'|',apiContext,'|',apiVersion,'|',appTenant,'|',apiTenant,'|',appId,'|',resourceKey)";
  assert.equal(
    keyOf('$userId|$apiContext|$apiVersion|$appTenant|$apiTenant|$appId|$resourceKey', all, 'true', asked()),
    'mary@carbon.super|/orders/1.0.0|1.0.0|carbon.super|carbon.super|app-1|/orders/1.0.0/1.0.0/items/{id}:GET',
  );
  assert.equal(keyOf('$clientIp', "cast(map:get(propertiesMap,'ip'),'string')", 'true', asked()), '3221225985');
  assert.equal(keyOf('$clientIp', "cast(map:get(propertiesMap,'ip'),'string')", 'true', asked(), '::1'), undefined);
  assert.equal(
    keyOf('$clientIp', "cast(map:get(propertiesMap,'ipv6'),'string')", 'true', asked(), '2001:db8::'),
    String(0x20010db8n << 96n),
  );
  const property = "map:get(propertiesMap,'x-tenant')";
  const key = (call: AskedCall, switches = on) =>
    keyOf('$customProperty.x-tenant', property, `not (${property} is null)`, call, '', switches);
  assert.equal(key(asked({ headers: { 'x-tenant': 'h' } })), 'h');
  assert.equal(key(asked({ headers: { 'x-tenant': 'h' }, query: '?x-tenant=q' })), 'q');
  assert.equal(key(asked({ query: '?x-tenant=q', claims: { 'x-tenant': 'c' } })), 'c');
  assert.equal(key(asked({ headers: { 'x-tenant': 'h' } }), { ...on, headers: false }), undefined);
  const about = (condition: string) =>
    keyOf('$userId', 'userId', condition, asked({ claims: { level: '7', blank: ' ', word: 'x' } })) !== undefined;
  for (const condition of [
    "userId == 'mary@carbon.super'",
    "userId != 'x' and not (apiContext == '/a')",
    "regex:find('^/orders', apiContext)",
    "cast(map:get(propertiesMap,'level'),'long') >= 7L",
    "map:get(propertiesMap,'none') is null",
    "cast(map:get(propertiesMap,'ip'),'long') == 3221225985L",
  ]) {
    assert.ok(about(condition), condition);
  }
  for (const condition of [
    "userId == 'mary'",
    "map:get(propertiesMap,'none') == 'x'",
    "map:get(propertiesMap,'none') != 'x'",
    "cast(map:get(propertiesMap,'blank'),'long') < 7L",
    "cast(map:get(propertiesMap,'word'),'long') != 7L",
    "regex:matches('/orders', apiContext)",
    "cast(map:get(propertiesMap,'level'),'long') > 7L",
    'false',
  ]) {
    assert.ok(!about(condition), condition);
  }
});
