import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second here (proc(5), USER_HZ). */
const microsPerTick = 10_000;

/** How long a processor has worked since the machine started, for whichever program, in microseconds. */
export function busyMicros(core: number): number {
  return parseBusy(readFileSync('/proc/stat', 'utf8'), core);
}

/** Reads the line of one processor in /proc/stat: user, nice, system, idle, iowait, irq, softirq. */
export function parseBusy(stat: string, core: number): number {
  const line = stat.split('\n').find((text) => text.startsWith(`cpu${core} `));
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (line ?? '').split(' ').map(Number);
  return (user + nice + system + irq + softirq) * microsPerTick;
}
