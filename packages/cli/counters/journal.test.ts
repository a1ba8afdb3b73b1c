import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Log, silentLog } from '@sluice/model';
import {
  counterName,
  type LeaseRequest,
  type Limit,
  MachineAuthority,
  type OpenWindow,
  systemClock,
} from '@sluice/throttle';
import { Journal, keptWindows } from './journal.ts';
import { WatchedConnection } from './watched-connection.ts';

const perDay: Limit = { amount: 100_000, measure: 'calls', window: { kind: 'aligned', unit: 'day', count: 1 } };
const perSecond: Limit = { amount: 10, measure: 'calls', window: { kind: 'aligned', unit: 'sec', count: 1 } };
const fromFirst: Limit = { amount: 9, measure: 'calls', window: { kind: 'first-call', millis: 60_000 } };

/** Noon, so that no day ends while a test runs. */
const noon = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 43_200_000;
const clock = { ...systemClock, epoch: () => noon };

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'counters.journal');
}

function warnings(): { log: Log; said: string[] } {
  const said: string[] = [];
  return { log: { ...silentLog, warn: (message) => void said.push(message) }, said };
}

/** A program's authority over a file, as it starts; `spend` takes units of a counter, and gives what it got. */
function program(file: string, log: Log = silentLog) {
  const authority = new MachineAuthority({ clock });
  const kept = keptWindows(file, noon, log);
  authority.restore(kept);
  const journal = new Journal({ file, log, now: clock.epoch, windows: () => authority.windows(), kept: kept.length });
  const connection = new WatchedConnection(authority.connect('worker 1'), (batch, leases) =>
    journal.note(batch, leases),
  );
  const ask = (key: string, limit: Limit, members: Partial<LeaseRequest>): { units: number; window: number } => {
    let got = { units: 0, window: 0 };
    const counter = counterName('application', limit, key);
    connection.request([{ counter, limit, needed: 0, owed: 0, returned: 0, window: 0, ...members }], ([lease]) => {
      got = { units: lease?.units ?? 0, window: lease?.window ?? 0 };
    });
    return got;
  };
  return { authority, journal, ask, spend: (key: string, limit: Limit, needed: number) => ask(key, limit, { needed }) };
}

const usedOf = (authority: MachineAuthority, key: string, limit = perDay): number | undefined =>
  authority.find(counterName('application', limit, key))?.used;

test('a program that was killed counts on where it was, and one that ended in order counts what came back', (t) => {
  const file = fileFor(t);
  const first = program(file);
  const { units } = first.spend('mary', perDay, 60_000);
  assert.ok(units >= 60_000);
  first.spend('carol', fromFirst, 9);
  // Killed: nothing more is written.
  const second = program(file);
  assert.equal(usedOf(second.authority, 'mary'), units);
  assert.equal(second.spend('carol', fromFirst, 1).units, 0);
  const { units: more, window } = second.spend('mary', perDay, 10);
  second.ask('mary', perDay, { returned: more - 10, window });
  second.ask('mary', perDay, { owed: 5, window });
  second.journal.close();
  const third = program(file);
  assert.equal(usedOf(third.authority, 'mary'), units + 15);
  third.journal.close();
});

test('a counter that was reset stays reset', (t) => {
  const file = fileFor(t);
  const first = program(file);
  first.spend('mary', perDay, 60_000);
  const counter = counterName('application', perDay, 'mary');
  first.authority.reset(counter);
  first.journal.forget(counter);
  const second = program(file);
  assert.equal(usedOf(second.authority, 'mary'), undefined);
  second.journal.close();
});

test('a program that goes on with a file whose last line is torn loses neither what was before nor what comes after', (t) => {
  const file = fileFor(t);
  program(file).spend('mary', perDay, 10);
  appendFileSync(file, '["application/calls/1day/carol",12,');
  const second = program(file);
  second.spend('dora', perDay, 10);
  second.journal.close();
  const { log, said } = warnings();
  assert.deepEqual(
    keptWindows(file, noon, log).map(({ counter }) => counter),
    ['application/calls/1day/mary', 'application/calls/1day/dora'],
  );
  assert.deepEqual(said, []);
});

