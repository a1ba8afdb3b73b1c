import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { root } from './runtime.mjs';

export const program = join(root, 'dist', 'sluice', 'main.js');
const stamp = join(root, 'dist', 'sluice', 'built-from.json');

/** Bundles the program when a source file or the lockfile is newer than the last bundle. */
export async function ensureBuilt(runtime) {
  const sources = sourceState();
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  await withProgress('Building', async () => {
    const built = spawnSync(runtime, [join(root, 'tools', 'bundle.mjs'), stamp], { cwd: root, input: sources });
    if (built.status !== 0) throw new Error(`the build failed:\n${built.stderr}${built.stdout}`);
  });
}

/** Name, size and time of every file that goes into the bundle. */
function sourceState() {
  const files = {};
  const visit = (directory) => {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (entry.name === 'node_modules' || entry.name.includes('.test.')) continue;
      if (entry.isDirectory()) visit(path);
      else add(path);
    }
  };
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    files[path] = `${size} ${Math.round(mtimeMs)}`;
  };
  visit('packages');
  for (const path of ['package-lock.json', 'tools/bundle.mjs']) add(path);
  return JSON.stringify(files);
}
