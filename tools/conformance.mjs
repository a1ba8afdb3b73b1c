// `npm run conformance -- SUITE`: behaviour over real sockets, case by case, as a table.
import { join } from 'node:path';
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { run } from './bootstrap/run.mjs';
import { ensureRuntime, root, runtimeEnvironment } from './bootstrap/runtime.mjs';

try {
  const runtime = await ensureRuntime();
  await ensureInstalled(runtime, { dev: true });
  await ensureBuilt(runtime);
  process.exitCode = await run(runtime, [join(root, 'conformance', 'main.ts'), ...process.argv.slice(2)], {
    env: runtimeEnvironment(runtime),
  });
} catch (error) {
  process.stderr.write(`npm run conformance: ${error.message}\n`);
  process.exitCode = 1;
}
