import type { Workbench } from '../machine/workbench.ts';

/** What wrk counted in one run. */
export interface LoadReport {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Answers with a status of 400 or more. */
  readonly refused: number;
  /** Connections that failed and requests without an answer. */
  readonly broken: number;
}

export interface Load {
  readonly core: number;
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** File with the head, as load/request.lua reads it. */
  readonly headFile: string;
  readonly bodyBytes: number;
  /** Mean rest of a connection between two calls; 0 is none. */
  readonly restMillis: number;
  readonly paths: readonly string[];
}

const script = new URL('request.lua', import.meta.url).pathname;

/** Loads a proxy for so many seconds. @throws when wrk fails. */
export async function runLoad(bench: Workbench, load: Load): Promise<LoadReport> {
  const options = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s', '-s', script];
  const args = [
    ...options,
    load.url,
    '--',
    load.headFile,
    String(load.bodyBytes),
    String(load.restMillis),
    ...load.paths,
  ];
  const wrk = bench.start(load.core, 'wrk', args);
  let output = '';
  wrk.child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  await wrk.ended.catch(() => undefined);
  const report = parseReport(output);
  await bench.stop(wrk);
  if (!report) throw new Error(`wrk failed: ${`${wrk.complaint()}${output}`.trim().slice(0, 500)}`);
  return report;
}

/** Reads the line that load/request.lua prints at the end; `undefined` where there is none. */
export function parseReport(output: string): LoadReport | undefined {
  const line = /^measured (.+)$/m.exec(output)?.[1];
  if (line === undefined) return undefined;
  const values = new Map(line.split(' ').map((pair) => pair.split('=') as [string, string]));
  const value = (name: string) => Number(values.get(name));
  return {
    requests: value('requests'),
    requestsPerSecond: value('requests') / (value('micros') / 1e6),
    p50Millis: value('p50') / 1000,
    p99Millis: value('p99') / 1000,
    refused: value('status'),
    broken: value('connect') + value('read') + value('write') + value('timeout'),
  };
}
