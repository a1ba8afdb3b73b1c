import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadSettings } from './load.ts';
import { describeReport } from './report.ts';

const golden = new URL('golden/', import.meta.url);
/** `UPDATE_GOLDEN=1` writes the answers anew; look at the difference before you keep it. */
const update = process.env.UPDATE_GOLDEN === '1';

for (const name of readdirSync(golden).filter((file) => file.endsWith('.toml'))) {
  test(`the report on ${name} says what it said before, and gives no secret away`, () => {
    const file = new URL(name, golden);
    const { report } = loadSettings({ home: '/nowhere', file: file.pathname, environment: { OFFSET: '12' } });
    const text = describeReport(report).replaceAll(golden.pathname, '');
    const answer = new URL(name.replace('.toml', '.txt'), golden);
    if (update || !existsSync(answer)) writeFileSync(answer, text);
    assert.equal(text, readFileSync(answer, 'utf8'));
    assert.doesNotMatch(text, /hunter2/);
  });
}
