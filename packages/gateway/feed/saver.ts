import type { Log, RuntimeEntry } from '@sluice/model';
import { saveSnapshot } from './saved-snapshot.ts';

/** Milliseconds that changes gather before the picture is written. */
const settle = 1000;
/** A picture that took long to write is written less often: the pause is this many times the last duration. */
const leisure = 10;

/** Keeps the last picture on disk: written some time after a change, one writing at a time, at once when closed. */
export class SnapshotSaver {
  readonly #file: string;
  readonly #environment: string;
  readonly #log: Log;
  readonly #take: () => { readonly sequence: number; readonly entries: readonly RuntimeEntry[] };
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #dirty = false;
  #lastDuration = 0;

  constructor(options: {
    readonly file: string;
    readonly environment: string;
    readonly log: Log;
    /** The picture as it is now. */
    readonly take: () => { readonly sequence: number; readonly entries: readonly RuntimeEntry[] };
  }) {
    this.#file = options.file;
    this.#environment = options.environment;
    this.#log = options.log;
    this.#take = options.take;
  }

  /** The picture has changed. */
  touch(): void {
    this.#dirty = true;
    this.#timer ??= setTimeout(() => void this.flush(), Math.max(settle, this.#lastDuration * leisure)).unref();
  }

  /** Writes what has changed and resolves when it is on the disk. A disk that fails is reported, and tried again with the next change. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    const began = performance.now();
    try {
      const { sequence, entries } = this.#take();
      await saveSnapshot(this.#file, { format: 1, environment: this.#environment, sequence }, entries);
    } catch (error) {
      this.#log.warn('The snapshot could not be kept on disk', { file: this.#file, reason: (error as Error).message });
    }
    this.#lastDuration = performance.now() - began;
  }
}
