import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiScope, Operation } from '../api.ts';
import type { JsonObject } from '../json.ts';
import { applyOperations, definitionFor } from './apply.ts';
import { operationsOf } from './operations.ts';
import { scopesOf } from './scopes.ts';
import { portalDefinition } from './servers.ts';
import { validateDefinition } from './validate.ts';

const github = new URL(import.meta.resolve('@octokit/openapi/package.json'));
const githubDescription = new URL('generated/api.github.com.json', github);

test('a real description of 1,200 operations is valid, and still is when its operations are written back', async () => {
  // As published it is indented and 13 MB long; without the blanks it is within the limit.
  const text = JSON.stringify(JSON.parse(readFileSync(githubDescription, 'utf8')));
  const report = await validateDefinition(text, { timeout: 60_000 });
  assert.deepEqual(report.errors, []);
  assert.equal(report.info?.openAPIVersion, '3.0.3');
  assert.ok(report.document !== null);
  const operations = operationsOf(report.document);
  assert.ok(operations.length > 1000);
  const applied = applyOperations(report.document, { operations, scopes: [] });
  assert.deepEqual(operationsOf(applied), operations);
  assert.equal((await validateDefinition(JSON.stringify(applied), { timeout: 60_000 })).valid, true);
});

const document = (): JsonObject => ({
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      summary: 'kept',
      get: { operationId: 'list', 'x-wso2-throttling-tier': 'Old', security: [{ key: [] }], responses: { '200': {} } },
      delete: { responses: {} },
    },
    '/shared': { $ref: '#/paths/~1orders' },
    '/gone': { get: { responses: {} } },
    'x-note': { get: 'kept' },
  },
  components: { securitySchemes: { key: { type: 'apiKey' } }, schemas: { Order: {} } },
  'x-mine': [1, 2],
});

const operation = (target: string, verb: string, more: Partial<Operation> = {}): Operation => ({
  target,
  verb,
  authType: 'Any',
  throttlingPolicy: 'Unlimited',
  scopes: [],
  ...more,
});

test('what is not about operations stays as it was, what is gone goes, what is new is described', () => {
  const source = document();
  const before = structuredClone(source);
  const scopes: ApiScope[] = [{ name: 's', description: 'S', bindings: ['admin', 'x'], shared: false }];
  const written = applyOperations(source, {
    operations: [
      operation('/orders', 'GET', { throttlingPolicy: 'Gold', scopes: ['s'] }),
      operation('/shared', 'GET', { authType: 'None' }),
      operation('/new/{id}', 'POST'),
    ],
    scopes,
  });
  assert.deepEqual(source, before, 'the given document is not changed');
  assert.deepEqual(written, {
    ...before,
    paths: {
      '/orders': {
        summary: 'kept',
        get: {
          operationId: 'list',
          security: [{ key: [] }, { default: ['s'] }],
          responses: { '200': {} },
          'x-auth-type': 'Application & Application User',
          'x-throttling-tier': 'Gold',
        },
      },
      '/shared': {
        summary: 'kept',
        get: {
          operationId: 'list',
          security: [{ key: [] }],
          responses: { '200': {} },
          'x-auth-type': 'None',
          'x-throttling-tier': 'Unlimited',
        },
      },
      'x-note': { get: 'kept' },
      '/new/{id}': {
        post: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { '200': { description: 'OK' } },
          security: [{ default: [] }],
          'x-auth-type': 'Application & Application User',
          'x-throttling-tier': 'Unlimited',
        },
      },
    },
    components: {
      schemas: { Order: {} },
      securitySchemes: {
        key: { type: 'apiKey' },
        default: {
          type: 'oauth2',
          flows: {
            implicit: {
              authorizationUrl: 'https://localhost:9443/oauth2/authorize',
              scopes: { s: 'S' },
              'x-scopes-bindings': { s: 'admin,x' },
            },
          },
        },
      },
    },
  });
});

const path = fc.oneof(
  fc.constantFrom('/orders', '/shared', '/orders/{id}', '/*', '/a/{b}/{c}', '/__proto__'),
  fc.string().map((text) => `/${text}`),
);
const operations = fc.uniqueArray(
  fc.record(
    {
      target: path,
      verb: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
      authType: fc.constantFrom('Any' as const, 'Application' as const, 'Application_User' as const, 'None' as const),
      throttlingPolicy: fc.constantFrom('Unlimited', 'Gold', '10KPerMin'),
      scopes: fc.uniqueArray(fc.constantFrom('read', 'write', 'admin')),
    },
    { noNullPrototype: true },
  ),
  { selector: ({ target, verb }) => `${verb} ${target}` },
);
const byName = (list: readonly Operation[]) =>
  list.toSorted((one, other) => (`${one.target} ${one.verb}` < `${other.target} ${other.verb}` ? -1 : 1));
const scopes = ['read', 'write', 'admin'].map((name) => ({
  name,
  displayName: name,
  description: `May ${name}`,
  bindings: ['admin', `role-${name}`],
  shared: false,
}));

test('operations and scopes that were written into a definition are read from it as they were', () => {
  const swagger = (): JsonObject => ({ swagger: '2.0', info: { title: 'a', version: '1' }, paths: {} });
  fc.assert(
    fc.property(operations, fc.constantFrom(document, swagger), (list, source) => {
      const once = applyOperations(source(), { operations: list, scopes });
      assert.deepEqual(byName(operationsOf(once)), byName(list));
      assert.deepEqual(scopesOf(once), scopes);
      assert.deepEqual(applyOperations(once, { operations: list, scopes }), once, 'writing twice changes nothing');
    }),
    { numRuns: 500 },
  );
});

test('an API without a definition gets one that is valid and says the same', async () => {
  const list = [
    operation('/orders/{id}/items/{id}', 'GET', { scopes: ['read'] }),
    operation('/*', 'POST', { authType: 'None' }),
  ];
  const made = definitionFor({ name: 'Orders', version: '1.0.0', description: '', operations: list, scopes });
  const report = await validateDefinition(JSON.stringify(made));
  assert.deepEqual(report.errors, []);
  assert.deepEqual(operationsOf(made), list);
});

test('the developer portal does not learn where the backends are', () => {
  const secret = 'https://backend.internal.example.com';
  const servers = [{ url: secret }];
  const group = { urls: [secret], type: 'http' };
  const source: JsonObject = {
    openapi: '3.0.3',
    info: { title: 'a', version: '1' },
    servers,
    'x-wso2-production-endpoints': group,
    'x-wso2-sandbox-endpoints': group,
    paths: {
      '/a': {
        servers,
        'x-wso2-production-endpoints': group,
        get: { servers, 'x-wso2-sandbox-endpoints': group, 'x-amzn-resource-name': secret, responses: {} },
      },
    },
  };
  const shown = portalDefinition(source, { urls: ['https://gateway.example.com/a/1'] });
  assert.ok(!JSON.stringify(shown).includes(secret));
  assert.deepEqual(shown.servers, [{ url: 'https://gateway.example.com/a/1' }]);
});
