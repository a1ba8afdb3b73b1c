import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
let closed: RunningControlPlane;
let host: Server;
let hostUrl: string;
before(async () => {
  running = await startControlPlane();
  closed = await startControlPlane({ importPolicy: { allowPrivate: false } });
  host = createServer((_request, response) => response.end(JSON.stringify(definition('Hosted')))).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => host.once('listening', resolve));
  hostUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}/openapi.json`;
});
after(async () => {
  host.close();
  await running.close();
  await closed.close();
});

function definition(title: string, members: JsonObject = {}): JsonObject {
  return {
    openapi: '3.0.3',
    info: { title, version: '1.0.0' },
    servers: [{ url: 'https://backend.example/v1' }],
    paths: {
      '/items/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { summary: 'One item', responses: { '200': { description: 'OK' } } },
        delete: {
          'x-auth-type': 'None',
          'x-throttling-tier': '10KPerMin',
          responses: { '204': { description: 'Gone' } },
        },
      },
    },
    ...members,
  };
}
const file = (content: unknown, name = 'openapi.json') =>
  new File([typeof content === 'string' ? content : JSON.stringify(content)], name);
const importing = (form: Record<string, string | File>, expect: number) =>
  running.publisher('POST', '/apis/import-openapi', { form, expect });

test('a definition comes by file, by URL and in line, as JSON and as YAML', async () => {
  const properties = (name: string) => JSON.stringify(apiBody(name, { policies: ['Gold'], displayName: null }));
  const yaml =
    'openapi: 3.0.3\ninfo: {title: Y, version: "1"}\npaths: {/y: {get: {responses: {"200": {description: OK}}}}}\n';
  for (const [name, form] of [
    ['ByFile', { file: file(definition('ignored')) }],
    ['ByUrl', { url: hostUrl }],
    ['InLine', { inlineAPIDefinition: JSON.stringify(definition('ignored')), url: '' }],
    ['ByYaml', { file: file(yaml, 'x.yaml') }],
  ] as const) {
    const { body } = await importing(
      { ...(form as unknown as Record<string, string | File>), additionalProperties: properties(name) },
      201,
    );
    assert.deepEqual(
      [body.name, body.context, body.version, body.policies],
      [name, `/${name.toLowerCase()}`, '1.0.0', ['Gold']],
    );
  }
});

test('operations, plans, auth types and endpoints are the definition’s, the rest is what the form says', async () => {
  const { body } = await importing(
    {
      file: file(definition('Items API')),
      additionalProperties: JSON.stringify({ context: '/catalogue', operations: [{ target: '/forged', verb: 'GET' }] }),
    },
    201,
  );
  assert.deepEqual([body.name, body.version, body.context], ['Items API', '1.0.0', '/catalogue']);
  assert.deepEqual(
    body.operations.map(({ verb, target, authType, throttlingPolicy }: JsonObject) => [
      verb,
      target,
      authType,
      throttlingPolicy,
    ]),
    [
      ['GET', '/items/{id}', 'Application & Application User', 'Unlimited'],
      ['DELETE', '/items/{id}', 'None', '10KPerMin'],
    ],
  );
  assert.deepEqual(body.endpointConfig.production_endpoints, { url: 'https://backend.example/v1' });
});

test('what a form lacks is taken from the definition', async () => {
  const { body } = await importing({ file: file(definition('Books & Films: (all)')) }, 201);
  assert.deepEqual([body.name, body.context], ['Books Films all', '/books-films-all']);
});

test('a form with none or several definitions, or broken properties, is refused', async () => {
  const json = JSON.stringify(definition('Twice'));
  for (const form of [
    {},
    { url: ' ' },
    { file: file(json), inlineAPIDefinition: json },
    { url: hostUrl, file: file(json) },
  ] as Record<string, string | File>[]) {
    assert.equal((await importing({ additionalProperties: '{}', ...form }, 400)).body.code, 900751);
  }
  for (const additionalProperties of ['{', '[]', 'null', '7']) {
    assert.equal((await importing({ file: file(json), additionalProperties }, 400)).body.code, 903216);
  }
  assert.match(
    (await importing({ file: file(json), additionalProperties: '{"visibility":"NOBODY"}' }, 400)).body.description,
    /visibility/,
  );
});

test('broken definitions are refused with what is wrong, and nothing is created', async () => {
  const count = async () => (await running.publisher('GET', '/apis?limit=0')).body.pagination.total;
  const before = await count();
  for (const content of [
    'just text',
    '{"openapi":"3.0.0"',
    '{"openapi":"3.0.0"}',
    '{"hello":1}',
    '{"openapi":"9.0.0","info":{"title":"a","version":"1"},"paths":{}}',
    'a: &a [*a]',
    '[]',
    '',
    '{"openapi":"3.0.0","info":{"title":"a","version":"1"},"paths":{}}',
  ]) {
    const { body } = await running.publisher('POST', '/apis/import-openapi', { form: { file: file(content) } });
    assert.ok(
      body.code === 900763 || (body.code >= 400 && typeof body.description === 'string' && body.description !== ''),
      content,
    );
  }
  const zip = await importing({ file: new File([Buffer.from('504b0304140000', 'hex')], 'x.zip') }, 400);
  assert.match(zip.body.description, /zip/);
  assert.equal(await count(), before);
});

test('a reference to a file or an address is refused by its place and never followed', async () => {
  for (const reference of [
    'file:///etc/passwd',
    '/etc/passwd',
    '../secret.yaml',
    hostUrl,
    'http://169.254.169.254/latest',
  ]) {
    const paths = {
      '/a': {
        get: {
          responses: { '200': { description: 'x', content: { 'application/json': { schema: { $ref: reference } } } } },
        },
      },
    };
    const { body } = await importing({ file: file(definition('Ref', { paths })) }, 400);
    assert.match(body.description, /paths/);
    assert.doesNotMatch(JSON.stringify(body), /root:/);
  }
});

test('11 MB are refused by their size, as a file and as a field', async () => {
  const large = `${JSON.stringify(definition('Large'))}${' '.repeat(11 * 1024 * 1024)}`;
  for (const form of [{ file: file(large) }, { inlineAPIDefinition: large }] as Record<string, string | File>[]) {
    assert.match((await importing(form, 413)).body.description, /10485760/);
  }
});

test('private addresses are fetched only where that is allowed', async () => {
  const { body } = await closed.publisher('POST', '/apis/import-openapi', {
    form: { url: hostUrl, additionalProperties: JSON.stringify(apiBody('Inside')) },
    expect: 400,
  });
  assert.match(body.description, /127\.0\.0\.1/);
  const examined = await closed.publisher('POST', '/apis/validate-openapi', { form: { url: hostUrl }, expect: 200 });
  assert.equal(examined.body.isValid, false);
  assert.match(examined.body.errors[0].description, /127\.0\.0\.1/);
});

test('an examination answers 200 whether the definition is valid or not, and keeps nothing', async () => {
  const text = JSON.stringify(definition('Examined'));
  const valid = (
    await running.publisher('POST', '/apis/validate-openapi?returnContent=true', {
      form: { inlineAPIDefinition: text },
      expect: 200,
    })
  ).body;
  assert.deepEqual(
    [
      valid.isValid,
      valid.content,
      valid.info.name,
      valid.info.openAPIVersion,
      valid.info.endpoints,
      valid.info.operations.length,
      valid.errors,
    ],
    [true, text, 'Examined', '3.0.3', ['https://backend.example/v1'], 2, []],
  );
  const invalid = (
    await running.publisher('POST', '/apis/validate-openapi', {
      form: { file: file({ openapi: '3.0.0' }) },
      expect: 200,
    })
  ).body;
  assert.equal(invalid.isValid, false);
  assert.equal(typeof invalid.errors[0].code, 'string');
  assert.equal('content' in invalid, false);
  await running.publisher('POST', '/apis/validate-openapi', { form: { url: '' }, expect: 400 });
  await running.publisher('POST', '/apis/validate-openapi', {
    form: { url: hostUrl },
    as: people.publisher,
    expect: 401,
  });
});

test('a new definition takes the operations along and keeps policies and roles that it cannot say', async () => {
  const roles = { scopes: [{ scope: { name: 'items:read', bindings: ['Internal/publisher'] }, shared: false }] };
  const { id } = (
    await running.publisher('POST', '/apis', {
      json: apiBody('Redefined', {
        ...roles,
        operations: [
          {
            target: '/items/{id}',
            verb: 'GET',
            scopes: ['items:read'],
            operationPolicies: { request: [{ policyName: 'addHeader' }] },
          },
        ],
      }),
      expect: 201,
    })
  ).body;
  const paths = {
    '/items/{id}': { get: { 'x-scopes': ['items:read'], responses: { '200': { description: 'OK' } } } },
    '/new': { post: { responses: { '200': { description: 'OK' } } } },
  };
  await running.publisher('PUT', `/apis/${id}/swagger`, {
    form: { apiDefinition: JSON.stringify(definition('Any', { paths })) },
    expect: 200,
  });
  const { body } = await running.publisher('GET', `/apis/${id}`);
  assert.deepEqual(
    body.operations.map(({ verb, target }: JsonObject) => `${verb} ${target}`),
    ['GET /items/{id}', 'POST /new'],
  );
  assert.equal(body.operations[0].operationPolicies.request[0].policyName, 'addHeader');
  assert.deepEqual(body.scopes[0].scope.bindings, ['Internal/publisher']);
  await running.publisher('PUT', `/apis/${id}/swagger`, {
    form: { apiDefinition: '{"openapi":"3.0.0"}' },
    expect: 400,
  });
  await running.publisher('PUT', '/apis/none/swagger', { form: { apiDefinition: '{}' }, expect: 404 });
  assert.equal((await running.publisher('GET', `/apis/${id}`)).body.operations.length, 2);
});

test('the definition follows the operations of a PUT and keeps what people wrote in it', async () => {
  const { body } = await importing(
    { file: file(definition('Followed')), additionalProperties: JSON.stringify(apiBody('Followed')) },
    201,
  );
  await running.publisher('PUT', `/apis/${body.id}`, {
    json: { ...body, operations: [...body.operations.slice(0, 1), { target: '/added', verb: 'PUT' }] },
    expect: 200,
  });
  const after = (await running.publisher('GET', `/apis/${body.id}/swagger`, { expect: 200 })).body;
  assert.deepEqual(Object.keys(after.paths), ['/items/{id}', '/added']);
  assert.equal(after.paths['/items/{id}'].get.summary, 'One item');
  assert.equal('delete' in after.paths['/items/{id}'], false);
});
