import type { Server } from 'node:net';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { ConnectionLimit, Gate } from './connection-limit.ts';
import type { BoundSocket } from './options.ts';

/** Connections that the kernel accepts ahead of the process, and that wait in the process where they cannot wait there. */
export const backlog = 1024;

/** Milliseconds before another handle is asked for again, after one did not come. */
const retryMillis = 200;

/** What a connection is before anybody reads from it. */
interface Arrival {
  /** Ends it unread. */
  refuse(): void;
  take(): void;
}

/**
 * Where the connections of a listener come in while there is room. A listening handle cannot be told to stop: it is closed, and later another handle on
 * the same socket listens, which only a process that does not hold the socket alone can have. Meanwhile connections wait in the queue of the
 * socket for anybody who has room. A process that holds it alone takes them and leaves them unread, at most `backlog` of them, which to a client is the same.
 */
export class Entrance implements Gate {
  readonly #server: Server;
  readonly #limit: ConnectionLimit;
  readonly #another: (() => Promise<BoundSocket | undefined>) | undefined;
  /** Called when the server listens anew. */
  readonly #reopened: () => void;
  readonly #waiting: Arrival[] = [];
  #spare: BoundSocket | null = null;
  #asked = false;
  #closed = false;
  readonly #retry = new Deadline(() => this.resume());

  constructor(
    server: Server,
    limit: ConnectionLimit,
    another: (() => Promise<BoundSocket | undefined>) | undefined,
    reopened: () => void,
  ) {
    this.#server = server;
    this.#limit = limit;
    this.#another = another;
    this.#reopened = reopened;
  }

  /** The server listens for the first time. */
  open(): void {
    this.#ask();
    this.#limit.add(this);
  }

  /** A connection came: it is taken, or waits until there is room. */
  arrive(arrival: Arrival): void {
    if (!this.#limit.full) {
      this.#limit.opened();
      arrival.take();
    } else if (this.#waiting.length < backlog) this.#waiting.push(arrival);
    else arrival.refuse();
  }

  /** A connection that was taken is over. */
  left(): void {
    this.#limit.closed();
  }

  pause(): void {
    if (this.#another !== undefined && this.#server.listening) this.#server.close();
  }

  resume(): void {
    while (!this.#limit.full) {
      const arrival = this.#waiting.shift();
      if (arrival === undefined) break;
      this.#limit.opened();
      arrival.take();
    }
    if (this.#another === undefined || this.#closed || this.#limit.full || this.#server.listening) return;
    if (this.#spare !== null) {
      this.#server.listen(this.#spare, backlog);
      this.#spare = null;
      if (this.#server.listening) this.#reopened();
      else wheel.arm(this.#retry, retryMillis);
    }
    this.#ask();
  }

  /** Ends; what waits in the process is taken, or refused. */
  close(takes: boolean): void {
    this.#closed = true;
    wheel.disarm(this.#retry);
    this.#spare?.close();
    this.#spare = null;
    for (const arrival of this.#waiting.splice(0)) {
      if (!takes) arrival.refuse();
      else {
        this.#limit.opened();
        arrival.take();
      }
    }
  }

  /** Has a spare handle fetched, so that the next pause can end at once. */
  #ask(): void {
    if (this.#another === undefined || this.#asked || this.#closed || this.#spare !== null) return;
    this.#asked = true;
    this.#another()
      .catch(() => undefined)
      .then((handle) => this.#came(handle));
  }

  /** A process that has no descriptor left for it gets none. */
  #came(handle: BoundSocket | undefined): void {
    this.#asked = false;
    if (this.#closed) {
      handle?.close();
    } else if (handle === undefined) wheel.arm(this.#retry, retryMillis);
    else {
      this.#spare = handle;
      if (!this.#limit.full) this.resume();
    }
  }
}
