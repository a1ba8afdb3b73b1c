import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  devportal,
  httpEndpoint,
  type Journey,
  journey,
  publisher,
  subscribe,
} from '../main-job/journey.ts';
import { startProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { logged } from '../workers/workers.ts';
import { businessPlan, createPlan, throttling } from './admin.ts';
import { eachUser } from './site.ts';

/** A plan whose window ends so far away that no test sees it. */
const monthly = (calls: number) => ({ name: 'Monthly', calls, timeUnit: 'month', unitTime: 1 }) as const;
/** Milliseconds within which a change must be seen in every gateway (DESIGN.md 11), doubled for a machine that is busy. */
const seenWithin = 2000;

/** The whole program with two gateway processes and an API whose subscribers have the plan `Monthly`. */
async function serve(t: TestContext, calls: number) {
  const backend = await recordingBackend(t, () => ok('{"ok":true}'));
  const program = await startProgram(t, {
    args: ['start', '--no-sample'],
    env: { SLUICE_GATEWAY__WORKERS: '2' },
  });
  await logged(program, 'all gateway processes serve');
  const job = journey(program.urls.controlHttp as string);
  const planId = await createPlan(job, monthly(calls));
  const api = await createApi(job, {
    name: 'Limited',
    context: '/limited',
    version: '1.0.0',
    operations: [{ target: '/*', verb: 'GET' }],
    endpointConfig: httpEndpoint(backend.url),
    policies: ['Monthly', 'Unlimited'],
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const keys = await subscribe(job, api.id, { plan: 'Monthly' });
  const token = await clientToken(job, keys);
  const gateway = program.urls.gateway as string;
  const ask = (path = '/limited/1.0.0/x') => call(gateway, path, { token });
  // A wrong method tells in each process that the API is there, and costs nothing.
  await eventually('all processes know the API', 10_000, async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => call(gateway, '/limited/1.0.0/x', { method: 'PUT', token })),
    );
    return answers.every(({ status }) => status === 405) ? true : undefined;
  });
  return { program, job, planId, api, keys, ask, backend };
}

/** So many calls at once, on connections of their own, which the kernel deals out to the processes; resolves with how many passed. */
async function passed(ask: () => Promise<{ status: number }>, calls: number, refused = 429): Promise<number> {
  const statuses = (await Promise.all(Array.from({ length: calls }, ask))).map(({ status }) => status);
  assert.ok(
    statuses.every((status) => status === 200 || status === refused),
    `every answer is 200 or ${refused}: ${[...new Set(statuses)]}`,
  );
  return statuses.filter((status) => status === 200).length;
}

/** Calls until one is answered with this status; fails when that takes longer than a change may. */
function becomes(ask: () => Promise<{ status: number }>, status: number, what: string) {
  return eventually(what, seenWithin, async () => ((await ask()).status === status ? true : undefined));
}

test('a plan is made, subscribed to and used up to its last call; raised, it goes on with what was counted', async (t) => {
  const { job, planId, ask, backend, keys } = await serve(t, 20);
  assert.equal(await passed(ask, 50), 20);
  assert.equal(backend.requests.length, 20);
  const refused = await ask();
  assert.equal(refused.json().code, '900804');
  assert.match(String(refused.json().nextAccessTime), /-01 00:00:00\+0000 UTC$/, 'months end with the month');

  const path = `${throttling}/policies/subscription/${planId}`;
  const { json: plan } = await job.admin.get(path);
  assert.equal(plan.defaultLimit.requestCount.requestCount, 20);
  await job.admin.call('PUT', path, { json: businessPlan(monthly(30)), expect: 200 });
  await becomes(ask, 200, 'the raised limit');
  assert.equal(await passed(ask, 50), 9, 'with the one call that found out');
  await job.admin.call('PUT', path, { json: businessPlan(monthly(5)), expect: 200 });
  assert.equal(await passed(ask, 10), 0);

  // Who uses a plan keeps it from being deleted.
  await job.admin.call('DELETE', path, { expect: 403 });
  const { json: found } = await job.admin.get(`${throttling}/policies/search?query=${encodeURIComponent('type:all')}`);
  assert.ok(found.list.some(({ policyName }: { policyName: string }) => policyName === 'Monthly'));
  await job.admin.post(`${throttling}/policies/subscription`, businessPlan(monthly(5)), 409);
  assert.ok(keys.subscriptionId);
});

test('a deny policy holds as soon as it is made, and no longer than until it is switched off', async (t) => {
  const { job, ask } = await serve(t, 1000);
  await becomes(ask, 200, 'a first call');
  const { json: policy } = await job.admin.post(
    `${throttling}/deny-policies`,
    { conditionType: 'API', conditionValue: '/limited/1.0.0', conditionStatus: true },
    201,
  );
  await becomes(ask, 403, 'the denial');
  const denied = await ask();
  assert.equal(denied.json().code, '900805');
  const one = `${throttling}/deny-policy/${policy.conditionId}`;
  await job.admin.call('PATCH', one, {
    json: { conditionId: policy.conditionId, conditionStatus: false },
    expect: 200,
  });
  await becomes(ask, 200, 'the end of the denial');
  await job.admin.call('PATCH', one, { json: { conditionId: policy.conditionId, conditionStatus: true }, expect: 200 });
  await becomes(ask, 403, 'the denial again');
  await job.admin.call('DELETE', one, { expect: 200 });
  await becomes(ask, 200, 'the end of the denial with its policy');
});

