import type { LeafRow } from '@sluice/gateway';

/** What became of the calls to a leaf. */
export type LeafCounts = Pick<LeafRow, 'answers' | 'faults'>;

/** A worker that can be asked for its leaves. */
export interface LeafTeller {
  /** What it said last, by the id of the leaf; leaves without calls are left out. */
  readonly counted: ReadonlyMap<string, LeafCounts>;
  /** All of them, or only those that have had calls; undefined when it does not answer. */
  leaves(all: boolean): Promise<readonly LeafRow[] | undefined>;
}

/** The leaves of all workers, and what these counted together, those that have ended included. */
export class LeafTotals {
  #ended: ReadonlyMap<string, LeafCounts> = new Map();

  /**
   * Of what the first of the workers says there is; where that one does not answer, the next is asked for it. One that does not answer counts with
   * what it said last. Each worker that answers has heard what was said to it before.
   */
  async list(workers: readonly LeafTeller[]): Promise<LeafRow[]> {
    const [all, ...counts] = await Promise.all(workers.map((worker, index) => worker.leaves(index === 0)));
    let rows = all;
    for (let next = 1; rows === undefined && next < workers.length; next++) {
      if (counts[next - 1] !== undefined) rows = await workers[next]?.leaves(true);
    }
    if (rows === undefined) return [];
    const listed = new Set(rows.map(({ id }) => id));
    // Leaves that are no more need no sum.
    this.#ended = new Map([...this.#ended].filter(([id]) => listed.has(id)));
    const sources = [this.#ended, ...workers.map(({ counted }) => counted)];
    return rows.map((row) => ({ ...row, ...sumOf(sources, row.id) }));
  }

  /** The worker has ended: what it counted stays. */
  retire({ counted }: LeafTeller): void {
    const ids = new Set([...this.#ended.keys(), ...counted.keys()]);
    this.#ended = new Map([...ids].map((id) => [id, sumOf([this.#ended, counted], id)]));
  }
}

function sumOf(sources: readonly ReadonlyMap<string, LeafCounts>[], id: string): LeafCounts {
  const sum = { answers: 0, faults: 0 };
  for (const source of sources) {
    const counts = source.get(id);
    sum.answers += counts?.answers ?? 0;
    sum.faults += counts?.faults ?? 0;
  }
  return sum;
}
