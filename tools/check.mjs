// `npm run check`: types, lint and format, boundaries between the rooms, dead code. Arguments choose some of them by name.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './bootstrap/install.mjs';
import { say } from './bootstrap/progress.mjs';
import { ensureRuntime, root, runtimeEnvironment } from './bootstrap/runtime.mjs';

const runtime = await ensureRuntime();
await ensureInstalled(runtime, { dev: true });

const bin = (name) => join(root, 'node_modules', '.bin', name);
const checks = [
  ['types', bin('tsc'), ['-p', root]],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', root]],
  ['boundaries', runtime, [join(root, 'tools', 'boundaries.ts'), root]],
  ['dead code', bin('knip'), ['--directory', root]],
];

const chosen = process.argv.slice(2);
let failed = 0;
for (const [name, command, args] of checks) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const result = spawnSync(command, args, { cwd: root, env: runtimeEnvironment(runtime), encoding: 'utf8' });
  const passed = result.status === 0;
  say(`${passed ? 'ok  ' : 'FAIL'} ${name}`);
  if (!passed) {
    failed++;
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
