import { createServer, type Socket } from 'node:net';
import { readHead } from '../../packages/gateway/transport/testing/message.ts';
import { PeerGone, Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { OwnPlace } from '../wire/own-place.ts';
import type { Behaviour } from './behaviours.ts';

/** A request as a backend got it. */
export interface Received {
  /** Request line. */
  readonly start: string;
  /** Header lines, names in lower case. */
  readonly lines: ReadonlyMap<string, string>;
  /** As much of it as the backend has read. */
  body: string;
  /** All of it has come. */
  whole: boolean;
}

/** A backend that does with each connection and request what it was told last, and may go away and come back. */
export class Backend {
  readonly name: string;
  readonly received: Received[] = [];
  /** Connections that it has accepted. */
  accepted = 0;
  does: Behaviour;
  readonly #place = new OwnPlace();
  readonly #wires = new Set<Wire>();
  /** What went wrong in its own part. */
  readonly failures: unknown[] = [];

  constructor(name: string, does: Behaviour) {
    this.name = name;
    this.does = does;
  }

  get url(): string {
    return this.#place.url;
  }

  async start(): Promise<this> {
    await this.#place.take(createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket)));
    return this;
  }

  /** Nothing listens any more, and all connections are gone. */
  async stop(): Promise<void> {
    for (const { socket } of this.#wires) socket.destroy();
    await this.#place.leave();
  }

  /** Closes what nobody uses, as a backend does with kept connections. */
  hangUp(): void {
    for (const { socket } of this.#wires) socket.end();
  }

  async #serve(socket: Socket): Promise<void> {
    const wire = new Wire(socket);
    this.#wires.add(wire);
    socket.on('close', () => this.#wires.delete(wire));
    this.accepted++;
    try {
      if (this.does.accepted?.(wire) === true) return;
      for (;;) {
        const head = await readHead(wire);
        const lines = new Map(head.lines.map(([name, value]) => [name.toLowerCase(), value]));
        const request: Received = { start: head.start, lines, body: '', whole: false };
        this.received.push(request);
        if (!(await this.does.asked(wire, request))) return;
      }
    } catch (error) {
      // A gateway that goes away in the middle is what many cases are about.
      if (!(error instanceof PeerGone)) this.failures.push(error);
    }
  }
}
