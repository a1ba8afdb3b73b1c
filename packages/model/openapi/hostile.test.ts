import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { SluiceError } from '../errors/entry.ts';
import type { JsonObject } from '../json.ts';
import { maxDefinitionBytes, readDefinition } from './read.ts';
import { validateDefinition } from './validate.ts';

function withSchema(schema: JsonObject, more: JsonObject = {}): JsonObject {
  const content = { 'application/json': { schema } };
  return {
    openapi: '3.0.3',
    info: { title: 'Hostile', version: '1' },
    paths: { '/a': { get: { responses: { '200': { description: 'ok', content } } } } },
    ...more,
  };
}

test('a reference to a file or an address is refused by name and place, and nothing is read', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-definition-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret.json');
  writeFileSync(file, '{"secret":"from the file"}');
  let hits = 0;
  const server = createServer((_, response) => {
    hits++;
    response.end('{"secret":"from the server"}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema.json`;
  for (const reference of [pathToFileURL(file).href, file, `${address}#/secret`, address, '//127.0.0.1/x', 'x.yaml']) {
    const report = await validateDefinition(JSON.stringify(withSchema({ $ref: reference })));
    assert.equal(report.valid, false);
    assert.equal(report.refusal?.entry.key, 'external-reference-refused');
    assert.ok(report.refusal?.description.includes(reference), report.refusal?.description);
    assert.equal(report.errors[0]?.path, 'paths["/a"].get.responses["200"].content["application/json"].schema["$ref"]');
    assert.ok(!JSON.stringify(report).includes('from the'));
  }
  assert.equal(hits, 0);
});

test('references that go in circles are taken', async () => {
  const schemas = {
    Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } },
    Ping: { allOf: [{ $ref: '#/components/schemas/Pong' }] },
    Pong: { allOf: [{ $ref: '#/components/schemas/Ping' }] },
  };
  const document = withSchema({ $ref: '#/components/schemas/Node' }, { components: { schemas } });
  assert.deepEqual((await validateDefinition(JSON.stringify(document))).errors, []);
});

test('references that only refer to each other lead nowhere and are named', async () => {
  const schemas = { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } };
  const document = withSchema({ $ref: '#/components/schemas/A' }, { components: { schemas } });
  const { errors } = await validateDefinition(JSON.stringify(document));
  assert.equal(errors[0]?.value, '"#/components/schemas/A"');
});

test('references that double at each step do not multiply the work', async () => {
  const schemas: JsonObject = { S40: { type: 'string' } };
  for (let step = 0; step < 40; step++) {
    const next = { $ref: `#/components/schemas/S${step + 1}` };
    schemas[`S${step}`] = { allOf: [next, next] };
  }
  const document = withSchema({ $ref: '#/components/schemas/S0' }, { components: { schemas } });
  assert.equal((await validateDefinition(JSON.stringify(document))).valid, true);
});

function doubling(open: string, line: (step: number, previous: string) => string): string {
  const lines = [open];
  for (let step = 1; step < 40; step++) lines.push(line(step, `*a${step - 1}`));
  return lines.join('\n');
}

const unreadable: Record<string, string | Uint8Array> = {
  'aliases that double forty times': doubling('a0: &a0 [x]', (step, last) => `a${step}: &a${step} [${last}, ${last}]`),
  'merges that double forty times': doubling(
    'a0: &a0 {k: v}',
    (step, last) => `a${step}: &a${step}\n  <<: [${last}, ${last}]`,
  ),
  'an alias to what it stands in': 'a: &a\n  b: *a',
  'lists nested 100,000 deep in JSON': '['.repeat(100_000),
  'objects nested 100,000 deep in JSON': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'lists nested 20,000 deep in YAML': '- '.repeat(20_000),
  'aliases that add up to depth': Array.from({ length: 300 }, (_, step) =>
    step === 0 ? 'a0: &a0 {k: v}' : `a${step}: &a${step} {k: *a${step - 1}}`,
  ).join('\n'),
  'a member twice in YAML': 'openapi: 3.0.3\npaths: {}\npaths: {}',
  'a member twice in JSON': '{"openapi":"3.0.3","paths":{"/a":{"get":{}},"/b":{},"/\\u0061":{}}}',
  'an alias to nothing': 'a: *b',
  'a map as a name': '? {a: 1}\n: b',
  'a merge of a text': 'a: {<<: text}',
  'several documents in one text': 'a: 1\n---\nb: 2',
  'broken JSON': '{"openapi": "3.0.3",',
  'broken YAML': 'openapi: [3.0.3',
  'a number that JSON does not have': 'openapi: 3.0.3\nx: .inf',
  'bytes that are no text': new Uint8Array([0x7b, 0x80, 0xff]),
  'a plain text': 'hello',
  'an empty text': '',
};

for (const [what, text] of Object.entries(unreadable)) {
  test(`a definition is refused, with a reason, for ${what}`, async () => {
    const report = await validateDefinition(text);
    assert.equal(report.refusal?.entry.key, 'openapi-unreadable');
    assert.ok((report.refusal?.description.length ?? 0) > 10);
    assert.ok(!report.refusal?.description.includes('\n'));
    assert.throws(() => readDefinition(text), { name: 'SluiceError', description: report.refusal?.description });
  });
}

