import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { type GateOwner, MessageGate } from './message-gate.ts';
import type { Socket, SocketUser } from './socket/socket.ts';
import { progressLookMillis } from './write-progress.ts';

/** What a tunnel needs of a connection. */
export type TunnelSocket = Pick<
  Socket,
  'write' | 'pause' | 'resume' | 'end' | 'destroy' | 'reset' | 'handTo' | 'queued' | 'blocked'
>;

/** A connection as it is handed over to a tunnel. */
export interface TunnelSide {
  readonly socket: TunnelSocket;
  /** What came before the tunnel stood and belongs to it. */
  readonly read: Buffer | null;
  /** The peer has closed its sending side already. */
  readonly ended: boolean;
}

/**
 * How a tunnel ended. `complete`: both sides have said all. `client-closed`, `backend-closed`: that side broke. `idle`: neither said
 * anything for too long. `refused`: the call's right to it is over. `aborted`: the listener closed it.
 */
export type TunnelEnd = 'complete' | 'client-closed' | 'backend-closed' | 'idle' | 'refused' | 'aborted';

export interface TunnelOptions {
  /** Milliseconds of silence of both sides after which it is closed; 0 never. */
  readonly idle: number;
  /** Asked once a second, with the bytes so far: false ends the tunnel. Absent: it goes on as long as both sides like. */
  readonly allowed?: ((bytesIn: number, bytesOut: number) => boolean) | undefined;
  /** Asked of each message of both sides. Absent: nobody looks at what passes. */
  readonly gatekeeper?: Gatekeeper | undefined;
  /** Called once, when both connections are given up. */
  over(end: TunnelEnd): void;
}

/** Milliseconds between two questions whether the tunnel may go on. */
const askMillis = 1000;

/**
 * Two connections that exchange bytes without anybody looking at them: what a call becomes when its backend has agreed to another
 * protocol. Either side is read only as fast as the other takes; an end of one direction is passed on and leaves the other open.
 */
export class Tunnel {
  readonly #client: End;
  readonly #backend: End;
  readonly #options: TunnelOptions;
  readonly #deadline = new Deadline(() => this.#look());
  #lastActivity = performance.now();
  #askAt = Number.POSITIVE_INFINITY;
  #over = false;

