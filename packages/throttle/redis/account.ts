import { createHash } from 'node:crypto';
import type { Lease, LeaseRequest } from '../authority.ts';
import type { Limit } from '../limit.ts';
import { windowAt, windowStart } from '../window.ts';
import type { Gone } from './gone.ts';

const hour = 3_600_000;
/** Windows beyond that have no shares: the roster remembers claims for 35 days. */
const longestShared = 32 * 24 * hour;
/** Longest name of a counter that stands in a key as it is, in characters. */
const longestName = 200;

/** A request that waits for Redis. */
export interface Waiting {
  readonly request: LeaseRequest;
  readonly give: (lease: Lease) => void;
  /** Server time at which it was made. */
  readonly since: number;
  readonly late: NodeJS.Timeout;
}

/** What this gateway may spend of one window of one counter. */
export class Account {
  readonly counter: string;
  /** Length of a window that begins with its first call, in milliseconds; 0 of aligned ones. */
  readonly length: number;
  readonly recordKey: string;
  amount: number;
  /** What all gateways together have as shares of a window. */
  base = 0;
  /** Server time at which the window began; 0 while none is open. */
  start = 0;
  end = 0;
  /** Number of the window, as leases name it. */
  number = 0;
  /** Units that may be spent beyond the share, as Redis knows them. */
  difference = 0;
  /** Units that were handed out, and those that were owed. */
  used = 0;
  /** Nothing more is to be had in this window. */
  exhausted = false;
  /** It was opened by this gateway alone, which is cut off: nobody else knows of it. */
  alone = 0;
  /** A word to Redis is on its way. */
  speaking = false;
  /** Something is to be told when it has come back. */
  speakAgain = false;
  /** Server time of the last request, and from when fetching ahead is tried again. */
  wantedAt = 0;
  aheadFrom = 0;
  /** What this installation had spent of the window before it came, should Redis not know. */
  restored = 0;
  /** Units that nobody had when Redis was last asked. */
  elsewhere = 0;
  /** What gateways that have left had spent of the window, by their ids: Redis knows it until it loses its data. */
  gone: Gone | null = null;
  /** Redis knows that nothing could be given back. */
  toldEmpty = false;
  readonly waiting: Waiting[] = [];
  /** Milliseconds until Redis is asked again while others are asked to give back. */
  pause = 0;

  constructor(tag: string, counter: string, amount: number, length: number) {
    this.counter = counter;
    this.amount = amount;
    this.length = length;
    this.recordKey = recordKeyOf(tag, counter);
  }

  /** Takes the limit as it is now, and closes a window that has ended. `now` is server time. */
  turn(limit: Limit, now: number): void {
    if (this.amount !== limit.amount) {
      this.amount = limit.amount;
      this.exhausted = false;
      if (this.end > 0) this.base = this.length > 0 ? 0 : baseOf(this.amount, this.end - this.start);
    }
    if (limit.window.kind === 'first-call') {
      if (this.start > 0 && now >= this.end) this.open(0, 0, 0);
      return;
    }
    if (now < this.end) {
      // A window that was heard of from others has no number yet.
      if (this.number === 0) this.number = windowAt(limit.window, this.start);
      return;
    }
    const number = windowAt(limit.window, now);
    this.open(number, windowStart(limit.window, number), windowStart(limit.window, number + 1));
  }

  /** Begins to count anew. */
  open(number: number, start: number, end: number): void {
    this.number = number;
    this.start = start;
    this.end = end;
    this.difference = 0;
    this.used = 0;
    this.exhausted = false;
    this.alone = 0;
    this.aheadFrom = 0;
    this.restored = 0;
    this.gone = null;
    this.elsewhere = this.amount;
    this.toldEmpty = false;
    this.pause = 0;
    this.base = this.length > 0 ? 0 : baseOf(this.amount, end - start);
  }
}

/** Where Redis keeps what is known of a counter. */
export function recordKeyOf(tag: string, counter: string): string {
  const name = counter.length > longestName ? `~${createHash('sha256').update(counter).digest('base64url')}` : counter;
  return `sluice:{${tag}}:c:${name}`;
}

/**
 * What of a window is shared out beforehand: all of one that lasts up to an hour; of longer ones an hour's part at a time, so that
 * a gateway that dies takes no more than that with it.
 */
function baseOf(amount: number, length: number): number {
  if (length > longestShared) return 0;
  return Math.floor(amount * Math.min(1, hour / length));
}
