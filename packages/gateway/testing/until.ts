import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `holds`, looking every few milliseconds; throws after `bound` milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, bound = 5000): Promise<void> {
  const end = performance.now() + bound;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`gave up waiting: ${what}`);
    await delay(5);
  }
}
