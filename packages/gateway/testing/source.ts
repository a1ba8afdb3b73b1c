import { EventEmitter, once } from 'node:events';
import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, type RuntimeEntry } from '@sluice/model';

/** A feed in memory that a test writes to, and can take away. */
export class TestSource implements FeedSource {
  readonly environment = 'Default';
  /** False makes every request fail, and ends the running one. */
  #available = true;
  #sequence = 1;
  /** Events after this one are kept. */
  #keptAfter = 0;
  #events: FeedEvent[] = [];
  readonly #entries = new Map<string, RuntimeEntry>();
  readonly #changed = new EventEmitter().setMaxListeners(0);
  snapshots = 0;

  constructor(entries: readonly RuntimeEntry[] = []) {
    for (const entry of entries) this.#entries.set(`${entry.kind} ${entry.id}`, entry);
  }

  get sequence(): number {
    return this.#sequence;
  }

  set available(value: boolean) {
    this.#available = value;
    this.#changed.emit('change');
  }

  put(entry: RuntimeEntry, environment: string | null = null): number {
    this.#entries.set(`${entry.kind} ${entry.id}`, entry);
    return this.#append({ ...entry, environment, sequence: ++this.#sequence } as FeedEvent);
  }

  remove(kind: RuntimeEntry['kind'], id: string): number {
    this.#entries.delete(`${kind} ${id}`);
    return this.#append({ kind, id, value: null, environment: null, sequence: ++this.#sequence } as FeedEvent);
  }

  /** Forgets all events, as a source does that keeps them for a while only. */
  forget(): void {
    this.#keptAfter = this.#sequence;
    this.#events = [];
  }

  /** Starts anew, as another installation in the same place. */
  reinstall(entries: readonly RuntimeEntry[]): void {
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(`${entry.kind} ${entry.id}`, entry);
    this.#events = [];
    this.#sequence = 1;
    this.#keptAfter = 0;
  }

  async snapshot(): Promise<FeedSnapshot> {
    if (!this.#available) throw new Error('the source is away');
    this.snapshots++;
    return {
      format: 1,
      environment: this.environment,
      sequence: this.#sequence,
      entries: structuredClone([...this.#entries.values()]),
    };
  }

  async *events(sequence: number, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    let after = sequence;
    while (!signal.aborted) {
      if (!this.#available) throw new Error('the source is away');
      if (after < this.#keptAfter || after > this.#sequence) throw new FeedGapError('gone');
      const next = this.#events.filter((event) => event.sequence > after);
      if (next.length === 0) await once(this.#changed, 'change', { signal }).catch(() => {});
      for (const event of next) {
        yield event;
        after = event.sequence;
      }
    }
  }

  #append(event: FeedEvent): number {
    this.#events.push(event);
    this.#changed.emit('change');
    return event.sequence;
  }
}
