import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FeedSnapshot, RuntimeEntry } from '@sluice/model';
import { lines } from './lines.ts';
import { Pace } from './pace.ts';

/** The file is lines of JSON: a head, the entries, and a tail with the SHA-256 of all lines before it. */
interface Head {
  readonly format: 1;
  readonly environment: string;
  readonly sequence: number;
}

interface Tail {
  readonly sha256: string;
  readonly entries: number;
}

/** Longest line that is read: one entity, with its definition. */
const longestLine = 64 * 1024 * 1024;
/** Characters written at once. */
const chunk = 256 * 1024;

/** Writes a snapshot so that a crash at any moment leaves the old file or the new one. It holds endpoint credentials, so only the owner may read it. */
export async function saveSnapshot(file: string, head: Head, entries: readonly RuntimeEntry[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    const pace = new Pace();
    let waiting = `${JSON.stringify(head)}\n`;
    const write = async () => {
      const text = waiting;
      waiting = '';
      hash.update(text);
      await handle.write(text);
    };
    for (const entry of entries) {
      waiting += `${JSON.stringify(entry)}\n`;
      if (waiting.length >= chunk) await write();
      if (pace.isOver) await pace.rest();
    }
    await write();
    const tail: Tail = { sha256: hash.digest('hex'), entries: entries.length };
    await handle.write(`${JSON.stringify(tail)}\n`);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  await rename(temporary, file);
  await syncFolder(dirname(file));
}

/** Makes the new name itself durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads a saved snapshot. Undefined when there is none; throws an Error with the reason when there is one that cannot be trusted. */
export async function loadSnapshot(file: string, environment: string): Promise<FeedSnapshot | undefined> {
  const hash = createHash('sha256');
  const entries: RuntimeEntry[] = [];
  let head: Head | undefined;
  let last: string | undefined;
  try {
    for await (const line of lines(createReadStream(file, 'utf8'), longestLine)) {
      if (last !== undefined) {
        hash.update(`${last}\n`);
        if (head === undefined) head = JSON.parse(last) as Head;
        else entries.push(JSON.parse(last) as RuntimeEntry);
      }
      last = line;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (head === undefined || last === undefined) throw new Error('the file is not complete');
  const tail = JSON.parse(last) as Partial<Tail>;
  if (tail.sha256 !== hash.digest('hex') || tail.entries !== entries.length)
    throw new Error('the checksum does not fit');
  if (head.format !== 1) throw new Error(`the format ${String(head.format)} is not known`);
  if (head.environment !== environment) throw new Error(`it belongs to the environment ${head.environment}`);
  return { format: 1, environment, sequence: head.sequence, entries };
}
