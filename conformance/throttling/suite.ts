import type { Suite } from '../suite.ts';
import type { ThrottlingCase } from './case.ts';
import { cases } from './cases/index.ts';
import { World } from './world.ts';

/** Levels, conditions, quotas and answers of throttling, over real sockets and by a clock that the cases move (wso2-gateway.md section 7). */
export const suite: Suite<ThrottlingCase> = {
  cases,
  concurrency: 4,
  async start() {
    return {
      async run(one) {
        const world = new World();
        try {
          await one.play(world);
        } finally {
          await world.end();
        }
      },
      async close() {},
    };
  },
};
