import type { Connection, Lease, LeaseRequest } from '@sluice/throttle';

/** Hears of every answer before who asked does. */
export type LeaseObserver = (batch: readonly LeaseRequest[], leases: readonly Lease[]) => void;

/** A process's connection to the authority, with somebody who looks on. */
export class WatchedConnection implements Connection {
  readonly #inner: Connection;
  readonly #observe: LeaseObserver;

  constructor(inner: Connection, observe: LeaseObserver) {
    this.#inner = inner;
    this.#observe = observe;
  }

  request(batch: readonly LeaseRequest[], answer: (leases: readonly Lease[]) => void): void {
    this.#inner.request(batch, (leases) => {
      this.#observe(batch, leases);
      answer(leases);
    });
  }

  watch(forget: (counter: string) => void): void {
    this.#inner.watch?.(forget);
  }

  close(dead: boolean): void {
    this.#inner.close(dead);
  }
}
