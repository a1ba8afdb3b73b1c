import type { Lease, LeaseRequest } from '@sluice/throttle';

/** What the authority answered, since the start. */
export class LeaseCounts {
  readonly #outcomes: Record<Lease['outcome'], number> = {
    granted: 0,
    exhausted: 0,
    pending: 0,
    away: 0,
    unbounded: 0,
  };
  #batches = 0;

  note(_batch: readonly LeaseRequest[], leases: readonly Lease[]): void {
    this.#batches++;
    for (const { outcome } of leases) this.#outcomes[outcome]++;
  }

  get batches(): number {
    return this.#batches;
  }

  get outcomes(): Readonly<Record<Lease['outcome'], number>> {
    return this.#outcomes;
  }
}
