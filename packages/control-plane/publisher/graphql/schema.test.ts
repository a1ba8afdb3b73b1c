import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DeployedApi, unpackGraphqlSchema } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

const schema = `type Query { book(id: ID): Book  books: [Book] }
type Mutation { add(title: String): Book }
type Book { name: String  author: Author }
type Author { name: String }
`;
const fileOf = (text: string | Uint8Array<ArrayBuffer>, name = 'schema.graphql') => ({ file: new File([text], name) });
const properties = (name: string, more = {}) => JSON.stringify(apiBody(name, more));

async function importSchema(name: string, more = {}, text = schema) {
  const form = { ...fileOf(text), type: 'GRAPHQL', additionalProperties: properties(name, more) };
  return (await running.publisher('POST', '/apis/import-graphql-schema', { form, expect: 201 })).body;
}

async function deploy(id: string): Promise<DeployedApi> {
  const { body } = await running.publisher('POST', `/apis/${id}/revisions`, { json: {}, expect: 201 });
  await running.events();
  const places = [{ name: 'Default', vhost: 'localhost' }];
  await running.publisher('POST', `/apis/${id}/deploy-revision?revisionId=${body.id}`, { json: places, expect: 201 });
  const [event] = await running.events();
  assert.ok(event?.kind === 'api' && event.value);
  return event.value;
}

test('a schema, its operations or what was said of them do not reach the gateway, or get lost on the way', async () => {
  const book = { target: 'book', verb: 'QUERY', authType: 'None', throttlingPolicy: '10KPerMin' };
  const api = await importSchema('Library', { operations: [book, { target: 'gone', verb: 'QUERY' }] });
  assert.equal(api.type, 'GRAPHQL');
  assert.ok(!JSON.stringify(api).includes('graphqlSchema'));
  const path = `/apis/${api.id}`;
  const served = await deploy(api.id);
  const fieldsOf = ({ operations }: DeployedApi) =>
    operations.map(
      ({ target, verb, authType, throttlingPolicy }) => `${verb} ${target} ${authType} ${throttlingPolicy}`,
    );
  const fields = ['QUERY book None 10KPerMin', 'QUERY books Any Unlimited', 'MUTATION add Any Unlimited'];
  assert.deepEqual(fieldsOf(served), fields);
  assert.equal(unpackGraphqlSchema(served.graphql?.schema ?? ''), schema);

  const { body } = await running.publisher('GET', `${path}/graphql-schema`, { as: people.publisher, expect: 200 });
  assert.deepEqual(body, { name: 'admin--Library1.0.0.graphql', schemaDefinition: schema });
  const types = (await running.publisher('GET', `${path}/graphql-policies/complexity/types`, { expect: 200 })).body;
  assert.deepEqual(types.typeList, [
    { type: 'Query', fieldList: ['book', 'books'] },
    { type: 'Mutation', fieldList: ['add'] },
    { type: 'Book', fieldList: ['name', 'author'] },
    { type: 'Author', fieldList: ['name'] },
  ]);

  // What is saved over and over, as the portal does, without the members that have addresses of their own and without a type.
  const list = [{ type: 'Query', field: 'book', complexityValue: 3 }];
  await running.publisher('PUT', `${path}/graphql-policies/complexity`, { json: { list }, expect: 200 });
  const { type: _, ...saved } = (await running.publisher('GET', path, { expect: 200 })).body;
  await running.publisher('PUT', path, { json: { ...saved, description: 'Other words' }, expect: 200 });
  const changed = schema.replace('books: [Book]', 'shelf: [Book]');
  await running.publisher('PUT', `${path}/graphql-schema`, { form: { schemaDefinition: changed }, expect: 200 });
  const again = await deploy(api.id);
  assert.deepEqual(fieldsOf(again), [fields[0], 'QUERY shelf Any Unlimited', fields[2]]);
  assert.deepEqual(again.graphql?.complexity, { Query: { book: 3 } });
  // A form writes lines its own way.
  const kept = (text: unknown) => String(text).replaceAll('\r\n', '\n');
  assert.equal(kept(unpackGraphqlSchema(again.graphql?.schema ?? '')), changed);

  const copy = (await running.publisher('POST', `/apis/copy-api?apiId=${api.id}&newVersion=2.0.0`, { expect: 201 }))
    .body;
  const ofCopy = await running.publisher('GET', `/apis/${copy.id}/graphql-schema`, { expect: 200 });
  assert.equal(kept(ofCopy.body.schemaDefinition), changed);
  const snapshot = await running.controlPlane.feed('Default').snapshot(new AbortController().signal);
  const deployed = snapshot.entries.flatMap((one) =>
    one.kind === 'api' && one.id === api.id ? [one.value.graphql] : [],
  );
  assert.deepEqual(deployed, [again.graphql]);
});

