import { guardedHaproxy, haproxy } from './haproxy.ts';
import { guardedNginx, nginx } from './nginx.ts';
import { nodeGateway } from './node-gateway.ts';
import type { ProxyProgram } from './proxy.ts';
import {
  sluice,
  sluiceDeadlines,
  sluiceFailover,
  sluiceLevels,
  sluiceRedis,
  sluiceTimeless,
  sluiceUnlimited,
} from './sluice.ts';

/** Every program under comparison, in the order of the table. */
export const proxies: readonly ProxyProgram[] = [
  nginx,
  guardedNginx,
  haproxy,
  guardedHaproxy,
  sluice,
  nodeGateway({ key: 'undici', title: 'node:http with undici', quick: true, routes: false }),
  nodeGateway({ key: 'node-http', title: 'node:http with http.Agent', quick: false, routes: false }),
  nodeGateway({ key: 'http-proxy', title: 'http-proxy', quick: false, routes: false }),
  nodeGateway({ key: 'fastify', title: 'fastify with @fastify/http-proxy', quick: false, routes: true }),
];

/** Programs of the comparison of limits, those of the first one included: what a limit costs is the difference of two rows. */
export const limiters: readonly ProxyProgram[] = [
  nginx,
  guardedNginx,
  haproxy,
  guardedHaproxy,
  sluice,
  sluiceUnlimited,
  sluiceLevels,
];

/** Sluice beside itself: what groups and deadlines cost is the difference of two rows. */
export const endpointPrograms: readonly ProxyProgram[] = [
  nginx,
  sluice,
  sluiceFailover,
  sluiceTimeless,
  sluiceDeadlines,
];

/** Programs that share their counters through Redis. */
export const sharedLimiters: readonly ProxyProgram[] = [
  nginx,
  sluiceRedis,
  {
    ...nodeGateway({
      key: 'limiter-redis',
      title: 'node:http with undici and rate-limiter-flexible',
      quick: true,
      routes: false,
    }),
    needs: 'redis-server',
  },
];
