import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '../cases.ts';
import { head } from '../load/head.ts';
import { type Load, runLoad } from '../load/wrk.ts';
import type { Cores } from '../machine/cores.ts';
import { usageOf } from '../machine/usage.ts';
import type { Workbench } from '../machine/workbench.ts';
import { itemPath } from '../measure.ts';
import type { Route, RunningProxy, Site } from '../proxies/proxy.ts';
import { sluice } from '../proxies/sluice.ts';
import { type Row, without } from '../results/figures.ts';
import type { MemoryCase } from './cases.ts';
import { startStreamBackend } from './stream-backend.ts';
import { type Slowness, transfer } from './transfer.ts';
import { watchMemory } from './watch.ts';

const gibibyte = 1024 ** 3;
/** Slower than every program passes bodies on, and fast enough for 2 GiB in 22 seconds. */
const pace = { bytesPerSecond: 100 * 1024 * 1024, stall: 2000 };
/** Bytes of a first body, so that code is compiled and buffers are there. */
const firstBytes = gibibyte / 8;

const route: Route = { name: 'small', prefix: '/small/1.0.0', answer: 'small', called: true };

interface Found {
  readonly requests: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

/** Measures Sluice, started anew, with one of the cases of memory. */
export async function measureMemory(the: MemoryCase, site: Omit<Site, 'routes'>, cores: Cores): Promise<Row> {
  try {
    return await ('calls' in the.load
      ? overCalls(the.key, the.load.calls, site, cores)
      : overBody(the.key, the.load.slowness, site));
  } catch (error) {
    return without(the.key, sluice.key, (error as Error).message.replaceAll('\n', ' '));
  }
}

async function overCalls(key: string, calls: number, site: Omit<Site, 'routes'>, cores: Cores): Promise<Row> {
  const running = await sluice.start({ ...site, routes: [route] });
  try {
    const load = loadOf(site.bench, running, cores);
    // V8 gives its young generation more and more room in the first hundred thousand calls, and then no more.
    await callAtLeast(calls, load, site.bench);
    return await watched(key, running, () => callAtLeast(calls, load, site.bench));
  } finally {
    await running.stop();
  }
}

async function overBody(key: string, slowness: Slowness, site: Omit<Site, 'routes'>): Promise<Row> {
  const backend = await startStreamBackend();
  const running = await sluice.start({ ...site, backendPort: backend.port, routes: [route] });
  try {
    const { httpPort: port, authorization = '' } = running;
    const through = { port, path: itemPath(route, running), authorization };
    await transfer(backend, { slowness, bytes: firstBytes, pace }, through);
    return await watched(key, running, async () => {
      const began = performance.now();
      await transfer(backend, { slowness, bytes: 2 * gibibyte, pace }, through);
      const millis = performance.now() - began;
      return { requests: 1, p50Millis: millis, p99Millis: millis };
    });
  } finally {
    await running.stop();
    backend.close();
  }
}

async function callAtLeast(calls: number, load: Omit<Load, 'seconds'>, bench: Workbench): Promise<Found> {
  for (let requests = 0; ; ) {
    const { requests: more, refused, broken, p50Millis, p99Millis } = await runLoad(bench, { ...load, seconds: 2 });
    if (refused + broken > 0) throw new Error(`${refused + broken} of ${more} calls failed`);
    requests += more;
    if (requests >= calls) return { requests, p50Millis, p99Millis };
  }
}

/** Runs a load and makes its row. The process that grew most counts: a leak in one must not hide behind the other's size. */
async function watched(key: string, { pid }: RunningProxy, run: () => Promise<Found>): Promise<Row> {
  const [before, began, watch] = [usageOf(pid), performance.now(), watchMemory(pid)];
  const { requests, p50Millis, p99Millis } = await run();
  const seconds = (performance.now() - began) / 1000;
  const growth = Math.max(...watch.stop().map((course) => course.growth));
  const after = usageOf(pid);
  return {
    case: key,
    proxy: sluice.key,
    cpuMicrosPerRequest: Number(((after.cpuMicros - before.cpuMicros) / requests).toFixed(2)),
    ratioToNginx: null,
    requestsPerSecond: Number((requests / seconds).toPrecision(3)),
    p50Millis: Number(p50Millis.toFixed(3)),
    p99Millis: Number(p99Millis.toFixed(3)),
    rssMiB: Number((after.rssBytes / 1024 / 1024).toFixed(1)),
    rssGrowth: Number(growth.toFixed(4)),
  };
}

function loadOf(bench: Workbench, running: RunningProxy, cores: Cores): Omit<Load, 'seconds'> {
  const [simplest] = cases;
  if (!simplest) throw new Error('there are no cases');
  const headFile = join(bench.directory, `head-${crypto.randomUUID()}`);
  writeFileSync(headFile, head(simplest, running));
  return {
    core: cores.load,
    url: `http://127.0.0.1:${running.httpPort}`,
    connections: simplest.connections,
    headFile,
    bodyBytes: 0,
    restMillis: 0,
    paths: [itemPath(route, running)],
  };
}
