import type { GatewayOptions } from '@sluice/gateway';

/** Deadlines of the gateway `prompt`, milliseconds: each its own, so that the time tells which one fired. */
export const prompt = {
  clientHead: 500,
  keepAliveIdle: 600,
  socket: 700,
  connect: 400,
  global: 1100,
  continueWait: 250,
  discard: 350,
  tlsHandshake: 450,
} as const;

/** Limits of the gateway `bounded`, in bytes and lines. */
export const bounds = {
  headBytes: 2000,
  headerCount: 20,
  targetBytes: 500,
  chunkExtensionBytes: 100,
  bodyBytes: 1000,
  discardBytes: 3000,
} as const;

/** Milliseconds that a call waits for a connection of the gateway `narrow`, which has one per backend, for which one call may wait. */
export const poolWait = 250;
/** Milliseconds that the gateway `fleeting` keeps a connection to a backend that nobody uses. */
export const idleTime = 200;
/** Milliseconds after which it uses none again. */
export const lifespan = 400;

/** The gateways that cases run against. */
export const gateways = {
  /** Deadlines and limits as they ship. */
  steady: {},
  prompt: { timeouts: prompt },
  bounded: { limits: bounds },
  narrow: { pool: { maxPerRoute: 1, maxPending: 1 }, timeouts: { poolWait } },
  fleeting: { pool: { idleTime, maxLifespan: lifespan, graceTime: 900 } },
  /** Asks every backend connection once. */
  single: { pool: { keepAlive: false } },
  /** Tells backends who called, by every header there is. */
  telling: {
    headers: { via: 'gateway.example', forwarded: 'append', preserved: ['User-Agent', 'X-Forwarded-For', 'Host'] },
    serverHeader: { name: 'Sluice', passesOn: true },
  },
  /** Answers clients that have closed their sending side. */
  halfOpen: { halfClose: true },
  /** Answers backend faults as WSO2 does, and under its name. */
  wso2: { faultStatus: 'wso2', serverHeader: { name: 'WSO2-PassThrough-HTTP', passesOn: false } },
} as const satisfies Readonly<Record<string, Partial<GatewayOptions>>>;

export type GatewayKind = keyof typeof gateways;
