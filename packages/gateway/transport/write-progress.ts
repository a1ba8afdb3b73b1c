import type { Socket } from './socket/socket.ts';

/** How often is looked whether a peer that has bytes to take has taken some, milliseconds. */
export const progressLookMillis = 32;

/** When a peer last took some of what is written to it: who takes bytes, however slowly, is not idle. */
export class WriteProgress {
  /** Monotonic milliseconds. */
  since = 0;
  #queued = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** More was written. */
  begin(now: number): void {
    this.since = now;
    this.#queued = this.#socket.queued;
  }

  /** Looks; true when some was taken since the last look, or nothing is left to take. */
  look(now: number): boolean {
    const { queued } = this.#socket;
    const moved = queued === 0 || queued !== this.#queued;
    this.#queued = queued;
    if (moved) this.since = now;
    return moved;
  }
}
