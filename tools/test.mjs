// `npm test`: everything, from a clean clone. Arguments narrow it to test files or patterns.
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { run } from './bootstrap/run.mjs';
import { ensureRuntime, root, runtimeEnvironment } from './bootstrap/runtime.mjs';

const patterns = ['packages/**/*.test.ts', 'conformance/**/*.test.ts', 'bench/**/*.test.ts', 'tools/**/*.test.ts'];

try {
  const runtime = await ensureRuntime();
  await ensureInstalled(runtime, { dev: true });
  await ensureBuilt(runtime);
  const chosen = process.argv.slice(2);
  process.exitCode = await run(runtime, ['--test', '--test-reporter=spec', ...(chosen.length ? chosen : patterns)], {
    cwd: root,
    env: runtimeEnvironment(runtime),
  });
} catch (error) {
  process.stderr.write(`npm test: ${error.message}\n`);
  process.exitCode = 1;
}
