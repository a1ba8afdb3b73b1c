import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileSignature, watchFiles } from './watch-files.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Watches files; the timers of the watch do not keep the test alive, so this one's does. */
function follow(t: TestContext, paths: readonly string[], interval: number) {
  let wake: () => void = () => {};
  let changes = 0;
  const seen = new Map(paths.map((path) => [path, fileSignature(path)]));
  const stop = watchFiles(seen, interval, () => {
    changes++;
    wake();
  });
  const alive = setInterval(() => {}, 1000);
  t.after(() => {
    stop();
    clearInterval(alive);
  });
  return {
    change: (count: number) =>
      new Promise<void>((resolve) => {
        wake = () => changes >= count && resolve();
        wake();
      }),
    changes: () => changes,
  };
}

test('a file is noticed that is written, replaced, removed and made again, also behind a link', async (t) => {
  const place = folder(t);
  const file = join(place, 'a.pem');
  const link = join(place, 'link.pem');
  writeFileSync(file, 'one');
  mkdirSync(join(place, 'first'));
  mkdirSync(join(place, 'second'));
  writeFileSync(join(place, 'first', 'x'), 'first');
  writeFileSync(join(place, 'second', 'x'), 'second');
  symlinkSync(join('first', 'x'), link);
  const watched = follow(t, [file, link], 0);
  const steps = [
    () => writeFileSync(file, 'two'),
    () => {
      writeFileSync(`${file}.new`, 'three');
      renameSync(`${file}.new`, file);
    },
    () => rmSync(file),
    () => writeFileSync(file, 'four'),
    () => {
      symlinkSync(join('second', 'x'), `${link}.new`);
      renameSync(`${link}.new`, link);
    },
  ];
  for (const [index, step] of steps.entries()) {
    step();
    await watched.change(index + 1);
  }
  assert.equal(watched.changes(), steps.length);
});

test('what changed between the reading and the watch is not missed, and other files are left alone', async (t) => {
  const place = folder(t);
  const file = join(place, 'a.pem');
  writeFileSync(file, 'one');
  const seen = new Map([[file, 'as it was before']]);
  await new Promise<void>((resolve) => {
    const alive = setInterval(() => {}, 1000);
    const stop = watchFiles(seen, 0, () => {
      clearInterval(alive);
      stop();
      resolve();
    });
  });
  const other = follow(t, [file], 20);
  writeFileSync(join(place, 'other'), 'x');
  writeFileSync(file, 'two');
  await other.change(1);
  assert.equal(other.changes(), 1);
});

test('a file whose folder is not there yet is looked for at intervals', async (t) => {
  const place = folder(t);
  const file = join(place, 'later', 'a.pem');
  const watched = follow(t, [file], 20);
  mkdirSync(join(place, 'later'));
  writeFileSync(file, 'one');
  await watched.change(1);
});
