#!/usr/bin/env node
// The `sluice` command from a checkout: makes sure of runtime, packages and build, then hands over.
import { ensureBuilt, program } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { run } from './bootstrap/run.mjs';
import { ensureRuntime, runtimeEnvironment } from './bootstrap/runtime.mjs';

try {
  const runtime = await ensureRuntime();
  await ensureInstalled(runtime, { dev: false });
  await ensureBuilt(runtime);
  process.exitCode = await run(runtime, [program, ...process.argv.slice(2)], { env: runtimeEnvironment(runtime) });
} catch (error) {
  process.stderr.write(`sluice: ${error.message}\n`);
  process.exitCode = 1;
}
