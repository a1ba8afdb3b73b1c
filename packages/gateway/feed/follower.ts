import { setTimeout as delay } from 'node:timers/promises';
import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, type Log } from '@sluice/model';
import { Backoff } from './backoff.ts';
import { Entities, type EntityChange } from './entities.ts';
import { Pace } from './pace.ts';
import { loadSnapshot } from './saved-snapshot.ts';
import { SnapshotSaver } from './saver.ts';

/** Milliseconds that events gather, so that a burst makes one new picture. */
const gather = 10;
/** Events that may wait; beyond it the source waits too. */
const mostPending = 10_000;
/** Milliseconds that a start waits for the source before it serves what was kept on disk. */
const patience = 500;
/** Waits between attempts to reach the source, in milliseconds. */
const firstWait = 100;
const longestWait = 2000;
/** Milliseconds between sweeps of revocations whose tokens have expired. */
const sweepInterval = 60_000;

/** What a follower makes of the entities: it takes the changes one by one, and a picture `P` of them when they are consistent. */
export interface PictureMaker<P> {
  apply(kind: EntityChange['kind'], id: string, value: EntityChange['value']): void;
  commit(sequence: number): P;
  /** Does what further follows from the changes, step by step; absent where nothing does. `commit` does what is left of it. */
  catchUp?(): Iterable<void>;
}

export interface FollowerOptions<P> {
  readonly source: FeedSource;
  readonly environment: string;
  /** Where the last picture is kept; undefined keeps none. */
  readonly snapshotFile?: string;
  readonly picture: PictureMaker<P>;
  /** Given every new picture; must swap it in at once. */
  readonly publish: (picture: P) => void;
  readonly log: Log;
}

/** Follows a feed: takes a snapshot, applies what comes after, and begins again when the source was away or lost track. */
export class Follower<P> {
  /** Resolves with the first picture, from wherever it came. Rejects when the follower is closed before. */
  readonly ready: Promise<void>;
  readonly #options: FollowerOptions<P>;
  readonly #log: Log;
  readonly #entities = new Entities();
  readonly #saver: SnapshotSaver | null;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(firstWait, longestWait);
  readonly #sweeper: NodeJS.Timeout;
  readonly #running: Promise<void>;
  #becomeReady: () => void = () => {};
  #fromSource = false;
  #sequence = 0;
  #pending: FeedEvent[] = [];
  /** Changes are applied one after another, whoever asks. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: FollowerOptions<P>) {
    this.#options = options;
    this.#log = options.log;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#stop.signal.addEventListener('abort', () =>
        reject(new Error('The gateway was closed before it was ready')),
      );
    });
    this.ready.catch(() => {});
    const { snapshotFile: file, environment, log } = options;
    const take = () => ({ sequence: this.#sequence, entries: this.#entities.entries() });
    this.#saver = file === undefined ? null : new SnapshotSaver({ file, environment, log, take });
    this.#sweeper = setInterval(() => this.#sweep(), sweepInterval).unref();
    this.#running = this.#run();
  }

  /** Sequence number up to which the picture is current. */
  get sequence(): number {
    return this.#sequence;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#sweeper);
    await this.#running;
    await this.#applying;
    await this.#saver?.flush();
  }

