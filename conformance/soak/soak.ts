import { setTimeout as delay } from 'node:timers/promises';
import type { Scope } from '../program/program.ts';
import { metric } from '../workers/all-in-one.ts';
import { logLines, workersOf } from '../workers/workers.ts';
import { SoakBackend } from './backend.ts';
import { dice } from './dice.ts';
import { Faults } from './faults.ts';
import { type Kind, kinds } from './kinds.ts';
import { Ledger } from './ledger.ts';
import { type Growth, MemoryWatch } from './memory-watch.ts';
import { holdingsOf, tcpSocketsOf } from './processes.ts';
import { openSite, type Site } from './site.ts';
import { type Tally, World } from './world.ts';

export interface SoakOptions {
  /** Length of the load. */
  readonly seconds: number;
  /** Chooses what is called and broken when; the same seed makes the same choices. */
  readonly seed: number;
  readonly workers: number;
  /** Told what goes on. */
  readonly say: (progress: string) => void;
}

export interface SoakReport {
  readonly seconds: number;
  readonly calls: number;
  readonly connections: number;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly failures: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  /** What was held at rest before the load, and after it. */
  readonly rest: readonly { readonly what: string; readonly before: number; readonly after: number }[];
  readonly memory: readonly Growth[];
  /** Empty when everything is as it must be. */
  readonly violations: readonly string[];
}

/** Below this there is too little time for a trend of memory. */
const trendSeconds = 180;
/** Milliseconds in which a process comes to its size. */
const warmMillis = 60_000;
/** Growth of a process over the run that is not taken for a leak. */
const mostGrowth = 0.1;
/** Milliseconds for what rests to be closed: more than the backends' connections may rest. */
const settleMillis = 20_000;

/** What the program says of itself that must be as before when all clients are gone. */
const gauges = {
  'calls in flight': 'sluice_gateway_calls_in_flight',
  'client connections': 'sluice_gateway_connections',
  'backend connections in use': 'sluice_gateway_backend_connections{state="busy"}',
  'backend connections at rest': 'sluice_gateway_backend_connections{state="idle"}',
  'backend connections being opened': 'sluice_gateway_backend_connections{state="connecting"}',
  'calls that wait for a backend': 'sluice_gateway_backend_waiting',
  'armed deadlines': 'sluice_gateway_deadlines',
} as const;

/** Loads the whole program with calls of all kinds, breaks what can break, and holds every answer against what was asked. */
export async function runSoak(scope: Scope, { seconds, seed, workers, say }: SoakOptions): Promise<SoakReport> {
  const roll = dice(seed);
  const ledger = new Ledger();
  const backends = ['A', 'B'].map((name) => new SoakBackend(name, ledger, roll)) as [SoakBackend, SoakBackend];
  for (const backend of backends) await backend.start();
  scope.after(() => {
    for (const backend of backends) backend.kill();
  });
  const site = await openSite(scope, workers, ...backends);
  const faults = new Faults(backends, roll);
  const world = new World(ledger, site.urls, site.token, faults);
  const nothing = new Map(Object.keys(gauges).map((what) => [what, 0]));
  const before = await settled(site, backends, nothing, workers);
  const millis = seconds * 1000;
  const memory = new MemoryWatch(() => [site.program.pid, ...workersOf(site.program)]);
  // In a short run everything happens more often: it must happen.
  faults.start(site, seconds < 60 ? 0.3 : 1, millis / 3);
  const sessions = kinds.flatMap((kind) =>
    Array.from({ length: kind.clients }, () => live(world, kind, roll(2 ** 31))),
  );
  for (let left = seconds; left > 0; left--) {
    await delay(1000);
    memory.look();
    say(`${left} s left, ${ledger.count} calls, ${ledger.violations.length} violations`);
  }
  world.stopping = true;
  await Promise.all(sessions);
  await faults.stop();
  say('waiting for rest');
  const after = await settled(site, backends, before, workers);
  const growth = memory.growth(warmMillis).filter(({ pid }) => pid === faults.elder || pid === site.program.pid);
  ledger.violations.unshift(...defectsOf(site));
  if (ledger.open > 0) ledger.violation(`${ledger.open} calls never ended`);
  for (const [what, count] of after) {
    if (count <= (before.get(what) ?? 0)) continue;
    const held = workersOf(site.program).map((pid) => JSON.stringify(tcpSocketsOf(pid)));
    const behind = backends.flatMap(({ holdings }) => holdings).join(', ');
    ledger.violation(
      `${what}: ${before.get(what)} before, ${count} afterwards; workers hold ${held.join(' and ')}; backends hold ${behind}`,
    );
  }
  for (const { pid, growth: share } of seconds < trendSeconds ? [] : growth) {
    if (share > mostGrowth) ledger.violation(`the memory of process ${pid} grew by ${Math.round(share * 100)} %`);
  }
  return {
    seconds,
    calls: ledger.count,
    connections: world.opened,
    tallies: world.tallies,
    failures: world.failures,
    faults: faults.counts,
    rest: [...after].map(([what, count]) => ({ what, before: before.get(what) ?? 0, after: count })),
    memory: growth,
    violations: ledger.violations,
  };
}

/** What the program says of its own mistakes. */
function defectsOf({ program }: Site): string[] {
  const told = ['a defect ends this process', 'A call failed inside the gateway'].flatMap((what) =>
    logLines(program, what),
  );
  return told.map(
    ({ msg, reason, stack, error }) => `the log says: ${msg}: ${stack ?? reason ?? JSON.stringify(error)}`,
  );
}

/** One client, session after session. */
async function live(world: World, { name, session }: Kind, seed: number): Promise<void> {
  const roll = dice(seed);
  while (!world.stopping) {
    try {
      await session(world, roll, name);
    } catch (error) {
      world.ledger.violation(`${name}: ${(error as Error).stack}`);
    }
  }
}

/** What is held now: by the program's own word, and by that of the kernel. */
async function atRest({ program }: Site, backends: readonly SoakBackend[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [what, series] of Object.entries(gauges)) found.set(what, (await metric(program, series)) ?? Number.NaN);
  found.set(
    'backend connections, as the backends count',
    backends.reduce((sum, { connections }) => sum + connections, 0),
  );
  const sockets = workersOf(program).map((pid) => holdingsOf(pid).sockets);
  found.set('most sockets of a worker', Math.max(...sockets));
  return found;
}

/** Waits until all workers are there and nothing is held beyond `most`, and tells what is held then, or when the time is up. */
async function settled(
  site: Site,
  backends: readonly SoakBackend[],
  most: ReadonlyMap<string, number>,
  workers: number,
): Promise<Map<string, number>> {
  const end = performance.now() + settleMillis;
  for (;;) {
    const now = await atRest(site, backends).catch(() => undefined);
    const complete = workersOf(site.program).length === workers;
    const quiet = complete && now && [...most].every(([what, count]) => (now.get(what) ?? 0) <= count);
    if (now && (quiet || performance.now() > end)) return now;
    await delay(250);
  }
}
