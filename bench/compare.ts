import type { Case } from './cases.ts';
import type { Fleet } from './fleet.ts';
import type { Cores } from './machine/cores.ts';
import type { Workbench } from './machine/workbench.ts';
import { measure } from './measure.ts';
import type { ProxyProgram } from './proxies/proxy.ts';
import { type Row, type Sample, summarize, without } from './results/figures.ts';

export interface Comparison {
  readonly bench: Workbench;
  readonly cores: Cores;
  readonly proxies: readonly ProxyProgram[];
  readonly rounds: number;
  readonly seconds: number;
  readonly tries: number;
  readonly backendPort: number;
  /** Told what is measured next. */
  readonly say: (progress: string) => void;
}

/** Most measurements that a program gets to become warm. */
const warmUps = 6;

/** Runs each program that compiles itself until its cost no longer falls. */
export async function warmUp(
  the: Case,
  fleet: Fleet,
  { bench, cores, proxies, say, backendPort }: Omit<Comparison, 'rounds' | 'seconds' | 'tries'>,
): Promise<void> {
  for (const { key, warmsUp } of proxies) {
    const running = fleet.running.get(key);
    if (!running || !warmsUp) continue;
    let last = Number.POSITIVE_INFINITY;
    for (let turn = 1; turn <= warmUps; turn++) {
      say(`warming up ${key}, ${turn}`);
      const measured = measure(the, { bench, cores, seconds: 1, routes: fleet.routes, running, backendPort });
      // A program that fails now fails in its cases too, and there it is reported.
      const cost = await measured.then(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest).catch(() => 0);
      if (cost > last * 0.9 || cost === 0) break;
      last = cost;
    }
  }
}

/** What was measured of one case: a row for each program, with figures or the reason for none, and what they are the medians of. */
export interface Compared {
  readonly rows: readonly Row[];
  readonly samples: readonly Sample[];
}

/** Measures every program with one case in interleaved rounds. */
export async function compare(
  the: Case,
  fleet: Fleet,
  { bench, cores, proxies, rounds, seconds, tries, say, backendPort }: Comparison,
): Promise<Compared> {
  const samples: Sample[] = [];
  const failures = new Map<string, string>(fleet.reasons);
  // What an idle connection costs shows only in a program that never had so many.
  const once = the.idleConnections > 0;
  const useful = once ? 1 : rounds * the.roundsTimes;
  for (let round = 0; round < useful; round++) {
    for (const { key } of turned(proxies, round)) {
      const running = fleet.running.get(key);
      if (!running || failures.has(key)) continue;
      say(`${the.key}, round ${round + 1} of ${useful}: ${key}`);
      try {
        const sample = await leastDisturbed(once ? 1 : tries, () =>
          measure(the, { bench, cores, seconds, routes: fleet.routes, running, backendPort }),
        );
        samples.push({ round, proxy: key, ...sample });
      } catch (error) {
        failures.set(key, (error as Error).message.replaceAll('\n', ' '));
      }
    }
  }
  const rows = proxies.map(({ key }) => {
    const reason = failures.get(key);
    return reason === undefined ? summarize(the.key, key, samples) : without(the.key, key, reason);
  });
  return { rows, samples: samples.filter(({ proxy }) => !failures.has(proxy)) };
}

/** Share of the time that a host may take from a measurement: above it the slowest of a hundred calls are those that waited for it. */
const quiet = 0.01;

/** Measures until the host of the machine disturbs it no more, at most `tries` times: of those the one that was disturbed least, whatever its figures. */
export async function leastDisturbed<T extends { readonly stolenShare: number }>(
  tries: number,
  measureOnce: () => Promise<T>,
): Promise<T> {
  let best = await measureOnce();
  for (let made = 1; made < tries && best.stolenShare > quiet; made++) {
    const next = await measureOnce();
    if (next.stolenShare < best.stolenShare) best = next;
  }
  return best;
}

/** Another one begins each round: whoever follows a heavy program must not always be the same. */
function turned<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
