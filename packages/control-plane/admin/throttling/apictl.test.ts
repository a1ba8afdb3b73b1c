import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
/** Who may import and export, and nothing else: an operator as apictl signs in. */
const operator = 'ops:secret-5';
let as: string;

before(async () => {
  portals = await startPortals();
  await portals.keyManager.users.create({ username: 'ops', password: 'secret-5', roles: ['Internal/devops'] });
  as = operator;
});
after(() => portals.close());

const policies = '/throttling/policies';
const perMinute = (requestCount: number) => ({
  type: 'REQUESTCOUNTLIMIT',
  requestCount: { timeUnit: 'min', unitTime: 1, requestCount },
});
const exported = (subtype: string, data: object) => ({ type: 'throttling policy', subtype, version: 'v4.7.0', data });
const fileOf = (text: string, name = 'Policy.yaml') => {
  const form = new FormData();
  form.set('file', new File([text], name));
  return form;
};
const importFile = (content: object, overwrite = false, format: 'yaml' | 'json' = 'yaml') =>
  portals.admin('POST', `${policies}/import?overwrite=${overwrite}`, {
    ...{ as, form: fileOf(format === 'json' ? JSON.stringify(content) : stringify(content), `Policy.${format}`) },
  });

test('a policy goes out as a file and comes in again, new, refused and overwritten, in the words that apictl prints', async () => {
  const out = await portals.admin('GET', `${policies}/export?name=Gold&type=sub&format=YAML`, { as });
  assert.equal(out.status, 200);
  const { data, ...frame } = out.body;
  assert.deepEqual(frame, { type: 'throttling policy', subtype: 'subscription policy', version: 'v4.7.0' });
  // apictl names its file after the second member.
  assert.deepEqual(Object.entries(data)[1], ['policyName', 'Gold']);

  const copy = {
    ...out.body,
    data: { ...data, policyId: 'of-another-server', policyName: 'Gold2', rateLimitCount: 9 },
  };
  const made = await importFile(copy);
  assert.deepEqual([made.status, made.body], [201, 'Successfully imported Subscription Throttling Policy : Gold2']);
  const refused = await importFile(copy, false, 'json');
  assert.deepEqual([refused.status, refused.body.code], [409, 409]);
  const known = await portals.organization.plans.find('subscription', 'Gold2');
  copy.data.defaultLimit = perMinute(123);
  const changed = await importFile(copy, true, 'json');
  assert.deepEqual(
    [changed.status, changed.body],
    [200, 'Successfully updated Subscription Throttling Policy : Gold2'],
  );
  const plan = await portals.organization.plans.find('subscription', 'Gold2');
  assert.deepEqual(plan, {
    ...known,
    quota: { type: 'REQUESTCOUNTLIMIT', requestCount: 123, timeUnit: 'min', unitTime: 1 },
  });
  assert.deepEqual(plan?.burst, { count: 9, timeUnit: 'sec' });
});

test('every kind of policy of another server is taken: as a form, and as the body of older versions of apictl', async () => {
  const siddhiQuery =
    "FROM RequestStream SELECT userId, (userId == 'mary@carbon.super') AS isEligible, str:concat('mary@carbon.super','') as throttleKey " +
    'INSERT INTO EligibilityStream; FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min) SELECT throttleKey, ' +
    '(count(userId) >= 5) as isThrottled, expiryTimeStamp group by throttleKey INSERT ALL EVENTS into ResultStream;';
  const rows = [
    ['application policy', 'app', 'Application', { policyName: 'A1', defaultLimit: perMinute(1), burstLimit: null }],
    ['subcription policy', 'sub', 'Subscription', { policyName: 'S1', defaultLimit: perMinute(1), permissions: null }],
    ['advanced policy', 'api', 'Advanced', { policyName: 'P1', defaultLimit: perMinute(1), conditionalGroups: [] }],
    ['custom rule', 'global', 'Custom', { policyName: 'C1', keyTemplate: '$userId', siddhiQuery }],
  ] as const;
  for (const [subtype, type, word, data] of rows) {
    const made = await importFile(exported(subtype, data));
    assert.deepEqual(
      [made.status, made.body],
      [201, `Successfully imported ${word} Throttling Policy : ${data.policyName}`],
    );
    const body = exported(subtype, { ...data, description: 'again' });
    const changed = await portals.admin('POST', `${policies}/import?overwrite=true`, { as, body });
    assert.deepEqual(
      [changed.status, changed.body],
      [200, `Successfully updated ${word} Throttling Policy : ${data.policyName}`],
    );
    const twice = await portals.admin('POST', `${policies}/import`, { as, body });
    assert.equal(twice.status, 409);
    const out = await portals.admin('GET', `${policies}/export?name=${data.policyName}&type=${type}&format=JSON`, {
      as,
    });
    assert.deepEqual([out.body.data.policyName, out.body.data.description], [data.policyName, 'again']);
  }
});

