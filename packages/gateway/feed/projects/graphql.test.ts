import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { filesOf } from './files.ts';
import { readProject } from './project.ts';

const schema = 'type Query { book: Book } type Book { name: String }';
const api = `type: api
version: v4
data:
  name: shop
  version: 1.0.0
  context: /shop
  type: GRAPHQL
  operations:
    - target: book
      verb: query
      authType: Application & Application User
  endpointConfig:
    endpoint_type: graphql
    http:
      production_endpoints: { url: "http://backend.example/graphql" }
`;
const complexity = `type: graphql_complexity
version: v4.0.0
data:
  list:
    - { type: Query, field: book, complexityValue: 3 }
    - { type: Book, field: name, complexityValue: 0 }
    - { type: __proto__, field: name, complexityValue: 2 }
`;

function read(costs: string) {
  const texts = new Map([
    ['api.yaml', api],
    ['Definitions/schema.graphql', schema],
    ['Definitions/graphql-complexity.yaml', costs],
  ]);
  return readProject(filesOf('shop', '/', texts), 'Default').api;
}

test('the schema or the costs of fields of a GraphQL project do not reach the gateway', () => {
  const read1 = read(complexity);
  assert.equal(gunzipSync(Buffer.from(read1?.graphql?.schema ?? '', 'base64')).toString(), schema);
  assert.deepEqual(Object.entries(read1?.graphql?.complexity ?? {}), [
    ['Query', { book: 3 }],
    ['Book', { name: 0 }],
    ['__proto__', { name: 2 }],
  ]);
  assert.deepEqual(read1?.operations, [
    { target: 'book', verb: 'QUERY', authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] },
  ]);
  assert.notEqual(read(complexity.replace('3', '4'))?.revisionId, read1?.revisionId, 'another revision');
});

test('a cost that is none is taken', () => {
  for (const cost of ['-1', '1.5', '"3"', '.inf']) {
    assert.throws(
      () => read(complexity.replace('complexityValue: 3', `complexityValue: ${cost}`)),
      /complexityValue must be a whole number/,
      cost,
    );
  }
  assert.throws(() => read(complexity.replace('field: book, ', '')), /a type and a field/);
});
