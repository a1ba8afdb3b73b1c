import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that was started, with what it said on stderr so far. */
export interface Started {
  readonly child: ChildProcess & { readonly pid: number };
  readonly complaint: () => string;
  /** Rejects, with what the program said, when it ends before it was told to. */
  readonly ended: Promise<never>;
}

/** Where the bench puts its files and its programs: nothing of either outlives it, however it ends. */
export interface Workbench {
  readonly directory: string;
  /** Starts a program in a process group of its own, on one processor. */
  start(core: number, command: string, args: readonly string[]): Started;
  /** Ends a program and all that it started. */
  stop(program: Started): Promise<void>;
}

/** Milliseconds that a program gets to end by itself. */
const patience = 3000;

export function openWorkbench(): Workbench {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const groups = new Set<number>();
  // Debian keeps servers out of the PATH of ordinary users.
  process.env.PATH += ':/usr/local/sbin:/usr/sbin:/sbin';
  process.on('exit', () => {
    for (const group of groups) signalGroup(group, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => process.exit(128 + constants.signals[signal]));

  return {
    directory,
    start(core, command, args) {
      const child = spawn('taskset', ['-c', String(core), command, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: { ...process.env, NODE_ENV: 'production' },
      });
      if (child.pid === undefined) throw new Error('taskset (package util-linux) does not start');
      groups.add(child.pid);
      let complaint = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < 4000) complaint += text;
      });
      const ended = once(child, 'close').then(([code]) => {
        throw new Error(`${command} ended with ${code}: ${complaint.trim().slice(0, 500)}`);
      });
      // Whoever waits for the program hears of it; nobody needs to.
      ended.catch(() => undefined);
      return { child: child as Started['child'], complaint: () => complaint, ended };
    },
    async stop({ child }) {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
      child.kill('SIGTERM');
      const late = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), patience);
      await gone;
      clearTimeout(late);
      signalGroup(child.pid, 'SIGKILL');
      groups.delete(child.pid);
    },
  };
}

/** Whether a command is there to be run. */
export function isInstalled(command: string): boolean {
  return spawnSync('which', [command]).status === 0;
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // All of it has ended already.
  }
}