test('fields get a slash before their names, which no query has', async () => {
  const operations = [
    { target: 'book', verb: 'QUERY' },
    { target: '/add', verb: 'mutation' },
  ];
  const body = apiBody('Plainly', { type: 'GRAPHQL', operations });
  const api = (await running.publisher('POST', '/apis', { json: body, expect: 201 })).body;
  const targets = ({ operations: all }: { operations: readonly { target: string }[] }) =>
    all.map(({ target }) => target);
  assert.deepEqual(targets(api), ['book', 'add']);
  const { type: _, ...saved } = api;
  await running.publisher('PUT', `/apis/${api.id}`, { json: saved, expect: 200 });
  const served = await deploy(api.id);
  assert.deepEqual(targets(served), ['book', 'add']);
  assert.equal(served.graphql?.schema, undefined);
  for (const method of ['graphql-schema', 'graphql-policies/complexity/types']) {
    await running.publisher('GET', `/apis/${api.id}/${method}`, { expect: 404 });
  }
  const bare = apiBody('Bare', { type: 'GRAPHQL' });
  assert.deepEqual((await running.publisher('POST', '/apis', { json: bare, expect: 201 })).body.operations, []);
});

test('what is no schema is taken, or refused without the reason', async () => {
  const id = (await importSchema('Refusing')).id;
  const path = '/apis/validate-graphql-schema';
  const good = (await running.publisher('POST', path, { form: fileOf(schema), expect: 200 })).body;
  assert.deepEqual([good.isValid, good.errorMessage, good.graphQLInfo.operations.length], [true, '', 3]);
  assert.equal(good.graphQLInfo.graphQLSchema.schemaDefinition, schema);

  const asked = await running.publisher('POST', `${path}?useIntrospection=true`, {
    form: { url: 'http://127.0.0.1:1/' },
  });
  assert.deepEqual([asked.status, asked.body.isValid], [200, false]);
  assert.match(asked.body.errorMessage, /not asked for their schema/);

  const depth = 20_000;
  const hostile: readonly (readonly [text: string | Uint8Array<ArrayBuffer>, reason: RegExp])[] = [
    ['', /./],
    ['type Query {', /Syntax Error/],
    ['{ book { name } }', /./],
    ['type Query { a: Missing }', /Unknown type/],
    ['type Book { a: Int }', /Query root type/],
    ['type Query { a: Int } type Query { b: Int }', /only one type named/],
    ['interface Node { id: ID } type Query implements Node { a: Int }', /id expected/],
    [`type Query { a: ${'['.repeat(depth)}Int${']'.repeat(depth)} }`, /nested too deeply/],
    [new Uint8Array([0x7b, 0xc0, 0xa2]), /UTF-8/],
  ];
  for (const [text, reason] of hostile) {
    const { body } = await running.publisher('POST', path, { form: fileOf(text), expect: 200 });
    assert.equal(body.isValid, false, String(reason));
    assert.match(body.errorMessage, reason);
    assert.ok(body.errorMessage.length <= 1200);
    const form = { ...fileOf(text), additionalProperties: properties('Never') };
    assert.equal(
      (await running.publisher('POST', '/apis/import-graphql-schema', { form })).status,
      400,
      String(reason),
    );
    if (typeof text !== 'string') continue;
    const put = await running.publisher('PUT', `/apis/${id}/graphql-schema`, { form: { schemaDefinition: text } });
    assert.equal(put.status, 400, String(reason));
  }
  const other = (await running.publisher('POST', '/apis', { json: apiBody('Rest'), expect: 201 })).body.id;
  const rows: readonly (readonly [method: string, path: string, form: Record<string, string | File>, code: number])[] =
    [
      ['POST', path, {}, 900871],
      ['POST', path, { ...fileOf(schema), url: 'http://127.0.0.1/schema' }, 900871],
      ['POST', '/apis/import-graphql-schema', { ...fileOf(schema, 'schema.json') }, 900872],
      ['POST', '/apis/import-graphql-schema', { url: 'http://127.0.0.1:1/schema' }, 900875],
      ['PUT', `/apis/${other}/graphql-schema`, { schemaDefinition: schema }, 900870],
      ['PUT', '/apis/none/graphql-schema', { schemaDefinition: schema }, 900330],
    ];
  for (const [method, place, form, code] of rows) {
    const { status, body } = await running.publisher(method, place, { form });
    assert.deepEqual(
      [status >= 400 && status < 500, code === 900330 ? 900330 : body.code],
      [true, code],
      `${method} ${place}`,
    );
  }
  for (const as of [people.publisher, people.subscriber, people.observer]) {
    await running.publisher('POST', '/apis/import-graphql-schema', { form: fileOf(schema), as, expect: 401 });
    await running.publisher('PUT', `/apis/${id}/graphql-schema`, {
      form: { schemaDefinition: schema },
      as,
      expect: 401,
    });
  }
});

test('a schema that takes long to check holds up everybody else', async () => {
  const count = 130;
  const names = Array.from({ length: count }, (_, at) => `I${at}`);
  const interfaces = names.map((name) => {
    const others = names.filter((other) => other !== name).join(' & ');
    return `interface ${name} implements ${others} { a: Int }`;
  });
  const text = `type Query { a: Int } ${interfaces.join('\n')}`;
  let done = false;
  const checked = running
    .publisher('POST', '/apis/validate-graphql-schema', { form: fileOf(text), expect: 200 })
    .finally(() => {
      done = true;
    });
  let longest = 0;
  while (!done) {
    const begun = performance.now();
    await running.publisher('GET', '/apis?limit=1', { expect: 200 });
    longest = Math.max(longest, performance.now() - begun);
  }
  assert.equal((await checked).body.isValid, false);
  assert.ok(longest < 1000, `a call waited for ${longest} ms`);
});
