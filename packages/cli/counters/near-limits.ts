import type { Log } from '@sluice/model';
import { type Lease, type LeaseRequest, readCounterName, type Window, windowEnd } from '@sluice/throttle';
import { endOfWindow } from './window-end.ts';

/** A limit of which no more than this part is left is worth a word before all of it is used: four fifths of it are. */
const nearPart = 5;
/** Counters that are remembered as near their limits; the oldest is forgotten first, and may be told of again. */
const mostRemembered = 10_000;
/** Lines a minute at most, in the log and in the file of events. The rest is counted. */
const mostLogged = 30;
const mostWritten = 600;
/** Windows that are shorter have a line once a minute at most. */
const minute = 60_000;

/** What happened to a counter in its window. */
export type Nearness = 'near' | 'reached';

/** Of each level. */
export type NearnessCounts = ReadonlyMap<string, Readonly<Record<Nearness, number>>>;

interface Told {
  readonly window: number;
  readonly stage: Nearness;
  readonly at: number;
}

/**
 * Notices what the authority grants: four fifths of a limit, or all of it, once for each counter and window. Says so in the log
 * and as an event, a line of JSON for other programs.
 */
export class NearLimits {
  readonly #log: Log;
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #told = new Map<string, Told>();
  readonly #counts = new Map<string, Record<Nearness, number>>();
  #minute = 0;
  #logged = 0;
  #written = 0;
  #suppressed = 0;

  /** `now` in epoch milliseconds; `write` takes a line of the file of events with its end. */
  constructor(log: Log, write: (line: string) => void, now: () => number) {
    this.#log = log;
    this.#write = write;
    this.#now = now;
  }

  get counts(): NearnessCounts {
    return this.#counts;
  }

  /** The leases that answer a batch, in its order. */
  noteAll(batch: readonly LeaseRequest[], leases: readonly Lease[]): void {
    for (const [place, lease] of leases.entries()) {
      const request = batch[place];
      if (request?.counter === lease.counter) this.note(request, lease);
    }
  }

  note({ limit }: LeaseRequest, lease: Lease): void {
    if (lease.left * nearPart > limit.amount || limit.amount === 0) return;
    if (lease.outcome === 'away' || lease.outcome === 'unbounded') return;
    const stage: Nearness = lease.left === 0 ? 'reached' : 'near';
    const told = this.#told.get(lease.counter);
    if (told?.window === lease.window && (told.stage === 'reached' || stage === 'near')) return;
    const now = this.#now();
    const isTooSoon = isShort(limit.window) && told?.stage === stage && now - told.at < minute;
    this.#remember(lease.counter, { window: lease.window, stage, at: isTooSoon ? told.at : now });
    const name = readCounterName(lease.counter);
    if (name === undefined) return;
    this.#count(name.level, stage);
    if (isTooSoon) return;
    this.#turn(now);
    const facts = {
      ...{ level: name.level, key: name.key, counter: lease.counter },
      ...{ used: limit.amount - lease.left, limit: limit.amount, measure: limit.measure },
      nextReset: new Date(endOfWindow(limit, now + lease.endsIn)).toISOString(),
    };
    if (this.#logged < mostLogged) {
      this.#logged++;
      if (stage === 'reached') this.#log.warn('a limit is reached', facts);
      else this.#log.info('a limit is nearly reached', facts);
    } else {
      this.#suppressed++;
    }
    if (this.#written < mostWritten) {
      this.#written++;
      const event = stage === 'reached' ? 'limit-reached' : 'limit-near';
      this.#write(`${JSON.stringify({ time: new Date(now).toISOString(), event, ...facts })}\n`);
    }
  }

  /** It begins anew: what happens to it is told again. */
  forget(counter: string): void {
    this.#told.delete(counter);
  }

  #remember(counter: string, told: Told): void {
    this.#told.delete(counter);
    this.#told.set(counter, told);
    if (this.#told.size <= mostRemembered) return;
    const [oldest] = this.#told.keys();
    this.#told.delete(oldest as string);
  }

  #count(level: string, stage: Nearness): void {
    const counts = this.#counts.get(level) ?? { near: 0, reached: 0 };
    counts[stage]++;
    this.#counts.set(level, counts);
  }

  /** Begins the next minute's lines, and says how many the last one did without. */
  #turn(now: number): void {
    const current = Math.floor(now / minute);
    if (current === this.#minute) return;
    if (this.#suppressed > 0) {
      this.#log.warn('more limits were reached or nearly reached than are named', { counters: this.#suppressed });
    }
    this.#minute = current;
    this.#logged = 0;
    this.#written = 0;
    this.#suppressed = 0;
  }
}

function isShort(window: Window): boolean {
  return window.kind === 'first-call' ? window.millis < minute : windowEnd(window, 0) < minute;
}
