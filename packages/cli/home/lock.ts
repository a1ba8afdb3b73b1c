import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../command.ts';
import type { Home } from './home.ts';

/**
 * Takes the home for this process until the returned function is called or the process ends, however it ends: two programs in one home
 * would each make itself the issuer of all tokens and write one another's files. The lock is that of an empty SQLite database, the only
 * one of the kernel's that Node.js reaches. Throws `UsageError` naming the process that has the home.
 */
export function lockHome(home: Home): () => void {
  const note = join(home.data, 'process.id');
  const unlock = lock(join(home.data, 'process.lock'));
  if (unlock === null) {
    throw new UsageError(
      `the home ${home.path} is in use by ${holder(note)}: end that one, or give this one a home of its own with --home`,
    );
  }
  writeFileSync(note, `${process.pid}\n`);
  return () => {
    rmSync(note, { force: true });
    unlock();
  };
}

/** Takes the file of kept counters and the socket for commands, which several gateways over folders may want in one home; null when another has them. */
export function lockCounters(home: Home): (() => void) | null {
  return lock(join(home.data, 'counters.lock'));
}

/** Null when somebody holds it. Where the file system has no locks, as some over a network, nobody ever does. */
function lock(path: string): (() => void) | null {
  const database = new DatabaseSync(path, { open: false, timeout: 0 });
  try {
    database.open();
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    if (database.isOpen) database.close();
    return (error as { errcode?: number }).errcode === sqliteBusy ? null : () => {};
  }
  return () => database.close();
}

const sqliteBusy = 5;

/** The one that has the lock writes its id a moment later. */
function holder(note: string): string {
  try {
    return `process ${Number(readFileSync(note, 'utf8'))}`;
  } catch {
    return 'another process';
  }
}
