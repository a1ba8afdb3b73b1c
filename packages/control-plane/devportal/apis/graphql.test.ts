import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { packGraphqlSchema } from '@sluice/model';
import { developer, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

const schema = 'type Query { book: Book }\ntype Book { name: String }\n';
const list = [{ type: 'Query', field: 'book', complexityValue: 3 }];
const parts = ['graphql-schema', 'graphql-policies/complexity', 'graphql-policies/complexity/types'];

test('consumers do not see the schema of a GraphQL API, or what its fields cost', async () => {
  const more = { graphqlSchema: packGraphqlSchema(schema), graphqlComplexity: list };
  const { id } = await portals.addApi({ name: 'Seen', type: 'GRAPHQL', more });
  for (const as of ['', developer]) {
    const [text, costs, types] = await Promise.all(
      parts.map((part) => portals.devportal('GET', `/apis/${id}/${part}`, { as })),
    );
    assert.deepEqual([text?.status, text?.body], [200, schema]);
    assert.deepEqual(costs?.body, { list });
    assert.deepEqual(types?.body.typeList, [
      { type: 'Query', fieldList: ['book'] },
      { type: 'Book', fieldList: ['name'] },
    ]);
  }
  const { body } = await portals.devportal('GET', `/apis/${id}`, {});
  assert.ok(!JSON.stringify(body).includes('graphql'), 'the packed schema is in the view of the API');
});

test('schemas of APIs are shown to those who may not see them', async () => {
  const more = { graphqlSchema: packGraphqlSchema(schema) };
  const hidden = await portals.addApi({ name: 'Hidden', type: 'GRAPHQL', status: 'CREATED', more });
  const restricted = await portals.addApi({
    name: 'Own',
    type: 'GRAPHQL',
    visibility: 'RESTRICTED',
    visibleRoles: ['boss'],
    more,
  });
  const bare = await portals.addApi({ name: 'Bare', type: 'GRAPHQL' });
  const rest = await portals.addApi({ name: 'Rest' });
  for (const part of parts) {
    for (const { id } of [hidden, restricted]) {
      assert.equal((await portals.devportal('GET', `/apis/${id}/${part}`, { as: developer })).status, 403, part);
    }
    assert.equal((await portals.devportal('GET', `/apis/${rest.id}/${part}`, {})).status, 400, part);
    assert.equal((await portals.devportal('GET', `/apis/none/${part}`, {})).status, 404, part);
  }
  for (const part of [parts[0], parts[2]]) {
    assert.equal((await portals.devportal('GET', `/apis/${bare.id}/${part}`, {})).status, 404, part);
  }
});
