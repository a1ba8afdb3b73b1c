import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settingsDocument } from './docs.ts';

test('docs/settings.md is what the table generates', () => {
  const written = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  assert.ok(written === settingsDocument(), 'docs/settings.md is out of date. Run: npm run docs -w packages/config');
});

test('a cell cannot break its table', () => {
  for (const line of settingsDocument().split('\n')) {
    if (!line.startsWith('| ')) continue;
    assert.equal(line.replaceAll('\\|', '').split('|').length, 7, line);
  }
});
