import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type DeployedApi, packGraphqlSchema, type RuntimeEntry } from '@sluice/model';
import { parse } from 'graphql';
import { application, deployedApi, entry, key, leaf, operation, plan, subscription } from '../testing/entities.ts';
import { issuer, stage } from '../testing/gateway.ts';
import { complexityOf, depthOf } from './cost.ts';
import { QueryDocument } from './document.ts';
import { requestInBody } from './request.ts';

const schema = `
  type Query { book(id: ID, first: Int): Book  books(limit: Int, author: String): [Book!]!  open: String  secret: String }
  type Mutation { add(title: String): Book }
  interface Named { name: String }
  type Book implements Named { name: String  author: Author  parts(first: Int): [Book] }
  type Author implements Named { name: String  books(first: Int): [Book] }
`;

async function shop(
  t: TestContext,
  { api = {}, bounds = {}, more = [] }: { api?: Partial<DeployedApi>; bounds?: object; more?: RuntimeEntry[] } = {},
) {
  const served = await stage(t, {
    throttling: { graphql: { maxBody: 8192, maxTokens: 1000 } },
    entries: (backend) => [
      issuer.entry,
      entry.application(application()),
      entry.key(key()),
      entry.subscription(subscription({ plan: 'Small' })),
      entry.plan(plan('subscription', 'Small', bounds)),
      ...more,
      entry.api(
        deployedApi({
          type: 'GRAPHQL',
          operations: [
            operation('QUERY', 'book'),
            operation('QUERY', 'books'),
            operation('QUERY', 'open', { authType: 'None' }),
            operation('QUERY', 'secret', { scopes: ['boss'] }),
            operation('MUTATION', 'add'),
          ],
          endpoints: { production: leaf(`${backend.url}/graphql`), sandbox: null },
          graphql: { schema: packGraphqlSchema(schema), complexity: { Query: { book: 3 }, Author: { name: 10 } } },
          ...api,
        }),
      ),
    ],
  });
  const headers = { Authorization: `Bearer ${issuer.token()}`, 'Content-Type': 'application/json' };
  const ask = (query: string, variables = {}, own: object = headers) =>
    served.call('/orders/1.0.0', { method: 'POST', headers: { ...own }, body: JSON.stringify({ query, variables }) });
  return { ...served, ask, headers };
}

async function expect(answer: Promise<{ status: number; body: string }>, status: number, code?: string): Promise<void> {
  const { status: got, body } = await answer;
  assert.equal(got, status, body);
  if (code !== undefined) assert.equal((JSON.parse(body) as { code: string }).code, code, body);
}

test('a query does not reach the backend as it was sent', async (t) => {
  const { ask, call, backend, headers } = await shop(t);
  const query = '{ book { name } }';
  await expect(ask(query), 200);
  assert.equal(backend.received[0]?.body, JSON.stringify({ query, variables: {} }));
  assert.equal(backend.received[0]?.url, '/graphql');
  await expect(call(`/orders/1.0.0?query=${encodeURIComponent(query)}`, { headers }), 200);
  assert.equal(backend.received[1]?.method, 'GET');
  await expect(ask('mutation { add(title: "x") { name } }'), 200);
  await expect(
    call('/orders/1.0.0', {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/graphql' },
      body: query,
    }),
    200,
  );
});

test('a query is deeper than its plan allows, in whatever way it is nested', async (t) => {
  const { ask, backend } = await shop(t, { bounds: { graphQLMaxDepth: 3 } });
  await expect(ask('{ book { author { name } } }'), 200);
  await expect(ask('{ book { author { books { name } } } }'), 400, '900820');
  await expect(
    ask('{ book { ...on Book { author { ...A } } } } fragment A on Author { books { name } }'),
    400,
    '900820',
  );
  // Which operation runs is for the backend to say.
  await expect(ask('query a { book { name } } query b { book { author { books { name } } } }'), 400, '900820');
  assert.equal(backend.received.length, 1);
});