test('a file that is mostly of windows that are over is not gone on with', (t) => {
  const file = fileFor(t);
  const first = program(file);
  first.spend('mary', perDay, 10);
  first.journal.close();
  const over = JSON.stringify(['application/calls/1day/carol', 1, noon - 1, 5, 10]);
  appendFileSync(file, `${over}\n`.repeat(100_000));
  program(file).journal.close();
  assert.ok(statSync(file).size < 200);
  assert.equal(keptWindows(file, noon, silentLog).length, 1);
});

test('windows that last no longer than a restart are not written', (t) => {
  const file = fileFor(t);
  const { spend, journal } = program(file);
  const size = statSync(file).size;
  for (let count = 0; count < 10; count++) spend('mary', perSecond, 1);
  journal.close();
  assert.equal(statSync(file).size, size);
});

test('a torn last line is left out without a word; rubbish, other formats and impossible ends with one', (t) => {
  const file = fileFor(t);
  const first = program(file);
  first.spend('mary', perDay, 10);
  first.journal.close();
  appendFileSync(file, '["application/calls/1day/carol",12,');
  const { log, said } = warnings();
  assert.equal(keptWindows(file, noon, log).length, 1);
  assert.deepEqual(said, []);
  const far = JSON.stringify(['application/calls/1day/far', 1, noon + 3 * 86_400_000, 5, 10]);
  for (const line of ['', 'rubbish', '{}', '[1,2]', '["x/calls/1day/a",1,2,3]', '["x/none/1day/a",1,2,3,4]', far])
    appendFileSync(file, `${line}\n`);
  appendFileSync(file, `["application/calls/1day/a",1,${noon + 1},-3,4]\n`);
  assert.deepEqual(
    keptWindows(file, noon, log).map(({ counter }) => counter),
    ['application/calls/1day/mary'],
  );
  assert.deepEqual(said, ['some kept counters cannot be read; what they counted counts as not used']);
  for (const foreign of ['{"format":2,"kind":"sluice counters"}\n', 'SQLite format 3\0\n', '\n']) {
    writeFileSync(file, foreign);
    assert.deepEqual(keptWindows(file, noon, log), []);
    assert.equal(readFileSync(`${file}.unreadable`, 'utf8'), foreign, 'it is put aside');
    assert.match(said.at(-1) ?? '', /is not one, or of another release/);
  }
  writeFileSync(file, '');
  assert.deepEqual(keptWindows(file, noon, log), []);
  assert.equal(said.length, 4);
});

test('a file that grows is followed by one with what is still open, and nothing is lost on the way', async (t) => {
  const file = fileFor(t);
  const { spend, journal, authority } = program(file);
  for (let key = 0; key < 3000; key++) spend(`user ${key}`, perDay, 1);
  let largest = 0;
  // Some of it is written while the old file is being followed.
  for (let round = 0; round < 40; round++) {
    for (let call = 0; call < 2500; call++) spend(`user ${call}`, perDay, 1);
    largest = Math.max(largest, statSync(file).size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (existsSync(`${file}.old`)) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(largest < 6 * 1024 * 1024, `${largest} bytes`);
  const kept = new Map(keptWindows(file, noon, silentLog).map((one): [string, OpenWindow] => [one.counter, one]));
  assert.equal(kept.size, 3000);
  for (const { counter, used } of authority.windows()) assert.equal(kept.get(counter)?.used, used);
  journal.close();
});

test('a disk that takes nothing is said once, and calls go on', (t) => {
  const { log, said } = warnings();
  const { spend, journal } = program(join(fileFor(t), 'no', 'such', 'folder'), log);
  for (let count = 0; count < 5; count++) assert.ok(spend('mary', perDay, 1).units > 0);
  journal.close();
  assert.deepEqual(said, ['counters cannot be kept: limits may be used anew after a restart']);
});