  /** Takes both connections over. */
  constructor(client: TunnelSide, backend: TunnelSide, options: TunnelOptions) {
    this.#options = options;
    this.#client = new End(this, client.socket, 'client-closed', options.gatekeeper);
    this.#backend = new End(this, backend.socket, 'backend-closed', options.gatekeeper);
    this.#client.other = this.#backend;
    this.#backend.other = this.#client;
    client.socket.handTo(this.#client);
    backend.socket.handTo(this.#backend);
    if (options.allowed) this.#askAt = this.#lastActivity + askMillis;
    this.#watch(this.#lastActivity);
    this.#client.start(client);
    this.#backend.start(backend);
  }

  /** Bytes from the client to the backend so far. */
  get bytesIn(): number {
    return this.#client.bytes;
  }

  get bytesOut(): number {
    return this.#backend.bytes;
  }

  /** Ends it at once. */
  abort(): void {
    this.#finish('aborted');
  }

  // What the two ends tell

  active(): void {
    this.#lastActivity = performance.now();
  }

  /** The other side is full: from now on is looked often whether it takes anything at all. */
  blocked(): void {
    this.#watch(performance.now());
  }

  ended(): void {
    if (this.#client.over && this.#backend.over) this.#look();
  }

  /** A message of either side was held back: the client is told, unless it takes nothing. */
  replaced(): void {
    if (!this.#over && !this.#client.socket.blocked) this.#backend.notify();
  }

  /** One side broke: the other one must not take what it has for the whole. */
  broken(end: TunnelEnd): void {
    if (this.#over) return;
    this.#client.socket.reset();
    this.#backend.socket.reset();
    this.#finish(end);
  }

  /** What one side has sent in full may still be on its way to the other. */
  get #flushing(): boolean {
    return this.#client.socket.queued > 0 || this.#backend.socket.queued > 0;
  }

  #look(): void {
    if (this.#over) return;
    const now = performance.now();
    // Both are asked: each keeps what it saw.
    const [toClient, toBackend] = [this.#client.progressed(), this.#backend.progressed()];
    if (toClient || toBackend) this.#lastActivity = now;
    if (this.#client.over && this.#backend.over && !this.#flushing) {
      this.#finish('complete');
      return;
    }
    const { idle, allowed } = this.#options;
    if (idle > 0 && now - this.#lastActivity >= idle - 1) {
      this.#finish('idle');
      return;
    }
    if (now >= this.#askAt) {
      this.#askAt = now + askMillis;
      if (allowed?.(this.bytesIn, this.bytesOut) === false) {
        this.#finish('refused');
        return;
      }
    }
    this.#watch(now);
  }

  /** One entry on the wheel, looked at in time; looking early is harmless. */
  #watch(now: number): void {
    const { idle } = this.#options;
    let due = Math.min(this.#askAt, idle > 0 ? this.#lastActivity + idle : Number.POSITIVE_INFINITY);
    if (this.#flushing) due = Math.min(due, now + progressLookMillis);
    if (due === Number.POSITIVE_INFINITY) return;
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #finish(end: TunnelEnd): void {
    if (this.#over) return;
    this.#over = true;
    wheel.disarm(this.#deadline);
    this.#client.socket.destroy();
    this.#backend.socket.destroy();
    this.#options.over(end);
  }
}

/** One side: hears what its connection brings and hands it to the other one. */
class End implements SocketUser, GateOwner {
  readonly socket: TunnelSocket;
  /** The other side: set before anything comes. */
  other: End = this;
  /** It has said that nothing more comes. */
  over = false;
  bytes = 0;
  #queued = 0;
  readonly #tunnel: Tunnel;
  readonly #break: TunnelEnd;
  /** Null where messages are not decided about. */
  readonly #gate: MessageGate | null;
  /** It has said that nothing more comes while what came before is held back. */
  #endWaits = false;

  constructor(tunnel: Tunnel, socket: TunnelSocket, broken: TunnelEnd, gatekeeper: Gatekeeper | undefined) {
    this.#tunnel = tunnel;
    this.socket = socket;
    this.#break = broken;
    this.#gate = gatekeeper === undefined ? null : new MessageGate(gatekeeper, this);
  }

  /** What is held back is for the other side. */
  get waits(): boolean {
    return this.#gate?.waits === true;
  }

  start({ socket, read, ended }: TunnelSide): void {
    if (!ended) socket.resume();
    if (read !== null && read.length > 0) this.received(read);
    if (ended) this.ended();
  }

  received(bytes: Buffer): void {
    this.bytes += bytes.length;
    this.#tunnel.active();
    if (this.#gate === null ? this.forward(bytes) : this.#gate.feed(bytes)) return;
    this.socket.pause();
    this.#tunnel.blocked();
  }

  forward(bytes: Buffer): boolean {
    return this.other.socket.write('', bytes);
  }

  replaced(): void {
    this.#tunnel.replaced();
  }

  notify(): void {
    this.#gate?.notify();
  }

  wentOn(): void {
    if (this.#endWaits) this.ended();
    else if (!this.over && !this.other.socket.blocked) this.socket.resume();
  }

  /** This connection takes more: the other one is read on. */
  drained(): void {
    this.#tunnel.active();
    if (!this.other.over && !this.other.waits) this.other.socket.resume();
  }

  ended(): void {
    if (this.over) return;
    this.#endWaits = this.waits;
    if (this.#endWaits) return;
    this.over = true;
    this.#tunnel.active();
    this.other.socket.end();
    this.#tunnel.ended();
  }

  broken(): void {
    this.#tunnel.broken(this.#break);
  }

  closed(): void {
    this.#tunnel.broken(this.#break);
  }

  /** Whether this connection has taken some of what is written to it since the last time it was asked. */
  progressed(): boolean {
    const before = this.#queued;
    this.#queued = this.socket.queued;
    return before !== this.#queued;
  }
}
