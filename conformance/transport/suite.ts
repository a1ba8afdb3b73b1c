import assert from 'node:assert/strict';
import { wheel } from '../../packages/gateway/deadlines/wheel.ts';
import type { Suite } from '../suite.ts';
import type { TransportCase } from './case.ts';
import { cases } from './cases/index.ts';
import { type GatewayKind, gateways } from './gateways.ts';
import { GatewayStage } from './stage.ts';
import { World } from './world.ts';

/** HTTP/1.1 on both sides of the gateway, over raw sockets (RFC 9110, RFC 9112, wso2-gateway.md sections 1 and 2). */
export const suite: Suite<TransportCase> = {
  cases,
  concurrency: 12,
  async start() {
    const stages = new Map<GatewayKind, GatewayStage>();
    for (const kind of Object.keys(gateways) as GatewayKind[]) {
      const stage = new GatewayStage(kind);
      await stage.start();
      stages.set(kind, stage);
    }
    return {
      run: (one) => new World(one, stages.get(one.gateway ?? 'steady') as GatewayStage).play(),
      async close() {
        for (const stage of stages.values()) await stage.close();
        assert.equal(wheel.size, 0, 'deadlines that nobody disarmed');
      },
    };
  },
};
