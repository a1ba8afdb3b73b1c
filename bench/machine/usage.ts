import { readdirSync, readFileSync } from 'node:fs';

/** Linux shows processor time to programs in hundredths of a second on every platform that Node.js runs on (proc(5), USER_HZ). */
const microsPerTick = 10_000;

/** What one line of /proc/PID/stat says, proc(5). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of those of its children that ended and were waited for. */
  readonly cpuMicros: number;
}

/** What a program and everything that it started have used so far. */
export interface Usage {
  readonly cpuMicros: number;
  /** Resident memory, summed over the processes: pages that they share count in each. */
  readonly rssBytes: number;
}

/** Reads a line of /proc/PID/stat. The command's name stands in parentheses and may hold blanks and parentheses. */
export function parseStat(line: string): ProcessStat {
  const nameEnd = line.lastIndexOf(')');
  const fields = line.slice(nameEnd + 2).split(' ');
  // Field 3 of proc(5), the state, comes first here.
  const field = (number: number) => Number(fields[number - 3]);
  const [utime, stime, cutime, cstime] = [field(14), field(15), field(16), field(17)];
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    cpuMicros: (utime + stime + cutime + cstime) * microsPerTick,
  };
}

/** `root` and all below it. */
export function processTree(processes: readonly ProcessStat[], root: number): ProcessStat[] {
  const found = processes.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...processes.filter(({ parent }) => parent === pid));
  return found;
}

/** Usage of the process `root` and all below it, now. @throws when it is gone. */
export function usageOf(root: number): Usage {
  const tree = processTree(allProcesses(), root);
  if (tree.length === 0) throw new Error(`process ${root} is gone`);
  return {
    cpuMicros: tree.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    rssBytes: tree.reduce((sum, { pid }) => sum + residentBytes(pid), 0),
  };
}

/** Every process of the machine that can be looked at now. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readIfThere(`/proc/${pid}/stat`))
    .filter((line) => line !== '')
    .map(parseStat);
}

/** Resident memory of one process; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** A process may end between the listing and the reading. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
