import { connect, type Socket } from 'node:net';
import type { Lane } from './lanes.ts';

/** What was seen of one call. */
export interface Sample {
  readonly lane: Lane;
  /** Milliseconds from the end of the request to the answer, less what was allowed; below 0 is early. */
  readonly late: number;
  /** What is wrong with the answer; null when nothing is. */
  readonly wrong: string | null;
}

/** A client that makes one call after the other, each to its deadline. */
export class Client {
  readonly #port: number;
  readonly #lane: Lane;
  readonly #note: (sample: Sample) => void;
  #socket: Socket | null = null;
  #sentAt = 0;
  #answer = '';
  /** A call waits for its answer. */
  waiting = false;
  #over = false;

  constructor(port: number, lane: Lane, note: (sample: Sample) => void) {
    this.#port = port;
    this.#lane = lane;
    this.#note = note;
  }

  call(): void {
    this.#answer = '';
    const socket = this.#socket ?? this.#open();
    this.waiting = true;
    this.#sentAt = performance.now();
    socket.write(this.#lane.request(`/${this.#lane.name}/1.0.0/x`), () => {
      // A connection that had to be opened first takes its time.
      if (socket === this.#socket && this.#answer === '') this.#sentAt = performance.now();
    });
  }

  /** Makes no further call. */
  rest(): void {
    this.#over = true;
  }

  close(): void {
    this.rest();
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.waiting && !this.#over) this.#end('the connection was closed without an answer');
    });
    return socket;
  }

  #read(text: string): void {
    this.#answer += text;
    if (!this.waiting || !this.#answer.includes('\r\n\r\n')) return;
    const { status, cause } = this.#lane;
    const right = this.#answer.startsWith(`HTTP/1.1 ${status} `) && this.#answer.includes(`Sluice-Cause: ${cause}\r\n`);
    this.#end(right ? null : this.#answer.slice(0, this.#answer.indexOf('\r\n\r\n')));
  }

  #end(wrong: string | null): void {
    const late = performance.now() - this.#sentAt - this.#lane.value;
    this.waiting = false;
    // A connection that is closed after its answer is not used again.
    if (/\r\nConnection: close\r\n/i.test(this.#answer)) {
      this.#socket?.destroy();
      this.#socket = null;
    }
    this.#note({ lane: this.#lane, late, wrong });
    if (!this.#over) this.call();
  }
}
