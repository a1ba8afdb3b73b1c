import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseEndpointConfig } from '../endpoints/parse.ts';
import type { JsonObject } from '../json.ts';
import { applyOperations } from './apply.ts';
import { settingsOf } from './extensions.ts';
import { operationsOf } from './operations.ts';
import { scopesOf } from './scopes.ts';
import { endpointConfigOf, portalDefinition } from './servers.ts';
import { validateDefinition } from './validate.ts';

const golden = new URL('./golden/', import.meta.url);
const inputs = readdirSync(golden).filter((file) => /\.in\.(json|yaml)$/.test(file));
const address = {
  urls: ['https://gateway.example.com:8243/base/1.0.0', 'http://gateway.example.com:8280/base/1.0.0'],
  authorizationUrl: 'https://keys.example.com/authorize',
  tokenUrl: 'https://keys.example.com/token',
};
// UPDATE_GOLDEN=1 writes what is found; read the difference before committing it.
const update = process.env.UPDATE_GOLDEN === '1';

for (const input of inputs) {
  test(`a definition is understood and rewritten as before: ${input}`, async () => {
    const { document, refusal, valid, version, info, errors, warnings } = await validateDefinition(
      readFileSync(new URL(input, golden)),
    );
    const report = { valid, version, info, refusal: refusal?.message ?? null, errors, warnings };
    const found = valid && document !== null ? { report, ...meaningOf(document) } : { report };
    const text = `${JSON.stringify(found, null, 2)}\n`;
    const file = new URL(input.replace(/\.in\.\w+$/, '.out.json'), golden);
    if (update) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
    if (!valid || document === null) return;
    const applied = applyOperations(document, { operations: operationsOf(document), scopes: scopesOf(document) });
    assert.deepEqual(operationsOf(applied), operationsOf(document));
    assert.deepEqual(
      (await validateDefinition(JSON.stringify(applied))).errors,
      [],
      'the rewritten definition is still valid',
    );
    const portal = portalDefinition(applied, address);
    assert.deepEqual((await validateDefinition(JSON.stringify(portal))).errors, [], 'so is the portal view of it');
    assert.deepEqual(parseEndpointConfig(endpointConfigOf(document)).findings, []);
  });
}

function meaningOf(document: JsonObject) {
  const operations = operationsOf(document);
  const scopes = scopesOf(document);
  const applied = applyOperations(document, { operations, scopes });
  return {
    operations,
    scopes,
    settings: settingsOf(document),
    endpointConfig: endpointConfigOf(document),
    applied,
    portal: portalDefinition(applied, address),
  };
}

test('no golden file is left without its input', () => {
  const outputs = readdirSync(golden).filter((file) => file.endsWith('.out.json'));
  assert.equal(outputs.length, inputs.length);
});
