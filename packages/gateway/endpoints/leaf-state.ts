import type { SuspensionRules } from './suspension.ts';

/** As WSO2 calls them, in lower case: what `off` is there is logged as MAINTNENCE. */
export type LeafStatus = 'active' | 'timeout' | 'suspended' | 'off';

/** What of a leaf's state other processes need to know. Times are milliseconds of the clock that the state is asked with. */
export interface LeafFacts {
  readonly status: LeafStatus;
  /** Calls go to it again from then on; 0 where it never was kept from them. */
  readonly retryAt: number;
  /** Timeouts that are still forgiven before it is suspended. */
  readonly remaining: number;
  /** Length of the last suspension; the next one grows from it. */
  readonly lastDuration: number;
  /** Code of the fault that led here; 0 for none. */
  readonly cause: number;
  readonly since: number;
}

/** WSO2's default of `markForSuspension`: timed out, and closed before the answer. */
const usualTimeoutCodes: ReadonlySet<number> = new Set([101504, 101505]);

/** An initial duration that is not given (wso2-gateway.md 4.2). */
const usualSuspension = 30_000;

/**
 * Whether calls may go to one backend address: Synapse's state machine (wso2-gateway.md 4.2), with its quirks. Codes of timeouts are looked at
 * before those of suspension; `-1` alone matches nothing; an initial duration of 0 never grows; a leaf whose time is over is ready
 * for any number of calls, and only an answer makes it active.
 */
export class LeafState {
  readonly #timeoutCodes: ReadonlySet<number>;
  /** Null takes every code. */
  readonly #suspendCodes: ReadonlySet<number> | null;
  readonly #rules: SuspensionRules;
  #facts: LeafFacts;
  /** Faults since the last answer. */
  #faultsInRow = 0;

  constructor(rules: SuspensionRules, now: number) {
    this.#rules = rules;
    const { markForSuspension: mark, suspendOnFailure: suspend } = rules;
    this.#timeoutCodes = mark.errorCodes.length === 0 ? usualTimeoutCodes : codesOf(mark.errorCodes);
    this.#suspendCodes = suspend.errorCodes.length === 0 ? null : codesOf(suspend.errorCodes);
    this.#facts = this.#active(now);
  }

  get facts(): LeafFacts {
    return this.#facts;
  }

  get isActive(): boolean {
    return this.#facts.status === 'active';
  }

  /** Whether an answer changes nothing. */
  get isSettled(): boolean {
    return this.#faultsInRow === 0 && this.#facts.status === 'active';
  }

  /** Whether a call may go there now. */
  ready(now: number): boolean {
    const { status, retryAt } = this.#facts;
    return status === 'active' || (status !== 'off' && now >= retryAt);
  }

  /** A call failed with this code. True when that changed anything. */
  failed(code: number, now: number): boolean {
    if (this.#facts.status === 'off') return false;
    const { most } = this.#rules;
    this.#faultsInRow++;
    if (most !== null && this.#faultsInRow >= most.faults) {
      this.#rest(most.duration, code, now);
      return true;
    }
    if (this.#timeoutCodes.has(code)) {
      if (this.#facts.remaining <= 0) this.#suspend(code, now);
      else this.#wait(code, now);
      return true;
    }
    if (this.#suspendCodes !== null && !this.#suspendCodes.has(code)) return false;
    this.#suspend(code, now);
    return true;
  }

  /** The backend answered, whatever it said. True when that changed anything. */
  succeeded(now: number): boolean {
    const { status } = this.#facts;
    this.#faultsInRow = 0;
    if (status === 'active' || status === 'off') return false;
    this.#facts = this.#active(now);
    return true;
  }

  /** It gets no calls for so many milliseconds, whatever its rules say. True unless it is off. */
  rest(duration: number, code: number, now: number): boolean {
    if (this.#facts.status === 'off') return false;
    this.#rest(duration, code, now);
    return true;
  }

  /** An operator takes it out of use. */
  switchOff(now: number): void {
    this.#facts = { ...this.#active(now), status: 'off' };
  }

  /** An operator takes it into use, whatever its state was. */
  switchOn(now: number): void {
    this.#faultsInRow = 0;
    this.#facts = this.#active(now);
  }

  /** Another process, or an earlier run, knows better. */
  take(facts: LeafFacts): void {
    this.#facts = facts;
  }

  #active(now: number): LeafFacts {
    const remaining = this.#rules.markForSuspension.retriesBeforeSuspension;
    return { status: 'active', retryAt: 0, remaining, lastDuration: 0, cause: 0, since: now };
  }

  #wait(code: number, now: number): void {
    const { retryDelay } = this.#rules.markForSuspension;
    const remaining = this.#facts.remaining - 1;
    this.#facts = { ...this.#facts, status: 'timeout', retryAt: now + retryDelay, remaining, cause: code, since: now };
  }

  #suspend(code: number, now: number): void {
    const { lastDuration } = this.#facts;
    const { initialDuration, maximumDuration, progressionFactor } = this.#rules.suspendOnFailure;
    let duration =
      lastDuration > 0 ? Math.trunc(lastDuration * progressionFactor) : (initialDuration ?? usualSuspension);
    if (maximumDuration !== null && duration > maximumDuration) duration = maximumDuration;
    else if (duration < 0) duration = usualSuspension;
    this.#rest(duration, code, now);
  }

  #rest(duration: number, cause: number, now: number): void {
    this.#facts = {
      ...this.#facts,
      status: 'suspended',
      retryAt: now + duration,
      lastDuration: duration,
      cause,
      since: now,
    };
  }
}

/** `-1` alone, which matches nothing, is a code that no fault has. */
function codesOf(codes: readonly string[]): ReadonlySet<number> {
  return new Set(codes.map(Number));
}
