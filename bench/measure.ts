import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import { head } from './load/head.ts';
import { openIdle } from './load/idle.ts';
import { type Load, runLoad } from './load/wrk.ts';
import type { Cores } from './machine/cores.ts';
import { type ProcessorTime, processorTime } from './machine/processor.ts';
import { usageOf } from './machine/usage.ts';
import type { Workbench } from './machine/workbench.ts';
import { prefixIn, type Route, type RunningProxy } from './proxies/proxy.ts';
import type { Sample } from './results/figures.ts';

/** What one measurement needs. */
export interface Measurement {
  readonly bench: Workbench;
  readonly cores: Cores;
  readonly seconds: number;
  readonly routes: readonly Route[];
  readonly running: RunningProxy;
  /** Where the calls of half load also go straight. */
  readonly backendPort: number;
}

const mebibyte = 1024 * 1024;

/** Loads one program with one case. @throws with a sentence when it did not serve every call. */
export async function measure(
  the: Case,
  { bench, cores, seconds: usualSeconds, routes, running, backendPort }: Measurement,
): Promise<Omit<Sample, 'round' | 'proxy'>> {
  const text = head(the, running);
  const paths = routes
    .filter((route) => route.called && route.answer === the.answer)
    .map((route) => itemPath(route, running));
  const headFile = join(bench.directory, `head-${crypto.randomUUID()}`);
  writeFileSync(headFile, text);
  const atRest = usageOf(running.pid);
  const example = text.replace('{path}', paths[0] ?? '').replace('{trace}', crypto.randomUUID().replaceAll('-', ''));
  const idle = the.idleConnections > 0 ? await openIdle(running.httpPort, the.idleConnections, example) : undefined;
  try {
    const url = the.tls ? `https://127.0.0.1:${running.httpsPort}` : `http://127.0.0.1:${running.httpPort}`;
    const { connections, bodyBytes } = the;
    const seconds = Math.max(the.leastSeconds, usualSeconds);
    const full = { core: cores.load, url, connections, seconds, headFile, bodyBytes, paths, restMillis: 0 };
    const load = the.halfLoad ? await halved(bench, full) : full;
    const atStart = readMachine(cores);
    const straight = the.halfLoad && (await runLoad(bench, { ...load, url: `http://127.0.0.1:${backendPort}` }));
    const [before, proxyBefore] = [usageOf(running.pid), readMachine(cores)];
    const report = await runLoad(bench, load);
    const [after, atEnd] = [usageOf(running.pid), readMachine(cores)];
    const cpuMicros = after.cpuMicros - before.cpuMicros;
    if (report.refused > 0) throw new Error(`${report.refused} of ${report.requests} calls were answered by an error`);
    if (report.broken > 0) throw new Error(`${report.broken} of ${report.requests} calls broke off`);
    if (report.requests === 0) throw new Error('no call was answered');
    const lost = the.idleConnections - (idle?.open() ?? 0);
    if (lost > 0) throw new Error(`cannot: it closed ${lost} of ${the.idleConnections} idle connections`);
    return {
      cpuMicrosPerRequest: cpuMicros / report.requests,
      requestsPerSecond: report.requestsPerSecond,
      p50Millis: report.p50Millis,
      p99Millis: report.p99Millis,
      rssMiB: after.rssBytes / mebibyte,
      othersShare:
        Math.max(0, atEnd.proxy.busyMicros - proxyBefore.proxy.busyMicros - cpuMicros) /
        (atEnd.micros - proxyBefore.micros),
      stolenShare: stolenShare(atStart, atEnd),
      ...(straight ? { addedP99Millis: report.p99Millis - straight.p99Millis } : {}),
      ...(idle ? { kibPerIdleConnection: (before.rssBytes - atRest.rssBytes) / 1024 / the.idleConnections } : {}),
    };
  } finally {
    idle?.close();
  }
}

/** The processors of a measurement at an instant, in monotonic microseconds. */
interface Reading extends Readonly<Record<keyof Cores, ProcessorTime>> {
  readonly micros: number;
}

function readMachine({ proxy, load }: Cores): Reading {
  return { proxy: processorTime(proxy), load: processorTime(load), micros: performance.now() * 1000 };
}

/** Of the processor that the host took away for longer. */
function stolenShare(before: Reading, after: Reading): number {
  const stolen = (core: keyof Cores) => after[core].stolenMicros - before[core].stolenMicros;
  return Math.max(stolen('proxy'), stolen('load')) / (after.micros - before.micros);
}

/** The path that is called of an API. */
export function itemPath(route: Route, running: RunningProxy): string {
  return `${prefixIn(running, route)}/items/17`;
}

/** The same load at half of the rate that the program reaches. With no queue the calls themselves hardly take time, so the rest between them sets the rate. */
async function halved(bench: Workbench, full: Load): Promise<Load> {
  const { requestsPerSecond } = await runLoad(bench, { ...full, seconds: 1 });
  const restMillis = (2 * full.connections * 1000) / requestsPerSecond;
  // The slowest of a hundred calls are few: longer than other cases.
  return { ...full, restMillis, seconds: Math.max(3, full.seconds) };
}
