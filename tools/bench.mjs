// `npm run bench`: Sluice beside nginx, HAProxy and the usual gateways of Node.js (docs/benchmarks.md).
import { join } from 'node:path';
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { run } from './bootstrap/run.mjs';
import { ensureRuntime, root, runtimeEnvironment } from './bootstrap/runtime.mjs';

try {
  const runtime = await ensureRuntime();
  await ensureInstalled(runtime, { dev: true });
  await ensureBuilt(runtime);
  process.exitCode = await run(runtime, [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)], {
    env: runtimeEnvironment(runtime),
  });
} catch (error) {
  process.stderr.write(`npm run bench: ${error.message}\n`);
  process.exitCode = 1;
}
