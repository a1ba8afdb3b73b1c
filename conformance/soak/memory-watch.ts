import { holdingsOf } from './processes.ts';

/** How the resident memory of a process went. */
export interface Growth {
  readonly pid: number;
  readonly seconds: number;
  readonly firstMiB: number;
  readonly lastMiB: number;
  readonly mostMiB: number;
  /** Rise of the straight line through all samples, by its beginning. */
  readonly growth: number;
}

interface Sample {
  readonly at: number;
  readonly rssMiB: number;
}

/** Follows the memory of processes that come and go. */
export class MemoryWatch {
  readonly #pids: () => readonly number[];
  readonly #samples = new Map<number, Sample[]>();
  readonly #began = performance.now();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  look(): void {
    for (const pid of this.#pids()) {
      try {
        const { rssMiB } = holdingsOf(pid);
        if (!Number.isFinite(rssMiB)) continue;
        const samples = this.#samples.get(pid) ?? [];
        samples.push({ at: performance.now() - this.#began, rssMiB });
        this.#samples.set(pid, samples);
      } catch {
        // It has ended.
      }
    }
  }

  /** The processes that were there long enough, with the first `warm` milliseconds of each left out. */
  growth(warm: number): Growth[] {
    return [...this.#samples].flatMap(([pid, all]) => {
      const samples = all.filter(({ at }) => at >= (all[0]?.at ?? 0) + warm);
      return samples.length < 10 ? [] : [{ pid, ...trend(samples) }];
    });
  }
}

/** The straight line of least squares through the samples. */
export function trend(samples: readonly Sample[]): Omit<Growth, 'pid'> {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, rss] = [mean(samples.map((one) => one.at)), mean(samples.map((one) => one.rssMiB))];
  const spread = samples.reduce((sum, one) => sum + (one.at - at) ** 2, 0);
  const slope = spread === 0 ? 0 : samples.reduce((sum, one) => sum + (one.at - at) * (one.rssMiB - rss), 0) / spread;
  const [from, to] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0];
  const firstMiB = rss + slope * (from - at);
  const lastMiB = rss + slope * (to - at);
  return {
    seconds: Math.round((to - from) / 1000),
    firstMiB,
    lastMiB,
    mostMiB: Math.max(...samples.map(({ rssMiB }) => rssMiB)),
    growth: (lastMiB - firstMiB) / firstMiB,
  };
}