test('a query is more complex than its plan allows', async (t) => {
  const { ask } = await shop(t, { bounds: { graphQLMaxComplexity: 20 } });
  // 3 for the book, 1 for its name.
  await expect(ask('{ book { name } }'), 200);
  // 3 + (1 + 10).
  await expect(ask('{ book { author { name } } }'), 200);
  await expect(ask('{ book { a: author { name } b: author { name } } }'), 400, '900821');
  await expect(ask('{ books(limit: 10) { name } }'), 200);
  await expect(ask('{ books(limit: 10, author: "x") { name } }'), 400, '900821');
  await expect(ask('{ books(limit: 11) { ...N } } fragment N on Book { name }'), 400, '900821');
  // WSO2 takes a variable for nothing.
  const counted = 'query ($n: Int) { books(limit: $n) { name } }';
  await expect(ask(counted, { n: 10 }), 200);
  await expect(ask(counted, { n: 11 }), 400, '900821');
  await expect(ask('query ($n: Int = 11) { books(limit: $n) { name } }'), 400, '900821');
  // Two to the power of thirty fields, in thirty fragments.
  const doubling = Array.from(
    { length: 30 },
    (_, i) => `fragment F${i} on Book { x: parts { ...F${i + 1} } y: parts { ...F${i + 1} } }`,
  );
  await expect(ask(`{ book { ...F0 } } ${doubling.join(' ')} fragment F30 on Book { name }`), 400, '900821');
});

test('what is no query goes to the backend', async (t) => {
  const { ask, call, backend, headers } = await shop(t);
  const invalid = [
    '',
    '{',
    '{ book { nothing } }',
    '{ book { ...A } } fragment A on Book { ...B } fragment B on Book { ...A }',
    '{ book { ...A } }',
    'fragment A on Book { name }',
    'type Query { a: Int }',
    `{ ${'book { name } '.repeat(400)} }`,
    'query a { book { name } } mutation b { add { name } }',
  ];
  for (const query of invalid) await expect(ask(query), 422, '900422');
  await expect(call('/orders/1.0.0', { method: 'POST', headers, body: 'rubbish' }), 422, '900422');
  await expect(call('/orders/1.0.0', { method: 'GET', headers }), 422, '900422');
  await expect(call('/orders/1.0.0?query=%7Bopen%7D&query=%7Bsecret%7D', { headers }), 422, '900422');
  await expect(ask('{ __schema { types { name } } }'), 404);
  await expect(ask(`{ book { name } } # ${'x'.repeat(9000)}`), 413);
  assert.equal(backend.received.length, 0);
});

