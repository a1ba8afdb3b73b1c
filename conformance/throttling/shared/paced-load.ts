import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Scope } from '../../program/program.ts';

/** Milliseconds between two looks at how many calls are due. */
const tick = 4;
/** Calls that are made up for at most when a look comes late: a stall is no reason for a flood. */
const mostAtOnce = 200;
/** Of so many calls one goes to what nothing limits: it tells how fast the machine is just now. */
const every = 10;

/** What came of the calls since the last count began. */
export interface Tally {
  /** Calls to what is limited; the figures below are theirs. */
  sent: number;
  admitted: number;
  refused: number;
  /** Calls of which nobody could say whether the limit is reached (503 `quota-authority-away`). */
  away: number;
  /** Anything else, and broken connections, in words. */
  readonly others: string[];
  /** Milliseconds from the call to its answer. */
  readonly latencies: number[];
  /** The same of calls to what nothing limits. */
  readonly unlimited: number[];
}

/** What is called, and with which right. */
export interface Target {
  readonly path: string;
  readonly token: string;
}

/** An answer, and how many milliseconds it took. */
interface Answered {
  readonly head: string;
  readonly millis: number;
  /** The call went to what is limited. */
  readonly limited: boolean;
}

/** One keep-alive connection with one call at a time. */
class Caller {
  readonly #socket: Socket;
  #sentAt = 0;
  #limited = true;
  #text = '';

  constructor(socket: Socket, onAnswer: (answered: Answered) => void) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      const end = this.#text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text)?.[1];
      if (this.#text.length < end + 4 + Number(length ?? 0)) return;
      const head = this.#text.slice(0, end);
      this.#text = '';
      onAnswer({ head, millis: performance.now() - this.#sentAt, limited: this.#limited });
    });
  }

  call(request: string, limited: boolean): void {
    this.#sentAt = performance.now();
    this.#limited = limited;
    this.#socket.write(request);
  }
}

/** Calls at a steady rate over connections to several gateways, each in its turn. */
export class PacedLoad {
  readonly #idle: Caller[] = [];
  readonly #limited: string;
  readonly #unlimited: string;
  #tally: Tally = emptyTally();
  #calls = 0;
  #inFlight = 0;
  #drained: (() => void) | null = null;

  constructor(limited: Target, unlimited: Target) {
    this.#limited = requestTo(limited);
    this.#unlimited = requestTo(unlimited);
  }

  /** Opens so many connections to each of the URLs. */
  async open(scope: Scope, urls: readonly string[], connections: number): Promise<void> {
    // Turn by turn, so that every gateway gets its part at any rate.
    for (let index = 0; index < connections; index++) {
      for (const url of urls) {
        const { hostname, port } = new URL(url);
        const socket = connect({ host: hostname, port: Number(port), noDelay: true });
        scope.after(() => socket.destroy());
        await once(socket, 'connect');
        const caller: Caller = new Caller(socket, (answered) => this.#take(caller, answered));
        socket.on('error', (error) => this.#tally.others.push(error.message));
        socket.on('close', () => this.#tally.others.push('a gateway closed a connection'));
        this.#idle.push(caller);
      }
    }
  }

  /** Makes `rate` calls a second until that time (epoch milliseconds), waits for their answers and tells what came of them. */
  async run(rate: number, until: number): Promise<Tally> {
    this.#tally = emptyTally();
    const began = performance.now();
    let made = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (Date.now() >= until) {
          clearInterval(timer);
          resolve();
          return;
        }
        const due = Math.floor(((performance.now() - began) * rate) / 1000) - made;
        made += due;
        for (let call = 0; call < Math.min(due, mostAtOnce); call++) {
          const caller = this.#idle.shift();
          if (caller === undefined) break;
          this.#call(caller);
        }
      }, tick);
    });
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    return this.#tally;
  }

  #call(caller: Caller): void {
    const limited = ++this.#calls % every !== 0;
    this.#inFlight++;
    if (limited) this.#tally.sent++;
    caller.call(limited ? this.#limited : this.#unlimited, limited);
  }

  #take(caller: Caller, { head, millis, limited }: Answered): void {
    const status = Number(head.slice(9, 12));
    if (!limited && status === 200) this.#tally.unlimited.push(millis);
    else if (!limited) this.#tally.others.push(head.slice(0, 300));
    else this.#count(status, millis, head);
    this.#idle.push(caller);
    if (--this.#inFlight === 0) this.#drained?.();
  }

  #count(status: number, millis: number, head: string): void {
    this.#tally.latencies.push(millis);
    if (status === 200) this.#tally.admitted++;
    else if (status === 429) this.#tally.refused++;
    else if (head.includes('Sluice-Cause: quota-authority-away')) this.#tally.away++;
    else this.#tally.others.push(head.slice(0, 300));
  }
}

function requestTo({ path, token }: Target): string {
  return `GET ${path} HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

function emptyTally(): Tally {
  return { sent: 0, admitted: 0, refused: 0, away: 0, others: [], latencies: [], unlimited: [] };
}
