import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
function program(t: TestContext, file: string, log: Log = silentLog) {
  const authority = new MachineAuthority({ clock });
  authority.restore(keptWindows(file, noon, log));
  const journal = new Journal({ file, log, now: clock.epoch, authority });
  t.after(() => journal.close());
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

const keptIn = (file: string, log: Log = silentLog) => [...keptWindows(file, noon, log)];

const usedOf = (authority: MachineAuthority, key: string, limit = perDay): number | undefined =>
  authority.find(counterName('application', limit, key))?.used;

test('a program that was killed counts on where it was, and one that ended in order counts what came back', (t) => {
  const file = fileFor(t);
  const first = program(t, file);
  const { units } = first.spend('mary', perDay, 60_000);
  assert.ok(units >= 60_000);
  first.spend('carol', fromFirst, 9);
  // Killed: nothing more is written.
  const second = program(t, file);
  assert.equal(usedOf(second.authority, 'mary'), units);
  assert.equal(second.spend('carol', fromFirst, 1).units, 0);
  const { units: more, window } = second.spend('mary', perDay, 10);
  second.ask('mary', perDay, { returned: more - 10, window });
  second.ask('mary', perDay, { owed: 5, window });
  second.journal.close();
  const third = program(t, file);
  assert.equal(usedOf(third.authority, 'mary'), units + 15);
  third.journal.close();
});

test('a counter that was reset stays reset', (t) => {
  const file = fileFor(t);
  const first = program(t, file);
  first.spend('mary', perDay, 60_000);
  const counter = counterName('application', perDay, 'mary');
  first.authority.reset(counter);
  first.journal.noteReset(counter);
  const second = program(t, file);
  assert.equal(usedOf(second.authority, 'mary'), 0);
  second.journal.close();
});

test('a program that goes on with a file whose last line is torn loses neither what was before nor what comes after', (t) => {
  const file = fileFor(t);
  program(t, file).spend('mary', perDay, 10);
  appendFileSync(file, '["application/calls/1day/carol",12,');
  const second = program(t, file);
  second.spend('dora', perDay, 10);
  second.journal.close();
  const { log, said } = warnings();
  assert.deepEqual(
    keptIn(file, log).map(({ counter }) => counter),
    ['application/calls/1day/mary', 'application/calls/1day/dora'],
  );
  assert.deepEqual(said, []);
});

test('a file that is mostly of windows that are over is not gone on with', (t) => {
  const file = fileFor(t);
  const first = program(t, file);
  first.spend('mary', perDay, 10);
  first.journal.close();
  const over = JSON.stringify(['application/calls/1day/carol', 1, noon - 1, 5, 10]);
  appendFileSync(file, `${over}\n`.repeat(100_000));
  program(t, file).journal.close();
  assert.ok(statSync(file).size < 200);
  assert.equal(keptIn(file).length, 1);
});

test('windows that last no longer than a restart are not written', (t) => {
  const file = fileFor(t);
  const { spend, journal } = program(t, file);
  const size = statSync(file).size;
  for (let count = 0; count < 10; count++) spend('mary', perSecond, 1);
  journal.close();
  assert.equal(statSync(file).size, size);
});

test('a torn last line is left out without a word; rubbish, other formats and impossible ends with one', (t) => {
  const file = fileFor(t);
  const first = program(t, file);
  first.spend('mary', perDay, 10);
  first.journal.close();
  appendFileSync(file, '["application/calls/1day/carol",12,');
  const { log, said } = warnings();
  assert.equal(keptIn(file, log).length, 1);
  assert.deepEqual(said, []);
  const far = JSON.stringify(['application/calls/1day/far', 1, noon + 3 * 86_400_000, 5, 10]);
  for (const line of ['', 'rubbish', '{}', '[1,2]', '["x/calls/1day/a",1,2,3]', '["x/none/1day/a",1,2,3,4]', far])
    appendFileSync(file, `${line}\n`);
  appendFileSync(file, `["application/calls/1day/a",1,${noon + 1},-3,4]\n`);
  assert.deepEqual(
    keptIn(file, log).map(({ counter }) => counter),
    ['application/calls/1day/mary'],
  );
  assert.deepEqual(said, ['some kept counters cannot be read; what they counted counts as not used']);
  for (const foreign of ['{"format":2,"kind":"sluice counters"}\n', 'SQLite format 3\0\n', '\n']) {
    writeFileSync(file, foreign);
    assert.deepEqual(keptIn(file, log), []);
    assert.equal(readFileSync(`${file}.unreadable`, 'utf8'), foreign, 'it is put aside');
    assert.match(said.at(-1) ?? '', /is not one, or of another release/);
  }
  writeFileSync(file, '');
  assert.deepEqual(keptIn(file, log), []);
  assert.equal(said.length, 4);
});

test('a file that grows is followed by one with what is still open, and nothing is lost on the way', async (t) => {
  const file = fileFor(t);
  const { spend, journal, authority } = program(t, file);
  for (let key = 0; key < 3000; key++) spend(`user ${key}`, perDay, 1);
  let largest = 0;
  // Some of it is written while the old file is being followed.
  for (let round = 0; round < 40; round++) {
    for (let call = 0; call < 2500; call++) spend(`user ${call}`, perDay, 1);
    largest = Math.max(largest, statSync(file).size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (existsSync(`${file}.new`)) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(largest < 6 * 1024 * 1024, `${largest} bytes`);
  const kept = new Map(keptIn(file).map((one): [string, OpenWindow] => [one.counter, one]));
  assert.equal(kept.size, 3000);
  for (const { counter, used } of authority.windows()) assert.equal(kept.get(counter)?.used, used);
  journal.close();
});

test('a disk that takes nothing is said once, and calls go on', async (t) => {
  const { log, said } = warnings();
  const { spend, journal } = program(t, join(fileFor(t), 'no', 'such', 'folder'), log);
  for (let count = 0; count < 5; count++) assert.ok(spend('mary', perDay, 1).units > 0);
  await journal.close();
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /counters cannot be kept: .*see that the disk takes the file/);
});

test('what a full disk did not take is kept when it has room again', async (t) => {
  const file = fileFor(t);
  const { log, again } = recovery();
  const { spend } = program(t, file, log);
  spend('mary', perDay, 10);
  // From now on the journal writes into a device that is always full.
  const descriptor = descriptorOf(file);
  closeSync(descriptor);
  assert.equal(openSync('/dev/full', 'w'), descriptor);
  spend('carol', perDay, 10);
  spend('mary', perDay, 20);
  await again;
  spend('dora', perDay, 10);
  const counts = new Map(keptIn(file).map(({ counter, used }) => [counter.split('/').at(-1), used]));
  assert.deepEqual(
    [...counts].sort().map(([key, used]) => [key, used > 0]),
    [
      ['carol', true],
      ['dora', true],
      ['mary', true],
    ],
  );
  assert.ok((counts.get('mary') ?? 0) >= 30);
});

test('a file that can be followed by no other is gone on with, and descriptors of other files are not written to', async (t) => {
  const file = fileFor(t);
  const { log, again } = recovery();
  const { spend, authority } = program(t, file, log);
  mkdirSync(`${file}.new`);
  const other = join(file, '..', 'other');
  let opened: number | undefined;
  t.after(() => opened !== undefined && closeSync(opened));
  for (let call = 0; call < 90_000; call++) {
    spend(`user ${call % 3000}`, perDay, 1);
    // Takes the first descriptor that is free.
    if (call === 89_000) opened = openSync(other, 'w');
  }
  assert.ok(statSync(file).size > 4 * 1024 * 1024);
  assert.equal(statSync(other).size, 0);
  const used = () => new Map(keptIn(file).map((one) => [one.counter, one.used]));
  const counted = () => new Map(Array.from(authority.windows(), (one) => [one.counter, one.used]));
  assert.deepEqual(used(), counted());
  rmdirSync(`${file}.new`);
  await again;
  assert.ok(statSync(file).size < 1024 * 1024);
  assert.deepEqual(used(), counted());
});

test('what was used beyond a limit counts after a restart, should the limit be raised', (t) => {
  const file = fileFor(t);
  const perDayOf = (amount: number): Limit => ({ ...perDay, measure: 'bytes', amount });
  const first = program(t, file);
  const { window } = first.spend('mary', perDayOf(100), 50);
  first.ask('mary', perDayOf(100), { owed: 400, window });
  const second = program(t, file);
  assert.equal(second.spend('mary', perDayOf(500), 100).units, 50);
});

/** The descriptor under which this process has a file open. */
function descriptorOf(file: string): number {
  const found = readdirSync('/proc/self/fd').find((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === file;
    } catch {
      return false;
    }
  });
  return Number(found);
}

/** A log, and when it says that counters are kept again. */
function recovery(): { log: Log; again: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    log: { ...silentLog, info: (message) => void (/kept over a restart again/.test(message) && resolve()) },
    again: promise,
  };
}
