import type { CallStory, StoryAttempt, StoryDeadline, StoryEndpoint, StoryError } from '@sluice/model';
import { correlationOf } from '../chain/correlation.ts';
import type { Exchange } from '../chain/exchange.ts';
import { monotonic } from '../deadlines/clock.ts';
import type { LeafRecord, LeafRecords } from '../endpoints/leaf-records.ts';
import type { CallOutcome } from '../transport/call.ts';
import type { AttemptNote, ErrorNote } from './notes.ts';
import { CallNotes } from './notes.ts';
import type { StoryOptions } from './options.ts';
import { phaseName } from './phase-name.ts';
import { Ring } from './ring.ts';

/** Characters of a path, a message, a name that are kept. */
const longest = 512;

/**
 * The stories of calls that failed, and of those that were drawn, the last of each kind. A flood of one kind (callers without credentials,
 * clients that go away) does not wash out the others.
 */
export class Stories {
  readonly #share: number;
  readonly #origins: Readonly<Record<string, string>>;
  readonly #leaves: LeafRecords;
  readonly #rings: Readonly<Record<CallStory['kept'], Ring<CallStory>>>;

  constructor({ kept = 1000, share = 0, origins = {} }: StoryOptions, leaves: LeafRecords) {
    this.#share = share;
    this.#origins = origins;
    this.#leaves = leaves;
    const ring = () => new Ring<CallStory>(kept);
    this.#rings = { failed: ring(), refused: ring(), abandoned: ring(), sampled: ring() };
  }

  /** Notes for a call that begins, where it is to be told however it ends. */
  begin(): CallNotes | null {
    return this.#share > 0 && Math.random() < this.#share ? new CallNotes(true) : null;
  }

  find(id: string): CallStory | undefined {
    for (const ring of Object.values(this.#rings)) {
      const story = ring.find((one) => one.id === id);
      if (story !== undefined) return story;
    }
    return undefined;
  }

  /** A call is over that has notes, or that did not end as calls should. */
  record(exchange: Exchange, outcome: CallOutcome): void {
    const kept = kindOf(exchange, outcome);
    if (kept === null) return;
    this.#rings[kept].put(this.#tell(exchange, outcome, kept));
  }

  #tell(exchange: Exchange, outcome: CallOutcome, kept: CallStory['kept']): CallStory {
    const { call, notes, api, operation, application } = exchange;
    const attempts = (notes?.attempts ?? []).map((note) => this.#attempt(note, call.started, exchange));
    const failed =
      notes?.error?.entry.code !== undefined && notes.error.entry.code >= 101000 && notes.error.entry.code < 700000;
    const correlation = correlationOf(exchange);
    return {
      id: call.id,
      kept,
      startedAt: call.startedAt,
      process: process.pid,
      client: call.remoteAddress,
      method: copied(call.head.method),
      path: copied(call.head.path),
      ...(correlation === undefined ? {} : { correlation: copied(correlation) }),
      ...(api === null ? {} : { api: api.label }),
      ...(operation === null ? {} : { operation: `${operation.source.verb} ${operation.source.target}` }),
      ...(application === null ? {} : { application: application.source.name }),
      ...(api === null ? {} : { keyType: exchange.keyType }),
      status: outcome.status,
      end: outcome.end,
      duration: rounded(outcome.duration),
      ...(notes?.error ? { error: this.#error(notes.error) } : {}),
      attempts,
      leftOut: notes?.leftOut ?? 0,
      endpoints: api !== null && (failed || attempts.some(({ fault }) => fault)) ? this.#endpoints(api.source.id) : [],
    };
  }

  #error({ entry, code, description, limit }: ErrorNote): StoryError {
    const { setting } = entry;
    return {
      cause: entry.key,
      code,
      description: copied(description),
      ...(setting === undefined ? {} : { setting, origin: this.#originOf(setting) }),
      ...(limit === undefined ? {} : { value: limit }),
    };
  }

  #attempt(
    { leaf, route, began, ended, status, fault, wentOn }: AttemptNote,
    started: number,
    exchange: Exchange,
  ): StoryAttempt {
    return {
      endpoint: leaf.name,
      backend: `${route.host}:${route.port}`,
      began: rounded(began - started),
      took: rounded(ended - began),
      ...(status === 0 ? {} : { status, firstByte: rounded(ended - began) }),
      ...(fault === null
        ? {}
        : {
            fault: {
              cause: fault.entry.key,
              code: fault.code,
              baseCode: fault.entry.code,
              phase: fault.facts.phase,
              phaseName: phaseName(fault.facts.phase),
              message: copied(fault.facts.message),
              ...(fault.facts.deadline === null
                ? {}
                : { fired: this.#deadline(fault.facts.deadline, fault.facts.elapsed, leaf.name, exchange) }),
              replayable: fault.facts.replayable,
              wentOn,
            },
          }),
      pending: [],
    };
  }

  #deadline(
    { name, value, setting }: { readonly name: string; readonly value: number; readonly setting: string },
    at: number,
    endpoint: string,
    exchange: Exchange,
  ): StoryDeadline {
    const origin = name === 'endpoint' ? `API ${exchange.api?.label ?? ''} ${endpoint}` : this.#originOf(setting);
    return { name, value, at: rounded(at), setting, origin };
  }

  #originOf(setting: string): string {
    return this.#origins[setting] ?? 'default';
  }

  #endpoints(apiId: string): StoryEndpoint[] {
    return [...this.#leaves.of(apiId)].map(endpointOf);
  }
}

function kindOf({ notes, tunnelled }: Exchange, { end }: CallOutcome): CallStory['kept'] | null {
  if (notes !== null) {
    const { error } = notes;
    if (notes.attempts.some(({ fault }) => fault !== null)) return 'failed';
    if (error !== null) return error.entry.status >= 500 ? 'failed' : 'refused';
  }
  if (!tunnelled && (end === 'client-closed' || end === 'client-timeout')) return 'abandoned';
  if (!tunnelled && end !== 'complete') return 'failed';
  return notes?.drawn ? 'sampled' : null;
}

function endpointOf({ name, url, state }: LeafRecord): StoryEndpoint {
  const { status, cause, retryAt } = state.facts;
  const retryIn = status === 'off' ? null : rounded(Math.max(0, retryAt - monotonic()));
  return { name, url, state: status, cause, ...(status === 'active' ? {} : { retryIn }) };
}

/** To a tenth of a millisecond. */
function rounded(millis: number): number {
  return Math.round(millis * 10) / 10;
}

/** A text of its own: a piece of what a client sent would keep all of that in memory. */
function copied(text: string): string {
  return Buffer.from(text.length > longest ? `${text.slice(0, longest)}…` : text).toString();
}
