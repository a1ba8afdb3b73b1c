import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeFinding } from '../../finding.ts';
import type { JsonObject } from '../../json.ts';
import type { PlanKind } from '../../plan.ts';
import { seededPlans } from '../seeded-plans.ts';
import { planView, readPlan } from './plan.ts';

const golden = new URL('./golden/', import.meta.url);
const inputs = readdirSync(golden).filter((file) => file.endsWith('.in.json'));
// UPDATE_GOLDEN=1 writes what is found; read the difference before committing it.
const update = process.env.UPDATE_GOLDEN === '1';
const identity = { id: 'the-id', organization: 'carbon.super' };

for (const input of inputs) {
  test(`a policy of WSO2 is read and written as before: ${input}`, () => {
    const { kind, data } = JSON.parse(readFileSync(new URL(input, golden), 'utf8')) as {
      kind: PlanKind;
      data: JsonObject;
    };
    const { draft, findings } = readPlan(kind, data);
    const plan = draft && { ...draft, ...identity };
    const found = plan ? { plan, policy: planView(plan) } : { findings: findings.list.map(describeFinding) };
    const text = `${JSON.stringify(found, null, 2)}\n`;
    const file = new URL(input.replace('.in.', '.out.'), golden);
    if (update) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
    if (!plan) return;
    assert.deepEqual({ ...readPlan(kind, planView(plan)).draft, ...identity }, plan, 'what was written reads the same');
  });
}

test('every plan of the first start survives an export and an import', () => {
  for (const seeded of seededPlans) {
    const { draft } = readPlan(seeded.kind, planView({ ...seeded, ...identity }));
    const expected = seeded.kind === 'advanced' ? { ...seeded, conditionalGroups: [] } : seeded;
    assert.deepEqual(draft, expected, seeded.name);
  }
});

test('what a policy holds beside its limit is taken as it comes', () => {
  const limit = { type: 'REQUESTCOUNTLIMIT', requestCount: { timeUnit: 'min', unitTime: 1, requestCount: 5 } };
  const plan = { policyName: 'x', defaultLimit: limit };
  const priced = { monetizationPlan: 'FIXEDRATE', properties: { fixedPrice: '5' } };
  assert.deepEqual(readPlan('subscription', { ...plan, monetization: priced }).draft?.more, { monetization: priced });
  assert.deepEqual(readPlan('subscription', { ...plan, monetization: null }).draft?.more, {});
  for (const monetization of [
    'free',
    { ...priced, monetizationPlan: 'FREE' },
    { properties: [] },
    { properties: { a: { b: 1 } } },
    { properties: { a: 'x'.repeat(2000) } },
    { properties: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`a${at}`, ''])) },
  ]) {
    const { draft, findings } = readPlan('subscription', { ...plan, monetization });
    assert.equal(draft, undefined);
    assert.match(findings.list.map(describeFinding)[0] ?? '', /^monetization: /);
  }
  const tokens = {
    type: 'AIAPIQUOTALIMIT',
    aiApiQuota: { timeUnit: 'min', unitTime: 1, requestCount: 5, totalTokenCount: 9 },
  };
  const header = { type: 'HEADERCONDITION', headerCondition: { headerName: 'a', headerValue: 'b' } };
  const counted = readPlan('advanced', { ...plan, conditionalGroups: [{ conditions: [header], limit: tokens }] });
  assert.equal(counted.draft, undefined, 'a group whose counts of tokens would be lost');
});

test('hostile policies cost no more than their findings', () => {
  const group = { conditions: new Array(100_000).fill({ type: 'IPCONDITION' }), limit: null };
  const { draft, findings } = readPlan('advanced', {
    policyName: 'x'.repeat(1_000_000),
    defaultLimit: { type: 'constructor' },
    conditionalGroups: new Array(50).fill(group),
  });
  assert.equal(draft, undefined);
  assert.ok(findings.list.length <= 100);
  assert.ok(findings.list.every((finding) => describeFinding(finding).length < 1000));
});