  async #run(): Promise<void> {
    const signal = this.#stop.signal;
    const patient = new AbortController();
    const saved = this.#serveSaved(AbortSignal.any([signal, patient.signal]));
    /** Whether the events after `#sequence` continue the picture; if not, a snapshot is due. */
    let continues = false;
    while (!signal.aborted) {
      try {
        if (!continues) await this.#takeSnapshot(signal);
        continues = true;
        await this.#takeEvents(signal);
        if (!signal.aborted) this.#log.debug('The feed ended; it is taken up again');
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof FeedGapError) continues = false;
        patient.abort();
        this.#log.warn('The feed is away; the gateway serves what it has', { reason: (error as Error).message });
      }
      await this.#applying;
      await this.#backoff.wait(signal);
    }
    await saved;
  }

  /** Serves the picture on disk when the source does not answer soon, or has failed (`given up`). */
  async #serveSaved(givenUp: AbortSignal): Promise<void> {
    const { snapshotFile: file, environment } = this.#options;
    if (file === undefined) return;
    await delay(patience, undefined, { signal: givenUp }).catch(() => {});
    if (this.#fromSource || this.#stop.signal.aborted) return;
    try {
      const saved = await loadSnapshot(file, environment);
      if (saved === undefined) return;
      await this.#exclusively(async () => {
        if (this.#fromSource) return;
        await this.#become(saved);
        this.#log.info('Serving the picture kept on disk until the source answers', { file, sequence: saved.sequence });
      });
    } catch (error) {
      this.#log.warn('The snapshot on disk is ignored', { file, reason: (error as Error).message });
    }
  }

  async #takeSnapshot(signal: AbortSignal): Promise<void> {
    const snapshot = await this.#options.source.snapshot(signal);
    if (snapshot.format !== 1)
      throw new Error(`the feed has the format ${String(snapshot.format)}, which is not known`);
    this.#fromSource = true;
    await this.#exclusively(async () => {
      // Events of a former connection do not continue this snapshot.
      this.#pending = [];
      await this.#become(snapshot);
    });
    this.#backoff.reset();
    this.#log.info('The picture is current', { sequence: snapshot.sequence, entities: this.#entities.size });
    this.#saver?.touch();
  }

  async #takeEvents(signal: AbortSignal): Promise<void> {
    let last = this.#sequence;
    for await (const event of this.#options.source.events(last, signal)) {
      // Another installation counts anew; its events do not continue this picture.
      if (event.sequence <= last) throw new FeedGapError(`event ${event.sequence} came after ${last}`);
      last = event.sequence;
      this.#backoff.reset();
      this.#pending.push(event);
      if (this.#pending.length === 1) this.#exclusively(() => this.#applyPending(signal));
      else if (this.#pending.length >= mostPending) await this.#applying;
    }
    await this.#applying;
  }

  async #applyPending(signal: AbortSignal): Promise<void> {
    await delay(gather, undefined, { signal }).catch(() => {});
    const events = this.#pending;
    this.#pending = [];
    const last = events.at(-1);
    if (last === undefined) return;
    const { environment } = this.#options;
    await this.#apply(
      events.filter((event) => event.environment === null || event.environment === environment),
      last.sequence,
    );
    this.#saver?.touch();
  }

  /** Makes the picture equal to `snapshot`, touching only what differs. */
  async #become(snapshot: FeedSnapshot): Promise<void> {
    await this.#apply(this.#entities.changesTo(snapshot), snapshot.sequence);
    this.#becomeReady();
  }

  /** Applies changes in stretches between which calls get their turn, then swaps the one reference. */
  async #apply(changes: Iterable<EntityChange>, sequence: number): Promise<void> {
    const pace = new Pace();
    const { picture, publish } = this.#options;
    for (const change of changes) {
      this.#entities.apply(change);
      picture.apply(change.kind, change.id, change.value);
      if (pace.isOver) await pace.rest();
    }
    for (const _ of picture.catchUp?.() ?? []) if (pace.isOver) await pace.rest();
    this.#sequence = sequence;
    publish(picture.commit(sequence));
  }

  /** Nothing refuses a revoked token once it has expired by itself. */
  #sweep(): void {
    const expired = this.#entities.expiredRevocations(Date.now());
    if (expired.length === 0) return;
    const changes = expired.map((id): EntityChange => ({ kind: 'revocation', id, value: null }));
    void this.#exclusively(() => this.#apply(changes, this.#sequence));
  }

  /** Runs `work` after all that was asked for before it. A failure is reported and does not stop what follows. */
  #exclusively(work: () => Promise<void>): Promise<void> {
    this.#applying = this.#applying.then(work).catch((error: unknown) => {
      this.#log.error('A change of the picture failed', { error });
    });
    return this.#applying;
  }
}
