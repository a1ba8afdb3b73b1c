import type { CallStory, ErrorEntry, StoryDeadline } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { monotonic } from '../deadlines/clock.ts';
import type { LeafRecord, LeafRecords } from '../endpoints/leaf-records.ts';
import type { CallOutcome, RefusedFrom } from '../transport/call.ts';
import type { Timeouts } from '../transport/options.ts';
import { Counts } from './counts.ts';
import { AttemptDeadlines } from './deadlines.ts';
import { type AttemptNote, CallNotes } from './notes.ts';
import type { StoryOptions } from './options.ts';
import { Ring } from './ring.ts';
import { isOfEndpoint, type Places, tell, tellRefusal } from './tell.ts';

/** What became of calls and attempts that failed, since the start; by rows of the error catalogue. */
export interface FailureStatistics {
  /** Calls: also `recovered` where another endpoint answered, and `client-closed` and the like where one side broke it off. */
  readonly calls: Readonly<Record<string, number>>;
  /** Attempts at backends. */
  readonly faults: Readonly<Record<string, number>>;
}

/**
 * The stories of calls that failed, and of those that were drawn, the last of each kind. A flood of one kind (callers without credentials,
 * clients that go away) does not wash out the others.
 */
export class Stories {
  /** Calls by what became of them, and attempts by how they failed. */
  readonly #calls = new Counts();
  readonly #faults = new Counts();
  readonly #share: number;
  readonly #places: Places;
  readonly #leaves: LeafRecords;
  readonly #rings: Readonly<Record<CallStory['kept'], Ring<CallStory>>>;

  constructor(
    { kept = 1000, share = 0, deadlines = {}, origins = {} }: StoryOptions,
    timeouts: Timeouts,
    leaves: LeafRecords,
  ) {
    this.#share = share;
    this.#places = { deadlines: new AttemptDeadlines(timeouts, deadlines), origins };
    this.#leaves = leaves;
    const ring = () => new Ring<CallStory>(kept);
    this.#rings = { failed: ring(), refused: ring(), abandoned: ring(), sampled: ring() };
  }

  get statistics(): FailureStatistics {
    return { calls: this.#calls.all, faults: this.#faults.all };
  }

  /** Notes for a call that begins, where it is to be told however it ends. */
  begin(): CallNotes | null {
    return this.#share > 0 && Math.random() < this.#share ? new CallNotes(true) : null;
  }

  find(id: string): CallStory | undefined {
    for (const story of this.all()) if (story.id === id) return story;
    return undefined;
  }

  /** In no order. */
  *all(): Iterable<CallStory> {
    for (const ring of Object.values(this.#rings)) yield* ring;
  }

  /** The deadline that ended an attempt, with the place where it is set. */
  fired(attempt: AttemptNote | null): StoryDeadline | undefined {
    return attempt === null ? undefined : this.#places.deadlines.fired(attempt);
  }

  /** A call is over that has notes, or that did not end as calls should. */
  record(exchange: Exchange, outcome: CallOutcome): void {
    if (exchange.tunnelled && exchange.notes === null) return;
    const { leaf } = exchange;
    const { broken, status, backendTime } = outcome;
    if (broken !== null && leaf !== null) {
      exchange.notes ??= new CallNotes(false);
      const answer = backendTime < 0 ? { status: 0, firstByte: 0 } : { status, firstByte: backendTime };
      exchange.notes.breaks(exchange, leaf, broken, answer, monotonic());
    }
    for (const { fault } of exchange.notes?.attempts ?? []) if (fault !== null) this.#faults.add(fault.entry.key);
    const kept = kindOf(exchange, outcome);
    if (kept === null) return;
    if (kept !== 'sampled') this.#calls.add(causeOf(exchange, outcome));
    this.#rings[kept].put(tell(exchange, outcome, kept, this.#places, this.#leavesOf(exchange)));
  }

  /** Those of its API, and shared ones that it was sent to. */
  #leavesOf({ api, notes }: Exchange): Iterable<LeafRecord> {
    const own = api === null ? [] : this.#leaves.of(api.source.id);
    return new Set([...own, ...(notes?.attempts ?? []).map(({ leaf }) => leaf.record)]);
  }

  /** A request was refused before it became a call. */
  refuse(id: string, entry: ErrorEntry, detail: string, from: RefusedFrom): void {
    this.#calls.add(entry.key);
    this.#rings.refused.put(tellRefusal(id, entry, detail, from, this.#places));
  }
}

function kindOf({ notes, tunnelled }: Exchange, { end }: CallOutcome): CallStory['kept'] | null {
  if (notes?.hasFault) return 'failed';
  if (notes?.error) return isFailure(notes.error.entry) ? 'failed' : 'refused';
  if (!tunnelled && (end === 'client-closed' || end === 'client-timeout')) return 'abandoned';
  if (!tunnelled && end !== 'complete') return 'failed';
  return notes?.drawn ? 'sampled' : null;
}

/** What the gateway does not let through, for want of room too, is no failure of anything behind it. */
function isFailure(entry: ErrorEntry): boolean {
  return isOfEndpoint(entry) || entry.status === 500;
}

/** What the call failed of, in one word: a row of the catalogue, or who broke it off; `recovered` where another endpoint answered after all. */
function causeOf({ notes }: Exchange, { end }: CallOutcome): string {
  if (notes?.error) return notes.error.entry.key;
  const last = notes?.attempts.at(-1)?.fault;
  if (last) return last.entry.key;
  return end === 'complete' ? 'recovered' : end;
}
