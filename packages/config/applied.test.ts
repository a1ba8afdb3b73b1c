import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Setting } from './setting.ts';
import { table } from './table/index.ts';

/** Where settings become options of the rooms. */
const cli = new URL('../cli/', import.meta.url);
const source = readdirSync(cli, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('node_modules'))
  .map((file) => readFileSync(new URL(file, cli), 'utf8'))
  .join('\n');

test('a setting is marked as applied if and only if the program reads it', () => {
  const wrong: string[] = [];
  for (const [key, setting] of Object.entries(table) as [string, Setting][]) {
    // Arrays are read by their name, and placeholders are filled in where the file is read.
    if (key.includes('[') || key === 'secrets.*') continue;
    const read = source.includes(`'${key}'`);
    if (read !== (setting.effect.kind === 'applied')) {
      wrong.push(`${key} is marked as ${setting.effect.kind} and ${read ? '' : 'not '}read in packages/cli`);
    }
  }
  assert.deepEqual(wrong, [], 'correct the effect in packages/config/table, or read the setting');
});
