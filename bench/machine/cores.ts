import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Numbers of the two processors of a measurement. */
export interface Cores {
  /** Runs the program under measurement alone. */
  readonly proxy: number;
  /** Runs the load generator, the backend and this harness. */
  readonly load: number;
}

/** Chooses the first and the last processor that this process may use. @throws where there is only one. */
export function chooseCores(): Cores {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const cores = parseCpuList(allowed);
  const [proxy, load] = [cores[0], cores.at(-1)];
  if (proxy === undefined || load === undefined || proxy === load)
    throw new Error('two processors are needed: one for the proxy, one for the load and the backend');
  return { proxy, load };
}

/** `0-2,5` as the kernel writes it, to `[0, 1, 2, 5]`. */
export function parseCpuList(list: string): number[] {
  return list
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Moves every thread of this process to one processor; what it starts from then on inherits that. */
export function pinSelf(core: number): void {
  const { status, error, stderr } = spawnSync('taskset', ['-acp', String(core), String(process.pid)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`taskset (package util-linux) failed: ${error?.message ?? stderr}`);
}
