import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { npm, root, runtimeEnvironment } from './runtime.mjs';

/** Installs what the lockfile names and `node_modules` lacks; `dev` asks for the tools of tests and checks as well. */
export async function ensureInstalled(runtime, { dev }) {
  const wanted = lockedPackages(join(root, 'package-lock.json'), dev);
  const present = installedPackages();
  const missing = wanted.filter(({ path, integrity }) => present.get(path) !== integrity);
  if (missing.length === 0) return;
  // With --omit=dev npm would take away the tools of an earlier full install.
  const full = dev || present.size > wanted.length;
  await withProgress(
    `Installing ${full ? 'all packages' : 'packages'}`,
    // Not `npm ci`: it refuses when a registry lacks the packages of some other platform. Versions and hashes are the lockfile's all the same.
    () =>
      npm(['install', '--no-save', ...(full ? [] : ['--omit=dev'])], {
        cwd: root,
        path: runtimeEnvironment(runtime).PATH,
      }),
    () => `${wanted.filter(({ path }) => existsSync(join(root, path))).length} of ${wanted.length}`,
  );
}

function lockedPackages(file, dev) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.optional && !entry.devOptional)
    .filter(([, entry]) => dev || !entry.dev)
    .map(([path, entry]) => ({ path, integrity: entry.integrity }));
}

/** npm writes this inventory last, so that an install cut short counts as none. */
function installedPackages() {
  const inventory = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(inventory)) return new Map();
  const { packages } = JSON.parse(readFileSync(inventory, 'utf8'));
  return new Map(Object.entries(packages).map(([path, entry]) => [path, entry.integrity]));
}
