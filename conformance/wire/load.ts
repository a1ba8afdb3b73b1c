import { connect, type Socket } from 'node:net';

/**
 * Keeps `connections` keep-alive connections busy with one request after the other, until stopped.
 * Every answer must be a complete 2xx with Content-Length; anything else is a failure.
 */
export class Load {
  readonly #sockets: Socket[] = [];
  readonly #url: URL;
  readonly #request: string;
  readonly #connections: number;
  readonly #failures: string[] = [];
  readonly #seen = new Set<string>();
  #answers = 0;
  #running = false;
  #idle: (() => void) | undefined;
  #busy = 0;

  constructor(url: string, request: string, connections: number) {
    this.#url = new URL(url);
    this.#request = request;
    this.#connections = connections;
  }

  start(): void {
    this.#running = true;
    for (let index = 0; index < this.#connections; index++) this.#open();
  }

  /** Lets the calls in flight end; resolves with what happened. `seen` holds the JSON member `target` of the answers. */
  async stop(): Promise<{ answers: number; failures: string[]; seen: Set<string> }> {
    this.#running = false;
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    return { answers: this.#answers, failures: this.#failures.slice(0, 20), seen: this.#seen };
  }

  #open(): void {
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    this.#sockets.push(socket);
    this.#busy++;
    let text = '';
    const next = () => {
      if (this.#running) socket.write(this.#request);
      else socket.end();
    };
    socket.setEncoding('latin1');
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      text += chunk;
      const length = completeLength(text);
      if (length === 0) return;
      this.#take(text.slice(0, length));
      text = text.slice(length);
      next();
    });
    socket.on('error', (error) => this.#failures.push(error.message));
    socket.on('close', () => {
      if (this.#running) this.#failures.push('the gateway closed a connection');
      else if (text) this.#failures.push(`an answer was cut short: ${text.slice(0, 200)}`);
      if (--this.#busy === 0) this.#idle?.();
    });
  }

  #take(answer: string): void {
    if (/^HTTP\/1\.1 2\d\d /.test(answer)) this.#answers++;
    else this.#failures.push(answer.slice(0, 300));
    const target = /"target":"([^"]*)"/.exec(answer)?.[1];
    if (target) this.#seen.add(target);
  }
}

/** Length of the complete answer at the start of `text`; 0 while it is not whole. */
function completeLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  const whole = end + 4 + Number(length ?? 0);
  return text.length >= whole ? whole : 0;
}
