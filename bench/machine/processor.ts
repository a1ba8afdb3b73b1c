import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second here (proc(5), USER_HZ). */
const microsPerTick = 10_000;

/** What a processor has done since the machine started, in microseconds. */
export interface ProcessorTime {
  /** Worked, for whichever program. */
  readonly busyMicros: number;
  /** Had work, and was not there: the host of a virtual machine let it wait. */
  readonly stolenMicros: number;
}

export function processorTime(core: number): ProcessorTime {
  return parseProcessorTime(readFileSync('/proc/stat', 'utf8'), core);
}

/** Reads the line of one processor in /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseProcessorTime(stat: string, core: number): ProcessorTime {
  const line = stat.split('\n').find((text) => text.startsWith(`cpu${core} `));
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line ?? '').split(' ').map(Number);
  return {
    busyMicros: (user + nice + system + irq + softirq) * microsPerTick,
    stolenMicros: steal * microsPerTick,
  };
}
