import type { ErrorEntry } from '@sluice/model';
import type { Leaf } from '../endpoints/leaf.ts';
import type { BackendFault, Route } from '../transport/call.ts';

/** Attempts of one call that are told one by one. */
const mostAttempts = 16;

/** One try at a backend, as it goes. Instants are monotonic milliseconds. */
export interface AttemptNote {
  readonly leaf: Leaf;
  readonly route: Route;
  readonly began: number;
  ended: number;
  /** Of the backend's answer; 0 for none. */
  status: number;
  fault: { readonly facts: BackendFault; readonly entry: ErrorEntry; readonly code: number } | null;
  /** Another endpoint took the call over. */
  wentOn: boolean;
}

/** The error that the gateway answered. */
export interface ErrorNote {
  readonly entry: ErrorEntry;
  readonly code: number;
  readonly description: string;
  /** The bound that was exceeded, where the answer tells it. */
  readonly limit: number | undefined;
}

/** What is written down of a call while it goes on: nothing of one that succeeds, unless it was drawn to be told. */
export class CallNotes {
  /** It is told however it ends. */
  readonly drawn: boolean;
  readonly attempts: AttemptNote[] = [];
  leftOut = 0;
  error: ErrorNote | null = null;
  #open: AttemptNote | null = null;

  constructor(drawn: boolean) {
    this.drawn = drawn;
  }

  /** A leaf sends. */
  sends(leaf: Leaf, route: Route, now: number): void {
    this.#open = { leaf, route, began: now, ended: now, status: 0, fault: null, wentOn: false };
    if (this.attempts.length < mostAttempts) this.attempts.push(this.#open);
    else this.leftOut++;
  }

  /** The backend answers. */
  answers(status: number, now: number): void {
    if (this.#open === null) return;
    this.#open.status = status;
    this.#open.ended = now;
  }

  /** The backend failed; a first attempt is known only from here on. Returns the note of it. */
  fails(leaf: Leaf, route: Route, fault: NonNullable<AttemptNote['fault']>, now: number): AttemptNote {
    if (this.#open === null || this.#open.leaf !== leaf) this.sends(leaf, route, now - fault.facts.elapsed);
    const attempt = this.#open as AttemptNote;
    attempt.fault = fault;
    attempt.ended = now;
    this.#open = null;
    return attempt;
  }
}
