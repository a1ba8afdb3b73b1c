import assert from 'node:assert/strict';
import { wheel } from '../../packages/gateway/deadlines/wheel.ts';
import { blackHole } from '../../packages/gateway/transport/testing/black-hole.ts';
import type { Suite } from '../suite.ts';
import { StallClock } from '../transport/stall-clock.ts';
import type { EndpointsCase } from './case.ts';
import { cases } from './cases/index.ts';
import { World } from './world.ts';

/** A case that fails while the machine had no time for it says nothing: it is played again, so many times at most. */
const attempts = 5;
/** Milliseconds for which the event loop may have stood still while a case that counts was played: what is measured is of the order of ten times that. */
const tolerated = 5;
/** Milliseconds after which a case stands still. */
const patience = 20_000;

/** Endpoints, deadlines and faults before scripted backends, over real sockets (wso2-gateway.md sections 2 to 5). */
export const suite: Suite<EndpointsCase> = {
  cases,
  concurrency: 12,
  async start() {
    const endings: (() => unknown)[] = [];
    const { host, port } = await blackHole({ after: (end) => endings.push(end as () => unknown) });
    const clock = new StallClock();
    return {
      async run(one) {
        for (let attempt = 1; ; attempt++) {
          const before = clock.stalled;
          try {
            await play(one, `http://${host}:${port}`);
            return;
          } catch (error) {
            if (attempt === attempts || clock.stalled - before <= tolerated) throw error;
          }
        }
      },
      async close() {
        clock.close();
        for (const end of endings) await end();
        assert.equal(wheel.size, 0, 'deadlines that nobody disarmed');
      },
    };
  },
};

async function play(one: EndpointsCase, swallowing: string): Promise<void> {
  const world = new World(one.toml ?? {}, swallowing);
  let timer: NodeJS.Timeout | undefined;
  const still = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the case stands still')), patience);
  });
  const errors: unknown[] = [];
  await Promise.race([one.play(world), still]).catch((error) => errors.push(error));
  clearTimeout(timer);
  await world.end().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
