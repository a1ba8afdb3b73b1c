import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./testing/million-keys.ts', import.meta.url));
const users = 200_000;

/** Bytes in use that each of many users of one application costs, and the rows that are left when the window is over. */
function measure(side: 'ledger' | 'authority'): { readonly each: number; readonly after: number } {
  const args = ['--expose-gc', program, side, String(users)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const { grown, keys, after } = JSON.parse(stdout) as { grown: number; keys: number; after: number };
  assert.equal(keys, users);
  return { each: grown / users, after };
}

// A worker has 85 MB before; a million keys of a window must not make it more than 200.
for (const side of ['ledger', 'authority'] as const) {
  test(`a user's counter costs the ${side} so little that a million of them take 85 MB, until the window is over`, () => {
    const { each, after } = measure(side);
    assert.ok(each < 85, `${Math.round(each)} bytes for each user`);
    assert.equal(after, 0, 'rows of the closed window stayed');
  });
}
