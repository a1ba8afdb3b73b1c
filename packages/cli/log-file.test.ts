import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFile } from './log-file.ts';

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'sluice.log');
}
const lines = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1);

test('lines are in the file when write returns, after those of earlier starts', (t) => {
  const path = place(t);
  new LogFile(path).write('{"one":1}\n');
  new LogFile(path).write('{"two":"ü"}\n');
  assert.deepEqual(lines(path), ['{"one":1}', '{"two":"ü"}']);
});

test('a full disk costs lines and not the program, which says so once and tells how many when there is room', (t) => {
  const path = place(t);
  // Every write to this device fails for lack of space, as on a full disk.
  symlinkSync('/dev/full', path);
  const told: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => told.push(text) > 0);
  const log = new LogFile(path);
  for (let i = 0; i < 3; i++) log.write('{}\n');
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /log lines are lost: ENOSPC/);
});

test('a file that may be written again gets the number of lines that were lost', (t) => {
  const path = place(t);
  symlinkSync(join(path, 'missing', 'folder'), path);
  t.mock.method(process.stderr, 'write', () => true);
  const log = new LogFile(path);
  log.write('{"lost":1}\n');
  log.write('{"lost":2}\n');
  unlinkSync(path);
  log.write('{"kept":1}\n');
  log.write('{"kept":2}\n');
  const [loss = '', ...kept] = lines(path);
  assert.equal(JSON.parse(loss).lines, 2);
  assert.deepEqual(kept, ['{"kept":1}', '{"kept":2}']);
});