test('neither many aliases nor many names make the reader slow', () => {
  // Work that grew with the square of either would take a minute.
  const uses = Array.from({ length: 40_000 }, () => '*a').join(', ');
  assert.equal((readDefinition(`a: &a {k: v}\nb: [${uses}]`).b as unknown[]).length, 40_000);
  const names = Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join(', ');
  assert.equal(Object.keys(readDefinition(`a: {${names}}`).a as object).length, 40_000);
});

test('merge keys, aliases as names and numbers as names mean what YAML says', () => {
  const document = readDefinition(
    'base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\na: {<<: [*b, *o], x: 0}\n200: ok\n1.10: ok\n"<<": text',
  );
  assert.deepEqual(document.a, { x: 0, y: 2, z: 4 });
  assert.deepEqual([document['200'], document['1.10'], document['<<']], ['ok', 'ok', 'text']);
});

test('what authors forget to quote keeps its text', () => {
  const document = readDefinition('swagger: 2.0\ninfo: {version: 1.10}\nx: 1.10');
  assert.deepEqual(document, { swagger: '2.0', info: { version: '1.10' }, x: 1.1 });
});

test('a member named __proto__ is data and changes nothing else', () => {
  for (const text of ['{"__proto__":{"polluted":1},"a":1}', '__proto__: {polluted: 1}\na: 1']) {
    const document = readDefinition(text);
    assert.equal((document as { polluted?: number }).polluted, undefined);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal(document.a, 1);
  }
});

test('a definition above the size limit is refused before it is read', async () => {
  const text = `{"openapi":"3.0.3","x":"${'y'.repeat(11 * 1024 * 1024)}"}`;
  const report = await validateDefinition(text);
  assert.equal(report.refusal?.entry.status, 413);
  assert.ok(report.refusal?.description.includes(String(maxDefinitionBytes)));
  assert.throws(() => readDefinition(text), SluiceError);
});

test('versions that are not read are named', async () => {
  const refusal = async (text: string) => (await validateDefinition(text)).refusal?.entry.key;
  assert.equal(await refusal('{"openapi":"3.2.0"}'), 'openapi-version-unsupported');
  assert.equal(await refusal('{"swagger":"1.2"}'), 'openapi-version-unsupported');
  assert.equal(await refusal('{"openapi":{}}'), 'openapi-unrecognized');
  assert.equal(await refusal('{"asyncapi":"2.0.0"}'), 'openapi-unrecognized');
});

test('a large definition with an error in every operation is refused soon', async () => {
  const paths = Object.fromEntries(
    Array.from({ length: 30_000 }, (_, index) => [`/${index}`, { get: { responses: { '200': { odd: 1 } } } }]),
  );
  const report = await validateDefinition(JSON.stringify({ ...withSchema({}), paths }), { timeout: 15_000 });
  assert.equal(report.refusal?.entry.key, 'openapi-invalid');
  assert.ok(report.errors.length > 0);
});

test('a check that takes too long is ended, and the next one is not held up', async () => {
  const slow = `openapi: 3.0.3\nx: [${'1, '.repeat(1_000_000)}1]`;
  const [first, second] = await Promise.all([
    validateDefinition(slow, { timeout: 300 }),
    validateDefinition(JSON.stringify(withSchema({}, { 'x-large': 'y'.repeat(200_000) }))),
  ]);
  assert.match(first.refusal?.description ?? '', /longer than 300 ms/);
  assert.equal(second.valid, true);
});

test('no text makes the reader throw anything but its own errors, or the check reject', async () => {
  const pieces = fc.array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '"a"',
        ' ',
        '\n',
        '- ',
        'a: ',
        '&a ',
        '*a',
        '<<: ',
        '!!set',
        '|',
        '>',
        '%',
      ],
      ...['openapi: 3.1.0', '"openapi":"3.0.0"', 'paths', '"$ref"', '#/', '\\u0000', '1e999', '? ', "'", '\t', '---'],
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        pieces.map((list) => list.join('')),
      ),
      async (text) => {
        const report = await validateDefinition(text);
        assert.equal(report.valid, report.refusal === null);
        try {
          readDefinition(text);
        } catch (error) {
          assert.ok(error instanceof SluiceError, String(error));
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test('no document of the right outer shape makes the check reject', async () => {
  const value = fc.jsonValue();
  const shape = fc.record(
    {
      openapi: fc.constantFrom('3.0.0', '3.1.0'),
      info: fc.oneof(value, fc.constant({ title: 'a', version: '1' })),
      paths: fc.dictionary(
        fc.oneof(fc.constantFrom('/a', '/a/{b}', 'x-y'), fc.string()),
        fc.oneof(value, fc.dictionary(fc.constantFrom('get', 'post', 'parameters', '$ref', 'servers'), value)),
      ),
      servers: value,
      components: value,
      security: value,
    },
    { requiredKeys: ['openapi'] },
  );
  await fc.assert(
    fc.asyncProperty(shape, async (document) => {
      const report = await validateDefinition(JSON.stringify(document));
      assert.ok(report.document !== null || report.refusal?.entry.key === 'openapi-unreadable');
    }),
    { numRuns: 500 },
  );
});
