import type { Suite } from '../suite.ts';
import type { ThrottlingCase } from './case.ts';
import { cases } from './cases/index.ts';
import { World } from './world.ts';

/** Milliseconds after which a case stands still: none takes a second. */
const patience = 20_000;

/** Levels, conditions, quotas and answers of throttling, over real sockets and by a clock that the cases move (wso2-gateway.md section 7). */
export const suite: Suite<ThrottlingCase> = {
  cases,
  concurrency: 4,
  async start() {
    return {
      async run(one) {
        const world = new World();
        let timer: NodeJS.Timeout | undefined;
        const still = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error('the case stands still')), patience);
        });
        try {
          await Promise.race([one.play(world), still]);
        } finally {
          clearTimeout(timer);
          await world.end();
        }
      },
      async close() {},
    };
  },
};
