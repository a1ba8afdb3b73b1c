import type { Allowance } from './allowance.ts';

/** Lower-case name of the header that tells backend, client and access log of a quota that is used up and stops nobody. */
export const passedHeader = 'sluice-quota-exceeded';

/** Its line: the level. */
export function passedLine({ level }: Allowance): string {
  return `Sluice-Quota-Exceeded: ${level.name}\r\n`;
}