test('what cannot be imported is refused with the reason', async () => {
  const gold = exported('subscription policy', { policyName: 'G', defaultLimit: perMinute(0) });
  const cases: [FormData | undefined, RegExp][] = [
    [undefined, /needs a body|no part named file/],
    [fileOf(''), /cannot be imported/],
    [fileOf('a: [1'), /cannot be imported: .*line 1/],
    [fileOf('type: api\ndata: {}'), /: type: "api" found, "throttling policy" expected/],
    [fileOf(JSON.stringify(gold)), /^defaultLimit\.requestCount\.requestCount: 0 found/],
    [fileOf(`x: ${'y'.repeat(1_048_577)}`), /cannot be imported|larger/],
  ];
  for (const [form, expected] of cases) {
    const answer = await portals.admin('POST', `${policies}/import`, form ? { as, form } : { as });
    assert.ok([400, 413].includes(answer.status), `${answer.status} ${expected}`);
    assert.match(answer.body.description, expected);
  }
});

test('the type of an export decides among policies of one name; without it application policies come first', async () => {
  for (const [query, subtype] of [
    ['name=Unlimited&type=sub', 'subscription policy'],
    ['name=Unlimited&type=app', 'application policy'],
    ['name=Unlimited&type=api', 'advanced policy'],
    ['name=Unlimited&type=', 'application policy'],
    ['name=Silver', 'subscription policy'],
  ]) {
    assert.equal((await portals.admin('GET', `${policies}/export?${query}`, { as })).body.subtype, subtype, query);
  }
  for (const query of ['name=Silver&type=app', 'name=Silver&type=global', 'name=None']) {
    const answer = await portals.admin('GET', `${policies}/export?${query}`, { as });
    assert.deepEqual([answer.status, answer.body.code], [404, 903005], query);
  }
  assert.equal((await portals.admin('GET', `${policies}/export?type=sub`, { as })).status, 400);
});

test("apictl's way to remove a policy: found by name and type, removed by its id", async () => {
  await importFile(exported('subscription policy', { policyName: 'Short lived', defaultLimit: perMinute(5) }));
  const found = await portals.admin('GET', `${policies}/search?query=name:Short%20lived%20type:sub`, { as });
  assert.equal(found.body.count, 1);
  const [{ uuid, policyId, ...rest }] = found.body.list;
  assert.equal(typeof policyId, 'number');
  assert.deepEqual(rest, {
    ...{ policyName: 'Short lived', displayName: 'Short lived', description: '', isDeployed: true, type: 'sub' },
  });
  assert.equal((await portals.admin('DELETE', `${policies}/subscription/${uuid}`, { as })).status, 200);
  const gone = await portals.admin('GET', `${policies}/search?query=name:Short%20lived%20type:sub`, { as });
  assert.deepEqual([gone.status, gone.body.code], [404, 903005]);
});

test('a search lists all kinds, or one, and says what it does not understand', async () => {
  const types = async (query: string) => {
    const { body } = await portals.admin('GET', `${policies}/search${query}`, { as });
    assert.equal(body.count, body.list.length);
    return new Set(body.list.map(({ type }: { type: string }) => type));
  };
  assert.deepEqual([...(await types('?query=type:all'))], ['app', 'sub', 'api', 'global']);
  assert.deepEqual([...(await types(''))], ['app', 'sub', 'api', 'global']);
  for (const type of ['app', 'sub', 'api', 'global'])
    assert.deepEqual([...(await types(`?query=type:${type}`))], [type]);
  for (const query of ['name:Gold', 'type:deny', 'type:sub kind:x', 'type:sub type:app', 'Gold']) {
    const answer = await portals.admin('GET', `${policies}/search?query=${encodeURIComponent(query)}`, { as });
    assert.equal(answer.status, 400, query);
  }
});

test('a search of very many blanks holds up everybody else', async () => {
  const begun = process.cpuUsage();
  const query = `type:sub+name:a${'+'.repeat(14_000)}x`;
  const answer = await portals.admin('GET', `${policies}/search?query=${query}`, { as });
  assert.equal(answer.status, 404);
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 300_000, `it took ${user} µs`);
});

test('a plan of any number of events becomes one of calls on its way', async () => {
  const out = await portals.admin('GET', `${policies}/export?name=AsyncUnlimited&type=sub`, { as });
  assert.equal(out.body.data.defaultLimit.type, 'EVENTCOUNTLIMIT');
  const copy = { ...out.body, data: { ...out.body.data, policyName: 'Streams' } };
  assert.equal((await importFile(copy)).status, 201);
  const again = await portals.admin('GET', `${policies}/export?name=Streams&type=sub`, { as });
  assert.deepEqual(again.body.data.defaultLimit, out.body.data.defaultLimit);
});

test('the scopes of imports and exports open nothing else', async () => {
  const { body } = await portals.admin('GET', `${policies}/subscription`);
  const path = `${policies}/subscription/${body.list[0].policyId}`;
  const data = { policyName: 'X', defaultLimit: perMinute(5) };
  for (const [method, place, sent] of [
    ['GET', `${policies}/subscription`],
    ['GET', path],
    ['POST', `${policies}/subscription`, data],
    ['PUT', path, data],
    ['GET', '/throttling/deny-policies'],
    ['POST', '/throttling/deny-policies', { conditionType: 'USER', conditionValue: 'x' }],
  ] as const) {
    assert.equal((await portals.admin(method, place, sent ? { as, body: sent } : { as })).status, 401, place);
  }
});