test('a backend reads another query than the one that was looked at', async (t) => {
  const { call, backend, headers } = await shop(t, { bounds: { graphQLMaxComplexity: 20 } });
  const secret = '{ secret }';
  const honest = JSON.stringify({ query: '{ open }' });
  const framed = { ...headers, 'Content-Length': String(honest.length) };
  const post = (path: string, body: string, more: object = {}) =>
    call(path, { method: 'POST', headers: { ...headers, ...more }, body });
  const inUrl = `/orders/1.0.0?query=${encodeURIComponent(secret)}`;
  const utf7 = '{"query":"{ open }","x":"+ACIALAAiAHEAdQBlAHIAeQAiADoAIgB7-"}';
  const overlong = Buffer.from('{"query":"{ open }","x":"\xc0\xa2"}', 'latin1');
  assert.equal(requestInBody(overlong, 'application/json', ''), undefined, 'no UTF-8');
  const refused: readonly (readonly [what: string, send: () => ReturnType<typeof call>])[] = [
    ['in the address too', () => post(inUrl, honest)],
    ['in the address, in other letters', () => post('/orders/1.0.0?Query=x', honest)],
    ['variables in the address', () => post('/orders/1.0.0?variables=%7B%22n%22:9%7D', honest)],
    [
      'a form',
      () =>
        post('/orders/1.0.0', '{"query":"{ open }","x":"&query={secret}&"}', {
          'Content-Type': 'application/x-www-form-urlencoded',
        }),
    ],
    ['parts', () => post('/orders/1.0.0', honest, { 'Content-Type': 'multipart/form-data; boundary=x' })],
    ['text', () => post('/orders/1.0.0', honest, { 'Content-Type': 'text/plain' })],
    ['another charset', () => post('/orders/1.0.0', utf7, { 'Content-Type': 'application/json; charset=utf-7' })],
    ['packed', () => post('/orders/1.0.0', honest, { 'Content-Encoding': 'br' })],
    ['twice', () => post('/orders/1.0.0', `{"query":"${secret}","query":"{ open }"}`)],
    ['twice, escaped', () => post('/orders/1.0.0', `{"qu\\u0065ry":"${secret}" , "x":"\\"\\\\","query":"{ open }"}`)],
    ['in other letters', () => post('/orders/1.0.0', `{"query":"{ open }","Query":"${secret}"}`)],
    ['in other letters alone', () => post('/orders/1.0.0', `{"QUERY":"${secret}"}`)],
    ['variables twice', () => post('/orders/1.0.0', '{"query":"{ open }","variables":{"n":9},"variableſ":{}}')],
    ['a batch', () => post('/orders/1.0.0', `[${honest}]`)],
    ['a kept query beside another', () => post('/orders/1.0.0', `{"query":"{ open }","documentId":"x"}`)],
    ['a kept query in the address', () => post('/orders/1.0.0?id=x', honest)],
    [
      'the hash of another',
      () => post('/orders/1.0.0', '{"query":"{ open }","extensions":{"persistedQuery":{"sha256Hash":"x"}}}'),
    ],
    ['a kept query', () => post('/orders/1.0.0', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}')],
    [
      'parted by a semicolon',
      () => call(`/orders/1.0.0?query=${encodeURIComponent('{ open }#')};query=x`, { headers }),
    ],
    ['in the body of a GET', () => call('/orders/1.0.0?query=%7Bopen%7D', { headers: framed, body: honest })],
    [
      'variables twice in the address',
      () => call('/orders/1.0.0?query=%7Bopen%7D&variables=%7B%7D&variables=%7B%7D', { headers }),
    ],
  ];
  for (const [what, send] of refused) assert.equal((await send()).status, 422, what);
  assert.equal(backend.received.length, 0);
  for (const type of ['application/json; charset="UTF-8"', 'application/graphql+json', 'application/json;x=1']) {
    await expect(
      post('/orders/1.0.0', '{"query":"{ open }","a":[{"query":1}],"b":{"query":1}}', { 'Content-Type': type }),
      200,
    );
  }
  await expect(post('/orders/1.0.0?query=%7Bopen%7D', ''), 200);
  const sha256Hash = createHash('sha256').update('{ open }').digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  await expect(post('/orders/1.0.0', JSON.stringify({ query: '{ open }', extensions })), 200);
});

test('an amount that is no plain number hides what a query costs', async (t) => {
  const { ask } = await shop(t, { bounds: { graphQLMaxComplexity: 20 } });
  const counted = 'query ($n: Int) { books(limit: $n) { name } }';
  // Some backends take them all the same.
  await expect(ask(counted, { n: '11' }), 400, '900821');
  await expect(ask(counted, { n: 11.5 }), 400, '900821');
  const inside = (amount: string) =>
    `{ books(limit: ${amount}) { ${'author { name } '.repeat(2)} a: author { name } } }`;
  await expect(ask(inside('-1')), 400, '900821');
  await expect(ask(inside('0')), 200);
});

test('a token of one kind opens a field for the other kind beside one of its own', async (t) => {
  const { ask } = await shop(t, {
    api: {
      operations: [
        operation('QUERY', 'book', { authType: 'Application' }),
        operation('QUERY', 'books', { authType: 'Application_User' }),
        operation('QUERY', 'open', { authType: 'None', scopes: ['boss'] }),
      ],
    },
  });
  const [one, other] = [await ask('{ book { name } }'), await ask('{ books { name } }')];
  assert.deepEqual([one.status, other.status].sort(), [200, 401]);
  const allowed = one.status === 200 ? 'book' : 'books';
  await expect(ask('{ book { name } books { name } }'), 401, '900905');
  await expect(ask('{ open }', {}, { 'Content-Type': 'application/json' }), 200);
  await expect(ask(`{ open ${allowed} { name } }`), 200);
});

test('many operations that spread many fragments hold up everybody else', async (t) => {
  const { ask } = await shop(t, { bounds: { graphQLMaxDepth: 400, graphQLMaxComplexity: 1_000_000 } });
  const document = new QueryDocument(parse(chained(2000), { noLocation: true }));
  const rules = { complexity: {}, typeOf: () => 'Book', rootOf: () => 'Query' };
  const begun = process.cpuUsage();
  assert.deepEqual([depthOf(document), complexityOf(document, rules, {})], [2, 2]);
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 500_000, `it took ${user} µs`);
  await expect(ask(chained(40)), 200);
});

