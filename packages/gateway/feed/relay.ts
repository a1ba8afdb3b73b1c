import { EventEmitter, on } from 'node:events';
import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, type Log } from '@sluice/model';
import { Entities, type EntityChange } from './entities.ts';
import { Follower } from './follower.ts';

/** Events that are kept for a reader that falls behind; beyond it the reader takes a new snapshot. */
const mostEvents = 10_000;

export interface RelayOptions {
  readonly source: FeedSource;
  readonly environment: string;
  /** Where the last picture is kept; undefined keeps none. */
  readonly snapshotFile?: string;
  readonly log: Log;
}

/**
 * Follows one source on behalf of many readers: the source sees one reader, and the picture on disk has one writer.
 * The readers get a feed of the relay's own, with its own numbers: it never goes back, also when the source does.
 */
export interface Relay extends FeedSource {
  /** Resolves when there is something to read. Rejects when the relay is closed before. */
  readonly ready: Promise<void>;
  /** Sequence number of the source up to which the relay is current. */
  readonly sourceSequence: number;
  /** Sequence number of the relay's last event. */
  readonly sequence: number;
  close(): Promise<void>;
}

/** Starts to follow at once. */
export function relaySource(options: RelayOptions): Relay {
  return new EntityRelay(options);
}

class EntityRelay implements Relay {
  readonly #environment: string;
  readonly #follower: Follower<void>;
  /** What the readers see; changes that are not consistent yet wait in `#changes`. */
  readonly #entities = new Entities();
  #changes: EntityChange[] = [];
  #events: FeedEvent[] = [];
  #sequence = 0;
  readonly #appended = new EventEmitter().setMaxListeners(0);

  constructor({ source, environment, snapshotFile, log }: RelayOptions) {
    this.#environment = environment;
    this.#follower = new Follower({
      source,
      environment,
      ...(snapshotFile === undefined ? {} : { snapshotFile }),
      picture: {
        apply: (kind, id, value) => this.#changes.push({ kind, id, value }),
        commit: () => this.#append(),
      },
      publish: () => this.#appended.emit('events'),
      log,
    });
  }

  get ready(): Promise<void> {
    return this.#follower.ready;
  }

  get sourceSequence(): number {
    return this.#follower.sequence;
  }

  get sequence(): number {
    return this.#sequence;
  }

  async snapshot(signal: AbortSignal): Promise<FeedSnapshot> {
    await this.ready;
    signal.throwIfAborted();
    return {
      format: 1,
      environment: this.#environment,
      sequence: this.#sequence,
      entries: this.#entities.entries(),
    };
  }

  async *events(sequence: number, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    // Listened for before the first look, so that nothing falls between the look and the wait.
    const appended = on(this.#appended, 'events', { signal });
    let after = sequence;
    try {
      for (;;) {
        const next = this.#after(after);
        if (next === undefined) await appended.next();
        else {
          yield next;
          after = next.sequence;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await appended.return?.();
    }
  }

  close(): Promise<void> {
    return this.#follower.close();
  }

  /** The event that follows `sequence`; undefined when there is none yet. */
  #after(sequence: number): FeedEvent | undefined {
    const first = this.#sequence - this.#events.length + 1;
    if (sequence > this.#sequence || sequence < first - 1) {
      throw new FeedGapError(`events after ${sequence} are not kept; kept are ${first} to ${this.#sequence}`);
    }
    return this.#events[sequence + 1 - first];
  }

  #append(): void {
    for (const change of this.#changes) {
      this.#entities.apply(change);
      this.#events.push({ ...change, environment: null, sequence: ++this.#sequence } as FeedEvent);
    }
    this.#changes = [];
    // Half at a time, so that an event costs little.
    if (this.#events.length > mostEvents) this.#events = this.#events.slice(-mostEvents / 2);
  }
}
