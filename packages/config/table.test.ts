import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from '@sluice/model';
import { coerce } from './coerce.ts';
import { knownNames, resolveName, sectionKind, tomlKey, variableOf } from './names.ts';
import type { Setting } from './setting.ts';
import { areas, table } from './table/index.ts';

const rows = Object.entries(table) as [string, Setting][];

test('no key stands in two areas and no spelling means two settings', () => {
  const seen = new Map<string, string>();
  const all = areas.flatMap(({ rows: own }) => Object.entries(own));
  assert.equal(all.length, rows.length);
  for (const [key, setting] of all) {
    for (const name of [key, ...setting.aliases]) {
      assert.equal(seen.get(name), undefined, `${name} is ${key} and ${seen.get(name)}`);
      seen.set(name, key);
    }
  }
});

test('no two spellings share a variable', () => {
  const seen = new Map<string, string>();
  for (const name of knownNames()) {
    if (!name.includes('.') || name.includes('[')) continue;
    const other = seen.get(variableOf(name));
    assert.equal(other, undefined, `${name} and ${other}`);
    seen.set(variableOf(name), name);
  }
});

test('every default is a value that the setting itself would take', () => {
  for (const [key, setting] of rows) {
    if (setting.default === undefined || setting.type === 'any') continue;
    const raw = Array.isArray(setting.default) ? [...setting.default] : setting.default;
    const read = coerce(setting, raw);
    assert.deepEqual(read, { ok: true, value: setting.default }, key);
  }
});

test('every row says what it is for, and every idle one why', () => {
  for (const [key, { description, effect }] of rows) {
    assert.match(description, /^[A-Z0-9`].*[.]$/, key);
    if (effect.kind === 'none') assert.ok(effect.reason.length > 10, key);
    if (effect.kind === 'later') assert.ok(effect.capability.length > 2, key);
  }
});

test('a key never lies below another that is a value', () => {
  for (const [key] of rows) {
    // Names of WSO2's property files are one name each, dots and all.
    if (tomlKey(key).includes("'")) continue;
    const parts = key.split('.');
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('.');
      const resolved = Object.hasOwn(table, above) ? resolveName(above) : undefined;
      assert.equal(resolved, undefined, `${key} below ${above}`);
    }
  }
});

test('every setting that an error names is in the table', () => {
  for (const entry of Object.values(errors)) {
    if (!('setting' in entry)) continue;
    const known = resolveName(entry.setting) !== undefined || sectionKind(entry.setting) !== undefined;
    assert.ok(known, `${entry.key} names ${entry.setting}`);
  }
});