function chained(times: number): string {
  const parts = Array.from({ length: times }, (_, at) => {
    const next = at + 1 < times ? `...F${at + 1}` : 'name';
    return `query q${at} { book { ...F0 } } fragment F${at} on Book { ${next} }`;
  });
  return parts.join(' ');
}

test('an error tells of fields that nobody asked for, or gives back all that was sent', async (t) => {
  const { ask } = await shop(t);
  const misspelt = await ask('{ secre }');
  assert.ok(!misspelt.body.includes('secret'), misspelt.body);
  const within = await ask('{ book { nam } }');
  assert.equal(within.status, 422);
  assert.ok(!within.body.includes('"name'), within.body);
  const long = await ask(`{ ${'x'.repeat(4000)}! }`);
  assert.ok(long.status === 422 && long.body.length < 1000, String(long.body.length));
});

test('a schema that cannot be read lets queries pass unseen, or is read anew for each of them', async (t) => {
  const { ask, backend } = await shop(t, {
    api: { graphql: { schema: packGraphqlSchema('type Query { a: '), complexity: {} } },
  });
  for (let i = 0; i < 2; i++) await expect(ask('{ book { name } }'), 500);
  assert.equal(backend.received.length, 0);
});

test('a body of unknown length is gathered without end, or one that waits for 100 Continue never comes', async (t) => {
  const { port, headers, backend } = await shop(t);
  const send = (pieces: readonly string[], more: object) =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/orders/1.0.0',
        headers: { ...headers, ...more },
      });
      outgoing.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)));
      outgoing.on('error', reject);
      const rest = () => {
        for (const piece of pieces) outgoing.write(piece);
        outgoing.end();
      };
      if ('Expect' in more) outgoing.on('continue', rest).flushHeaders();
      else rest();
    });
  const body = JSON.stringify({ query: '{ book { name } }' });
  assert.equal(await send([body.slice(0, 5), body.slice(5)], { 'Transfer-Encoding': 'chunked' }), 200);
  assert.equal(await send([body], { 'Content-Length': body.length, Expect: '100-continue' }), 200);
  assert.equal(await send([' '.repeat(5000), ' '.repeat(5000), body], { 'Transfer-Encoding': 'chunked' }), 413);
  assert.deepEqual(
    backend.received.map((received) => received.body),
    [body, body],
  );
});

test('a query asks for more than one field of it allows', async (t) => {
  const { ask } = await shop(t);
  const anonymous = { 'Content-Type': 'application/json' };
  await expect(ask('{ open }', {}, anonymous), 200);
  await expect(ask('{ open __typename }', {}, anonymous), 200);
  await expect(ask('{ open book { name } }', {}, anonymous), 401);
  await expect(ask('{ ...Q } fragment Q on Query { open book { name } }', {}, anonymous), 401);
  await expect(ask('{ secret }'), 403, '900910');
  await expect(ask('{ open book { name } secret }'), 403, '900910');
  await expect(ask('{ open book { name } }'), 200);
});

test('fields of one query are counted together, or those of a refused one', async (t) => {
  const quota = { type: 'REQUESTCOUNTLIMIT', requestCount: 2, timeUnit: 'month', unitTime: 1 } as const;
  const limited = (name: string) => entry.plan(plan('advanced', name, { quota }));
  const { ask } = await shop(t, {
    more: [limited('Two')],
    api: {
      operations: [
        operation('QUERY', 'book', { throttlingPolicy: 'Two' }),
        operation('QUERY', 'books', { throttlingPolicy: 'Two' }),
      ],
    },
  });
  await expect(ask('{ book { name } books { name } }'), 200);
  await expect(ask('{ books { name } }'), 200);
  await expect(ask('{ book { name } books { name } }'), 429, '900802');
  await expect(ask('{ book { name } }'), 200);
  await expect(ask('{ book { name } }'), 429, '900802');
});
