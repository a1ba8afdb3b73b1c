import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFinding } from '../../finding.ts';
import type { JsonObject } from '../../json.ts';
import { customRuleView, readCustomRule } from './custom-rule.ts';
import { denyValue, readDenyCondition } from './deny-condition.ts';
import { exportedPolicyView, readExportedPolicy } from './exported.ts';

const query =
  'FROM RequestStream SELECT userId, (userId == "mary@carbon.super") AS isEligible, str:concat(userId) AS throttleKey ' +
  'INSERT INTO EligibilityStream; FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min) ' +
  'SELECT throttleKey, (count(userId) >= 5) AS isThrottled, expiryTimeStamp GROUP BY throttleKey INSERT ALL EVENTS INTO ResultStream;';

test('deny policies are read and written as WSO2 writes them', () => {
  const cases: JsonObject[] = [
    { conditionType: 'API', conditionValue: '/shop/1.0.0' },
    { conditionType: 'APPLICATION', conditionValue: 'dora:Shop: the app' },
    { conditionType: 'USER', conditionValue: 'mary@carbon.super' },
    { conditionType: 'IP', conditionValue: { fixedIp: '2001:db8::1', invert: true } },
    { conditionType: 'IPRANGE', conditionValue: { startingIp: '10.0.0.1', endingIp: '10.0.0.1', invert: false } },
  ];
  for (const data of cases) {
    const { condition } = readDenyCondition(data);
    assert.ok(condition, JSON.stringify(data));
    assert.deepEqual({ conditionType: condition.type, conditionValue: denyValue(condition) }, data);
  }
});

test('a malformed deny policy is refused by the name of its member', () => {
  const cases: [JsonObject, RegExp][] = [
    [{ conditionType: 'SUBSCRIPTION', conditionValue: 'x' }, /^conditionType: "SUBSCRIPTION" found, one of API/],
    [{ conditionType: 'API', conditionValue: 'shop/1.0.0' }, /^conditionValue: .*\/orders\/1\.0\.0/],
    [{ conditionType: 'API', conditionValue: '' }, /^conditionValue: "" found/],
    [{ conditionType: 'APPLICATION', conditionValue: 'Shop' }, /^conditionValue: "Shop" found, owner and name/],
    [{ conditionType: 'USER', conditionValue: '  ' }, /^conditionValue: " {2}" found, more than blanks/],
    [{ conditionType: 'USER', conditionValue: 'm\ud800' }, /^conditionValue/],
    [{ conditionType: 'USER', conditionValue: { name: 'mary' } }, /^conditionValue: an object found/],
    [{ conditionType: 'IP', conditionValue: '10.0.0.1' }, /^conditionValue: "10.0.0.1" found, an object.*fixedIp/],
    [{ conditionType: 'IP', conditionValue: { fixedIp: '10.0.0' } }, /^conditionValue.fixedIp: "10.0.0" found/],
    [{ conditionType: 'IP', conditionValue: { fixedIp: '10.0.0.1', invert: 'no' } }, /^conditionValue.invert/],
    [
      { conditionType: 'IPRANGE', conditionValue: { startingIp: '10.0.0.2', endingIp: '10.0.0.1' } },
      /^conditionValue.endingIp: "10.0.0.1" found, .*not before startingIp \(10.0.0.2\)/,
    ],
    [{ conditionType: 'IPRANGE', conditionValue: { startingIp: '10.0.0.2' } }, /^conditionValue.endingIp: nothing/],
  ];
  for (const [data, expected] of cases) {
    const { condition, findings } = readDenyCondition(data);
    assert.equal(condition, undefined, JSON.stringify(data));
    assert.match(findings.list.map(describeFinding)[0] ?? '', expected);
  }
});

test('a custom rule is taken when its query is understood, and refused with the reason and the place when it is not', () => {
  const data = { policyName: 'Five', description: 'Five for mary', keyTemplate: '$userId', siddhiQuery: query };
  const { draft } = readCustomRule(data);
  assert.ok(draft);
  const view = customRuleView({ ...draft, id: 'id', organization: 'carbon.super' });
  assert.deepEqual(readCustomRule(view).draft, draft);
  for (const [changed, expected] of [
    [{ siddhiQuery: query.replace('count', 'max') }, /^siddhiQuery: .*line 1, column \d+/],
    [{ keyTemplate: '$weather' }, /\$weather/],
    [{ keyTemplate: '' }, /^keyTemplate: "" found/],
    [{ siddhiQuery: undefined }, /^siddhiQuery: nothing found/],
    [{ policyName: '' }, /^policyName: "" found/],
  ] as [JsonObject, RegExp][]) {
    const refused = readCustomRule({ ...data, ...changed });
    assert.equal(refused.draft, undefined);
    assert.match(refused.findings.list.map(describeFinding)[0] ?? '', expected);
  }
});

test('exports of old and new versions are read; what is no exported policy says so', () => {
  const data = { policyName: 'Gold' };
  for (const kind of ['subscription', 'application', 'advanced', 'custom'] as const) {
    assert.deepEqual(readExportedPolicy(exportedPolicyView(kind, data)).policy, { kind, data });
  }
  const old = { type: 'throttling policy', subtype: 'subcription policy', version: 'v4.1.0', data };
  assert.equal(readExportedPolicy(old).policy?.kind, 'subscription');
  for (const document of [
    {},
    { ...old, type: 'api' },
    { ...old, subtype: 'constructor' },
    { ...old, data: [] },
    { ...old, data: null },
  ] as JsonObject[]) {
    const { policy, findings } = readExportedPolicy(document);
    assert.equal(policy, undefined, JSON.stringify(document));
    assert.ok(findings.hasErrors);
  }
});
