import type { ErrorEntry, StayReason } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { faultRow } from '../chain/fault-row.ts';
import type { Leaf } from '../endpoints/leaf.ts';
import type { BackendFault, BrokenOff, Route } from '../transport/call.ts';

/** Attempts of one call that are told one by one. */
const mostAttempts = 16;

/** How an attempt failed, in the catalogue and in the transport's words. */
export interface FaultNote extends Pick<BackendFault, 'message' | 'deadline'> {
  readonly entry: ErrorEntry;
  readonly code: number;
  readonly replayable: boolean;
}

/** One try at a backend, as it goes. Instants are monotonic milliseconds. */
export interface AttemptNote {
  readonly leaf: Leaf;
  readonly route: Route;
  /** What the endpoint granted it; 0 where the global deadline was in force, which `global` is. */
  readonly timeout: number;
  readonly global: number | undefined;
  readonly began: number;
  ended: number;
  /** Of the backend's answer; 0 for none. */
  status: number;
  /** Milliseconds until its first byte. */
  firstByte: number;
  /** Where it stood when it failed or was broken off; null before that. */
  stand: Omit<BrokenOff, 'failure'> | null;
  fault: FaultNote | null;
  /** Another endpoint took the call over; if not, why. */
  wentOn: boolean;
  stayed: StayReason | null;
}

/** The error that the gateway answered. */
export interface ErrorNote {
  readonly entry: ErrorEntry;
  readonly code: number;
  readonly description: string;
  /** The bound that was exceeded, where the answer tells it. */
  readonly limit: number | undefined;
  /** The same where it is no setting of the gateway's own. */
  readonly bound?: Bound | undefined;
}

/** A limit that was met: what sets it, its value, and where that stands. */
export interface Bound {
  readonly setting: string;
  readonly value: number;
  readonly origin: string;
}

/** What is written down of a call while it goes on: nothing of one that succeeds, unless it was drawn to be told. */
export class CallNotes {
  /** It is told however it ends. */
  readonly drawn: boolean;
  readonly attempts: AttemptNote[] = [];
  leftOut = 0;
  error: ErrorNote | null = null;
  #open: AttemptNote | null = null;
  #failed: AttemptNote | null = null;

  constructor(drawn: boolean) {
    this.drawn = drawn;
  }

  get hasFault(): boolean {
    return this.attempts.some(({ fault }) => fault !== null);
  }

  /** A leaf sends. */
  sends({ route, timeout, global }: Exchange, leaf: Leaf, now: number): void {
    const attempt = { leaf, route, timeout, global, began: now, ended: now, status: 0, firstByte: 0 };
    this.#open = { ...attempt, stand: null, fault: null, wentOn: false, stayed: null };
    if (this.attempts.length < mostAttempts) this.attempts.push(this.#open);
    else this.leftOut++;
  }

  /** The backend answers. */
  answers(status: number, now: number): void {
    if (this.#open === null) return;
    this.#open.status = status;
    this.#open.ended = now;
    this.#open.firstByte = now - this.#open.began;
  }

  /** The backend failed; a first attempt is known only from here on. Returns the note of it. */
  fails(exchange: Exchange, leaf: Leaf, facts: BackendFault, now: number): AttemptNote {
    const attempt = this.#attempt(exchange, leaf, facts.elapsed, now);
    this.#open = null;
    const { message, deadline, replayable } = facts;
    attempt.stand = facts;
    this.#failed = attempt;
    attempt.fault = { ...faultRow(facts), message, deadline, replayable };
    return attempt;
  }

  /** No other endpoint gets the call that failed last; the first reason that is given is the nearest. */
  stays(reason: StayReason): void {
    if (this.#failed !== null) this.#failed.stayed ??= reason;
  }

  /** Client or backend broke the call off; `status` and `firstByte` are those of the answer that had begun, 0 for none. */
  breaks(
    exchange: Exchange,
    leaf: Leaf,
    broken: BrokenOff,
    answer: Pick<AttemptNote, 'status' | 'firstByte'>,
    now: number,
  ) {
    const attempt = this.#attempt(exchange, leaf, broken.elapsed, now);
    attempt.stand = broken;
    Object.assign(attempt, answer);
    const { failure } = broken;
    if (failure === null) return;
    const { message, deadline } = failure;
    attempt.fault = { ...faultRow({ ...failure, phase: broken.phase }), message, deadline, replayable: false };
  }

  #attempt(exchange: Exchange, leaf: Leaf, elapsed: number, now: number): AttemptNote {
    if (this.#open === null || this.#open.leaf !== leaf) this.sends(exchange, leaf, now - elapsed);
    const attempt = this.#open as AttemptNote;
    attempt.ended = now;
    return attempt;
  }
}
