import type { Authority, Lease, LeaseRequest } from '../authority.ts';
import type { Clock } from '../clock.ts';
import { readCounterName } from '../name.ts';
import { windowAt, windowEnd } from '../window.ts';

export interface MachineAuthorityOptions {
  readonly clock: Clock;
}

/** One process's way to its authority. */
export interface Connection extends Authority {
  /** The process has gone; what a dead one held counts as spent until the windows end. */
  close(dead: boolean): void;
}

interface Row {
  window: number;
  endsAt: number;
  used: number;
}

/** Grants leases to all processes of one machine. Lives in its main process. */
export class MachineAuthority {
  readonly #options: MachineAuthorityOptions;
  readonly #rows = new Map<string, Row>();

  constructor(options: MachineAuthorityOptions) {
    this.#options = options;
  }

  /** `holder` names the process to those who look. */
  connect(_holder: string): Connection {
    return {
      request: (batch, answer) => answer(batch.map((request) => this.#grant(request))),
      close: () => undefined,
    };
  }

  #grant({ counter, limit, needed, owed, returned, window }: LeaseRequest): Lease {
    const now = this.#options.clock.epoch();
    const row = this.#rows.get(counter) ?? { window: 0, endsAt: 0, used: 0 };
    this.#rows.set(counter, row);
    if (row.endsAt <= now && readCounterName(counter) !== undefined) {
      row.window = limit.window.kind === 'aligned' ? windowAt(limit.window, now) : now;
      row.endsAt = windowEnd(limit.window, now);
      row.used = 0;
    }
    if (window === row.window) row.used = Math.max(0, row.used - returned);
    row.used += owed;
    const left = Math.max(0, limit.amount - row.used);
    const units = Math.min(left, needed);
    row.used += units;
    return {
      counter,
      window: row.window,
      units,
      left: left - units,
      endsIn: row.endsAt - now,
      outcome: units < needed ? 'exhausted' : 'granted',
    };
  }
}
