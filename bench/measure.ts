import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import { head } from './load/head.ts';
import { openIdle } from './load/idle.ts';
import { type Load, type LoadReport, runLoad } from './load/wrk.ts';
import { busyMicros } from './machine/busy.ts';
import type { Cores } from './machine/cores.ts';
import { usageOf } from './machine/usage.ts';
import type { Workbench } from './machine/workbench.ts';
import type { Route, RunningProxy } from './proxies/proxy.ts';
import type { Sample } from './results/figures.ts';

/** What one measurement needs. */
export interface Measurement {
  readonly bench: Workbench;
  readonly cores: Cores;
  readonly seconds: number;
  readonly routes: readonly Route[];
  readonly running: RunningProxy;
}

const mebibyte = 1024 * 1024;

/** Loads one program with one case. @throws with a sentence when it did not serve every call. */
export async function measure(
  the: Case,
  { bench, cores, seconds, routes, running }: Measurement,
): Promise<Omit<Sample, 'round' | 'proxy'>> {
  const text = head(the, running);
  const paths = routes.filter((route) => route.called && route.answer === the.answer).map(itemPath);
  const headFile = join(bench.directory, `head-${crypto.randomUUID()}`);
  writeFileSync(headFile, text);
  const atRest = usageOf(running.pid);
  const example = text.replace('{path}', paths[0] ?? '').replace('{trace}', crypto.randomUUID().replaceAll('-', ''));
  const idle = the.idleConnections > 0 ? await openIdle(running.httpPort, the.idleConnections, example) : undefined;
  try {
    const url = the.tls ? `https://127.0.0.1:${running.httpsPort}` : `http://127.0.0.1:${running.httpPort}`;
    const { connections, bodyBytes } = the;
    const full = { core: cores.load, url, connections, seconds, headFile, bodyBytes, paths, restMillis: 0 };
    const load = the.halfLoad
      ? { ...full, restMillis: restAtHalf(await runLoad(bench, { ...full, seconds: 1 }), full) }
      : full;
    const [before, busyBefore, began] = [usageOf(running.pid), busyMicros(cores.proxy), performance.now()];
    const report = await runLoad(bench, load);
    const [after, busyAfter, ended] = [usageOf(running.pid), busyMicros(cores.proxy), performance.now()];
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
      othersShare: Math.max(0, busyAfter - busyBefore - cpuMicros) / ((ended - began) * 1000),
      ...(idle ? { kibPerIdleConnection: (before.rssBytes - atRest.rssBytes) / 1024 / the.idleConnections } : {}),
    };
  } finally {
    idle?.close();
  }
}

/** The path that is called of an API. */
export function itemPath({ prefix }: Route): string {
  return `${prefix}/items/17`;
}

/** Rest between the calls of a connection that leaves half of the rate of a full load: with no queue the calls themselves hardly take time. */
function restAtHalf({ requestsPerSecond }: LoadReport, { connections }: Load): number {
  return (2 * connections * 1000) / requestsPerSecond;
}
