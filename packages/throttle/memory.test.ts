import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./testing/million-keys.ts', import.meta.url));
const mega = 1_000_000;

/** What many users of one application cost, in bytes of the process, and the rows that are left when the window is over. */
function measure(t: TestContext, side: 'ledger' | 'authority', users: number) {
  // As a worker has it.
  const flags = ['--expose-gc', '--max-semi-space-size=8', '--initial-old-space-size=32'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, program, side, String(users)], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const found = JSON.parse(stdout) as { keys: number; grown: number; busy: number; resident: number; after: number };
  const { keys, grown, busy, resident, after } = found;
  const millions = (bytes: number) => `${Math.round(bytes / mega)} MB`;
  t.diagnostic(
    `${users} keys: ${millions(grown)} in use; the process grew from ${millions(busy)} to ${millions(resident)}`,
  );
  assert.equal(keys, users);
  assert.equal(after, 0, 'rows of the closed window stayed');
  return { each: grown / users, more: (resident - busy) / mega };
}

test('a million keys in one window cost a worker more than 200 MB, or stay when it is over', (t) => {
  const { each, more } = measure(t, 'ledger', mega);
  assert.ok(each < 75, `${Math.round(each)} bytes in use for each key`);
  assert.ok(more < 200, `${Math.round(more)} MB more than a worker with few keys`);
});

test('a user’s counter costs the authority so much that a million of them take 85 MB, or stays when the window is over', (t) => {
  const { each } = measure(t, 'authority', 200_000);
  assert.ok(each < 85, `${Math.round(each)} bytes for each user`);
});
