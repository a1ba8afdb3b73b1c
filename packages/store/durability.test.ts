import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from './index.ts';

const writer = fileURLToPath(import.meta.resolve('./testing/acknowledging-writer.ts'));
/** Two databases side by side, since most of a round is the start of the writer. */
const lanes = 2;
const roundsPerLane = 16;
/** The writer is killed at a random moment of this time after its first acknowledgement, milliseconds. */
const longestLifeMillis = 120;

test(`what was acknowledged survives a kill -9 at any moment, ${lanes * roundsPerLane} times`, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-durability-'));
  try {
    const counts = await Promise.all(Array.from({ length: lanes }, (_, lane) => survive(join(folder, `${lane}.db`))));
    for (const { acknowledged, more } of counts) {
      assert.ok(acknowledged > roundsPerLane * 5, `only ${acknowledged} rows were acknowledged`);
      context.diagnostic(`${acknowledged} acknowledged rows kept, ${more} more committed in the moment of a kill`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function survive(file: string): Promise<{ acknowledged: number; more: number }> {
  const acknowledged: string[] = [];
  let more = 0;
  for (let round = 0; round < roundsPerLane; round++) {
    acknowledged.push(...(await writeUntilKilled(file, `round-${round}`)));
    more = await check(file, acknowledged);
  }
  return { acknowledged: acknowledged.length, more };
}

/** What a writer acknowledged before it was killed. */
async function writeUntilKilled(file: string, prefix: string): Promise<string[]> {
  const child = spawn(process.execPath, [writer, file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), Math.random() * longestLifeMillis));
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', 'the writer ended by itself');
  // The last piece may be half a line.
  return output.split('\n').slice(0, -1);
}

/** Fails unless the database opens, is sound, and has every row; gives how many it has beyond those. */
async function check(file: string, acknowledged: readonly string[]): Promise<number> {
  const store = await openStore({ engine: 'sqlite', file });
  await store.close();
  const database = new DatabaseSync(file);
  try {
    assert.equal(database.prepare('pragma integrity_check').get()?.integrity_check, 'ok');
    const names = (sql: string) =>
      new Set(
        database
          .prepare(sql)
          .all()
          .map((row) => String(row.name)),
      );
    const kept = names('select name from named_value');
    const lost = acknowledged.filter((name) => !kept.has(name));
    assert.deepEqual(lost, []);
    const events = names('select entity_id as name from event');
    const halves = [...kept].filter((name) => !name.includes('-value-') && !events.has(name));
    assert.deepEqual(halves, [], 'a transaction was kept by half');
    assert.equal(
      [...events].every((name) => kept.has(name)),
      true,
    );
    return kept.size - acknowledged.length;
  } finally {
    database.close();
  }
}
