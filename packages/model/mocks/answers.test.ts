import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../json.ts';
import { mockAnswers } from './answers.ts';
import { Sampler } from './sample.ts';

const document: JsonObject = {
  openapi: '3.0.3',
  paths: {
    '/orders/{id}': {
      get: {
        responses: {
          default: { $ref: '#/components/responses/Wrong' },
          '404': { content: { 'application/json': { example: { code: 404 } } } },
          '200': {
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Order' } },
              'application/xml': { schema: { $ref: '#/components/schemas/Order' } },
              'text/plain': { example: 'no body that is mocked' },
            },
          },
          '2XX': { content: { 'application/json': { examples: { one: { value: '{"written": true}' } } } } },
          '204': {},
        },
      },
    },
  },
  components: {
    responses: { Wrong: { content: { 'application/json': { schema: { type: 'string', enum: ['wrong'] } } } } },
    schemas: {
      Order: {
        allOf: [
          { $ref: '#/components/schemas/Base' },
          {
            type: 'object',
            properties: {
              lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } },
              secret: { type: 'string', writeOnly: true },
              parent: { $ref: '#/components/schemas/Order' },
            },
          },
        ],
      },
      Base: { type: 'object', properties: { id: { type: 'string', format: 'uuid' }, paid: { type: 'boolean' } } },
      Line: {
        properties: { 'a b': { type: 'integer', minimum: 3 }, note: { type: ['null', 'string'], default: 'x<y' } },
      },
    },
  },
};

test('the answers of an operation come from its examples, else from its schemas, the lowest status first', () => {
  const answers = mockAnswers(document).get('GET /orders/{id}') ?? [];
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['200', '204', '2XX', '404', 'default'],
  );
  const order = JSON.parse(answers[0]?.json ?? '') as JsonObject;
  assert.deepEqual(order.lines, [{ 'a b': 3, note: 'x<y' }]);
  assert.equal(order.id, '3fa85f64-5717-4562-b3fc-2c963f66afa6');
  assert.equal(Object.hasOwn(order, 'secret'), false);
  assert.match(answers[0]?.xml ?? '', /^<Order><id>3fa.*<lines><a_b>3<\/a_b><note>x&lt;y<\/note><\/lines>/);
  assert.deepEqual(answers[1], { status: '204' });
  assert.equal(answers[2]?.json, '{"written": true}');
  assert.equal(answers[3]?.json, '{"code":404}');
  assert.equal(answers[4]?.json, '"wrong"');
});

test('Swagger 2.0 has one schema for all that it produces', () => {
  const answers = mockAnswers({
    swagger: '2.0',
    produces: ['application/xml', 'application/json'],
    paths: {
      '/a': {
        post: { responses: { 201: { schema: { type: 'integer' }, examples: { 'application/json': { a: 1 } } } } },
      },
    },
  });
  assert.deepEqual(answers.get('POST /a'), [{ status: '201', json: '{"a":1}', xml: '<root>0</root>' }]);
});

test('a schema that contains itself many times is not written out without end', () => {
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${index}`, { $ref: '#/s' }]));
  const sample = JSON.stringify(new Sampler({ s: { properties: wide } }).sampleOf({ $ref: '#/s' }));
  assert.ok(sample.length < 50_000, `${sample.length}`);
});

test('one large example that stands for many values is not written out many times', () => {
  const big = { example: 'x'.repeat(300_000) };
  const properties = Object.fromEntries(Array.from({ length: 1999 }, (_, index) => [`p${index}`, { $ref: '#/big' }]));
  const list = { example: { ['n'.repeat(100_000)]: Array.from({ length: 6000 }, () => 1) } };
  const schemas = { 200: { properties }, 201: list, 202: { example: { kept: true } } };
  const responses = Object.fromEntries(
    Object.entries(schemas).map(([status, schema]) => [status, { content: { 'application/xml': { schema } } }]),
  );
  const answers = mockAnswers({ paths: { '/a': { get: { responses } } }, big } as unknown as JsonObject);
  assert.deepEqual(answers.get('GET /a'), [
    { status: '200' },
    { status: '201' },
    { status: '202', xml: '<root><kept>true</kept></root>' },
  ]);
});

test('thousands of answers by one schema that yields next to nothing do not take the time of them all', () => {
  let looks = 0;
  const part = Object.defineProperty({ type: 'null' }, 'example', { get: () => void looks++ });
  const schema = { allOf: Array.from({ length: 1000 }, () => part) };
  const paths = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [
      `/a${index}`,
      { get: { responses: { 200: { content: { 'application/json': { schema } } } } } },
    ]),
  );
  assert.equal(mockAnswers({ paths } as unknown as JsonObject).size, 5000);
  assert.ok(looks < 600_000, `${looks}`);
});

test('arbitrary JSON in the place of a definition never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (responses, schema) => {
      const operation = { responses: { 200: { content: { 'application/json': { schema } } }, 400: responses } };
      mockAnswers({ paths: { '/a': { get: operation } } } as unknown as JsonObject);
      mockAnswers({ paths: { '/a': { get: { responses } } }, components: schema } as unknown as JsonObject);
      new Sampler({}).sampleOf(schema as Json);
    }),
    { numRuns: 500 },
  );
});
