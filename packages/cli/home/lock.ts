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
  const lock = new DatabaseSync(join(home.data, 'process.lock'), { open: false, timeout: 0 });
  try {
    lock.open();
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    if (lock.isOpen) lock.close();
    // Only a lock that somebody holds stops the start: some network file systems have none.
    if ((error as { errcode?: number }).errcode !== sqliteBusy) return () => {};
    throw new UsageError(
      `the home ${home.path} is in use by ${holder(note)}: end that one, or give this one a home of its own with --home`,
    );
  }
  writeFileSync(note, `${process.pid}\n`);
  return () => {
    rmSync(note, { force: true });
    lock.close();
  };
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
