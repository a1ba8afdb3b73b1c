import type { Log } from '@sluice/model';
import { monotonic } from '../deadlines/clock.ts';
import type { LeafRecord } from './leaf-records.ts';

/** Lines about one leaf in so many milliseconds, at most: a backend that dies fails all the calls that it has, and one that is half dead goes to and fro. */
const mostLines = 3;
const period = 1000;

interface Said {
  begun: number;
  lines: number;
  /** Changes without a line since the last one. */
  unsaid: number;
}

/** Tells the log of states that changed. */
export class LeafLog {
  readonly #log: Log;
  readonly #said = new WeakMap<LeafRecord, Said>();

  constructor(log: Log) {
    this.#log = log;
  }

  changed(record: LeafRecord): void {
    const now = monotonic();
    const said = this.#said.get(record) ?? { begun: now, lines: 0, unsaid: 0 };
    this.#said.set(record, said);
    if (now - said.begun >= period) {
      said.begun = now;
      said.lines = 0;
    }
    if (++said.lines > mostLines) {
      said.unsaid++;
      return;
    }
    this.#say(record, now, said.unsaid === 0 ? {} : { changesBefore: said.unsaid });
    said.unsaid = 0;
  }

  #say({ api, name, reason, state }: LeafRecord, now: number, more: { readonly changesBefore?: number }): void {
    const { status, retryAt, lastDuration, remaining, cause } = state.facts;
    const facts = { api, endpoint: name, ...more };
    const retryIn = Math.max(0, Math.round(retryAt - now));
    if (status === 'suspended') {
      this.#log.warn('An endpoint is suspended', { ...facts, cause, reason, duration: lastDuration, retryIn });
    } else if (status === 'timeout') {
      this.#log.warn('An endpoint timed out; it is not suspended yet', { ...facts, cause, reason, remaining, retryIn });
    } else this.#log.info('An endpoint is active again', facts);
  }
}
