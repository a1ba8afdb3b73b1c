import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findViolations } from './boundaries.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

test('npm run check fails when the gateway imports the store, and names file, line and rule', (t) => {
  const copy = copyOfCheckout(t);
  writeFileSync(
    join(copy, 'packages/gateway/chain/shortcut.ts'),
    "// Up the stairs.\nimport type { Store } from '@sluice/store';\nexport type Shortcut = Store;\n",
  );
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'check', '--', 'boundaries'], {
    cwd: copy,
    encoding: 'utf8',
  });
  assert.equal(status, 1, stdout + stderr);
  assert.match(
    stdout + stderr,
    /packages\/gateway\/chain\/shortcut\.ts:2: imports @sluice\/store: gateway may import only throttle, config, model/,
  );
});

test('every way up is found: by path, by type, by re-export, by dynamic import, past the front door', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-boundaries-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files: Record<string, string> = {
    'packages/model/up.ts': "import { openStore } from '@sluice/store';\nopenStore();\n",
    'packages/config/type.ts': "export type { Store } from '@sluice/store';\n",
    'packages/store/lazy.ts': "export const later = () => import('@sluice/key-manager');\n",
    'packages/gateway/path.ts': "import '../store/index.ts';\n",
    'packages/gateway/transport/chain.ts': "import { step } from '../chain/step.ts';\nstep();\n",
    'packages/cli/deep.ts': "import '@sluice/store/sqlite/driver.ts';\n",
    'packages/attic/index.ts': "import '@sluice/model';\n",
    'packages/cli/fine.ts': "import '@sluice/control-plane';\nimport './main.ts';\nimport 'node:fs';\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  assert.deepEqual(
    findViolations(folder)
      .map(({ file }) => file)
      .sort(),
    Object.keys(files)
      .filter((path) => !path.endsWith('fine.ts'))
      .sort(),
  );
});

test('this checkout keeps its boundaries', () => {
  assert.deepEqual(findViolations(root), []);
});

function copyOfCheckout(t: { after(cleanup: () => void): void }): string {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-checkout-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const name of ['package.json', 'package-lock.json', '.npmrc', 'tools', 'packages']) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') && !path.endsWith('.test.ts'),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