test('a custom rule counts for all gateway processes together, and one that cannot be read is refused with the reason', async (t) => {
  const { job, ask } = await serve(t, 1000);
  const rule = {
    policyName: 'EachUser',
    description: '',
    keyTemplate: '$userId',
    siddhiQuery: eachUser(12, '1 month'),
    isDeployed: true,
  };
  const refused = await job.admin.post(
    `${throttling}/policies/custom`,
    { ...rule, siddhiQuery: 'FROM Elsewhere SELECT *' },
    400,
  );
  assert.match(refused.text, /line 1/, 'the refusal names the place');
  const { json: made } = await job.admin.post(`${throttling}/policies/custom`, rule, 201);
  await eventually('the rule', seenWithin, async () => ((await ask()).status === 429 ? true : undefined));
  const { text } = await ask();
  assert.equal(JSON.parse(text).code, '900806');
  await job.admin.call('DELETE', `${throttling}/policies/custom/${made.policyId}`, { expect: 200 });
  await becomes(ask, 200, 'the end of the rule');
});

test('a GraphQL API is made of a schema over REST, and its queries are held to depth and cost; a developer counts anew', async (t) => {
  const backend = await recordingBackend(t, () => ok('{"data":{}}'));
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const job = journey(program.urls.controlHttp as string);
  const made = await job.admin.post(
    `${throttling}/policies/subscription`,
    { ...businessPlan({ ...monthly(100), name: 'Queries' }), graphQLMaxDepth: 3, graphQLMaxComplexity: 10 },
    201,
  );
  assert.equal(made.json.graphQLMaxDepth, 3);
  const perMonth = { timeUnit: 'month', unitTime: 1, requestCount: 4 };
  const few = { policyName: 'Few', defaultLimit: { type: 'REQUESTCOUNTLIMIT', requestCount: perMonth } };
  await job.admin.post(`${throttling}/policies/application`, few, 201);

  const schema =
    'type Query { book: Book books(first: Int): [Book] } type Book { name: String author: Author } type Author { name: String books: [Book] }';
  const form = new FormData();
  form.set('file', new File([schema], 'schema.graphql'));
  const properties = {
    name: 'Books',
    context: '/books',
    version: '1.0.0',
    endpointConfig: httpEndpoint(backend.url),
    policies: ['Queries'],
  };
  form.set('additionalProperties', JSON.stringify(properties));
  const { json: api } = await job.admin.call('POST', `${publisher}/apis/import-graphql-schema`, { form, expect: 201 });
  const list = [{ type: 'Book', field: 'name', complexityValue: 4 }];
  await job.admin.call('PUT', `${publisher}/apis/${api.id}/graphql-policies/complexity`, {
    json: { list },
    expect: 200,
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const keys = await subscribe(job, api.id, { plan: 'Queries', applicationPlan: 'Few' });
  const token = await clientToken(job, keys);
  const ask = (query: string) =>
    call(program.urls.gateway as string, '/books/1.0.0', {
      ...{ method: 'POST', token, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ query }),
    });
  await eventually('the API', 10_000, async () => ((await ask('{ nothing }')).status === 404 ? true : undefined));

  const answers: [string, number, string?][] = [
    ['{ book { name } }', 200],
    ['{ books(first: 2) { name } }', 200],
    ['{ books(first: 3) { name } }', 400, '900821'],
    ['{ book { author { books { author { name } } } } }', 400, '900820'],
    ['{ book { title } }', 422, '900422'],
    ['{ book { author { name } } }', 200],
    ['{ book { name } }', 200],
    ['{ book { name } }', 429, '900803'],
  ];
  for (const [query, status, code] of answers) {
    const answer = await ask(query);
    assert.equal(answer.status, status, query);
    if (code !== undefined) assert.equal(answer.json().code, code, query);
  }
  assert.equal(backend.requests.length, 4);
  const reset = `${devportal}/applications/${keys.applicationId}/reset-throttle-policy`;
  // An application that calls for itself is known by its consumer key.
  await job.admin.post(reset, { userName: keys.consumerKey }, 200);
  await becomes(() => ask('{ book { name } }'), 200, 'what is counted anew');
});

test('a plan that was exported from one installation limits calls in another', async (t) => {
  const exporting = journey((await startProgram(t, { args: ['start', '--no-sample'] })).urls.controlHttp as string);
  await createPlan(exporting, { ...monthly(7), name: 'Travelling' });
  const exported = await exporting.admin.get(`${throttling}/policies/export?name=Travelling&type=sub&format=JSON`);

  const { job, api, ask } = await serve(t, 3);
  const form = new FormData();
  form.set('file', new Blob([exported.text]), 'Travelling.json');
  await importPlan(job, form);
  const { json: plans } = await job.admin.get(`${throttling}/policies/subscription`);
  const there = plans.list.find(({ policyName }: { policyName: string }) => policyName === 'Travelling');
  assert.equal(there.defaultLimit.requestCount.requestCount, 7);
  assert.equal(await passed(ask, 10), 3, `the plan that ${api.name} had before is as it was`);
});

async function importPlan({ admin }: Journey, form: FormData): Promise<void> {
  await admin.call('POST', `${throttling}/policies/import?overwrite=false`, { form, expect: 201 });
}
