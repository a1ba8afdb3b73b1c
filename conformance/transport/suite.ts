import assert from 'node:assert/strict';
import { wheel } from '../../packages/gateway/deadlines/wheel.ts';
import type { Suite } from '../suite.ts';
import type { TransportCase } from './case.ts';
import { cases } from './cases/index.ts';
import { type GatewayKind, gateways } from './gateways.ts';
import { GatewayStage } from './stage.ts';
import { StallClock } from './stall-clock.ts';
import { World } from './world.ts';

/** A case that fails while the machine had no time for it says nothing: it is played again, so many times at most. */
const attempts = 5;
/** Milliseconds for which the event loop may have stood still while a case that counts was played. */
const tolerated = 25;

/** HTTP/1.1 on both sides of the gateway, over raw sockets (RFC 9110, RFC 9112, wso2-gateway.md sections 1 and 2). */
export const suite: Suite<TransportCase> = {
  cases,
  concurrency: 24,
  async start() {
    const stages = new Map<GatewayKind, GatewayStage>();
    for (const kind of Object.keys(gateways) as GatewayKind[]) {
      const stage = new GatewayStage(kind);
      await stage.start();
      stages.set(kind, stage);
    }
    const clock = new StallClock();
    return {
      async run(one) {
        const stage = stages.get(one.gateway ?? 'steady') as GatewayStage;
        for (let attempt = 1; ; attempt++) {
          const before = clock.stalled;
          try {
            await new World(one, stage).play();
            return;
          } catch (error) {
            if (attempt === attempts || clock.stalled - before <= tolerated) throw error;
          }
        }
      },
      async close() {
        clock.close();
        for (const stage of stages.values()) await stage.close();
        assert.equal(wheel.size, 0, 'deadlines that nobody disarmed');
      },
    };
  },
};
