import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { deployedApi, entry } from '../testing/entities.ts';
import { lines } from './lines.ts';
import { loadSnapshot, saveSnapshot } from './saved-snapshot.ts';

const entries = [entry.api(deployedApi()), entry.api(deployedApi({ id: 'api-2', name: 'zoë\n' }))];
const head = { format: 1, environment: 'Default', sequence: 7 } as const;

async function folderFor(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-saved-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('what was saved comes back, readable by its owner alone', async (t) => {
  const file = join(await folderFor(t), 'deep', 'snapshot');
  await saveSnapshot(file, head, entries);
  assert.deepEqual(await loadSnapshot(file, 'Default'), { ...head, entries });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('a file that is not there is no error', async (t) => {
  assert.equal(await loadSnapshot(join(await folderFor(t), 'none'), 'Default'), undefined);
});

test('a file of another environment is refused', async (t) => {
  const file = join(await folderFor(t), 'snapshot');
  await saveSnapshot(file, head, entries);
  await assert.rejects(loadSnapshot(file, 'Other'), /environment Default/);
});

test('property: a damaged file is never taken for a picture', async (t) => {
  const file = join(await folderFor(t), 'snapshot');
  await saveSnapshot(file, head, entries);
  const good = await readFile(file);
  const cut = fc.integer({ min: 0, max: good.length - 2 }).map((length) => good.subarray(0, length));
  const flipped = fc
    .tuple(fc.integer({ min: 0, max: good.length - 2 }), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => {
      const copy = Buffer.from(good);
      copy[at] = (copy[at] as number) ^ mask;
      return copy;
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(cut, flipped), async (bytes) => {
      await writeFile(file, bytes);
      const loaded = await loadSnapshot(file, 'Default').catch(() => undefined);
      assert.equal(loaded, undefined);
    }),
    { numRuns: 150 },
  );
});

test('property: lines come out whole however the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 5 })), async (chunks) => {
      const found: string[] = [];
      for await (const line of lines(streamOf(chunks), 1000)) found.push(line);
      const expected = chunks.join('').split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(found, expected);
    }),
  );
});

test('a line without end is given up', async () => {
  const endless = streamOf(new Array(100).fill('x'.repeat(100)));
  await assert.rejects(async () => {
    for await (const _ of lines(endless, 1000)) assert.fail('no line ended');
  }, RangeError);
});

async function* streamOf(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks;
}
