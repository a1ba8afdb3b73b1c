import { allProcesses, processTree, residentBytes } from '../machine/usage.ts';

/** How the resident memory of one process went. Mebibytes. */
export interface MemoryCourse {
  readonly pid: number;
  readonly before: number;
  readonly peak: number;
  readonly last: number;
  /** From before to the peak, by the former. */
  readonly growth: number;
}

const mebibyte = 1024 * 1024;
const lookMillis = 100;

/** Follows the resident memory of a process and of all that it has started, until `stop`. */
export function watchMemory(root: number): { stop(): MemoryCourse[] } {
  const pids = processTree(allProcesses(), root).map(({ pid }) => pid);
  const look = (pid: number) => residentBytes(pid) / mebibyte;
  const courses = pids.map((pid) => ({ pid, before: look(pid), peak: look(pid) }));
  const timer = setInterval(() => {
    for (const course of courses) course.peak = Math.max(course.peak, look(course.pid));
  }, lookMillis);
  return {
    stop() {
      clearInterval(timer);
      return courses.map(({ pid, before, peak }) => {
        const last = look(pid);
        const most = Math.max(peak, last);
        return { pid, before, peak: most, last, growth: most / before - 1 };
      });
    },
  };
}
