import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { readAnswer, readHead, readRequest } from '../../packages/gateway/transport/testing/message.ts';
import { punctual } from '../../packages/gateway/transport/testing/punctual.ts';
import type { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { type AnswerExpectation, assertAnswer, assertMessage, type Expectation, type Lines } from './expectation.ts';
import { type Step, shown } from './step.ts';
import type { World } from './world.ts';

/** Answered by the gateway itself, so that a connection can be tried without a backend. */
const healthCheck = 'GET /api/am/gateway/v2/server-startup-healthcheck HTTP/1.1\r\nHost: a\r\n\r\n';

/** One end of a connection to the gateway. */
abstract class Actor {
  readonly name: string;
  protected abstract readonly connections: readonly number[];

  constructor(name: string) {
    this.name = name;
  }

  protected abstract wire(world: World): Promise<Wire>;

  protected step(text: string, run: (wire: Wire, world: World) => Promise<unknown> | unknown): Step {
    return {
      text: `${this.name} ${text}`,
      connections: this.connections,
      run: async (world) => run(await this.wire(world), world),
    };
  }

  /** Sends each piece in a turn of the event loop of its own. */
  sends(...pieces: readonly string[]): Step {
    return this.step(`sends ${shown(pieces.join(''))}`, (wire, world) =>
      wire.trickle(pieces.map((piece) => world.localize(piece))),
    );
  }

  /** Sends byte by byte, each in a turn of its own. */
  trickles(bytes: string): Step {
    return this.step(`trickles ${shown(bytes)}`, (wire, world) => wire.trickle(world.localize(bytes)));
  }

  /** Sends byte by byte with `millis` between two, until all are out or the connection is over. */
  drips(bytes: string, millis: number): Step {
    return this.step(`drips ${shown(bytes)}`, (wire, world) => drip(wire, world.localize(bytes), millis));
  }

  /** Goes on sending `piece` as fast as it is taken, until the connection is over or the case is. */
  floods(piece: string): Step {
    return this.step(`floods ${shown(piece)}`, (wire, world) => {
      const bytes = Buffer.from(world.localize(piece), 'latin1');
      const pump = () => {
        while (!wire.socket.destroyed && wire.socket.writable && wire.socket.write(bytes));
      };
      wire.socket.on('drain', pump);
      world.after(() => wire.socket.off('drain', pump));
      pump();
    });
  }

  /** Reads these very bytes. */
  sees(bytes: string): Step {
    return this.step(`sees ${shown(bytes)}`, async (wire, world) => {
      const wanted = world.localize(bytes);
      assert.equal((await wire.take(wanted.length)).toString('latin1'), wanted);
    });
  }

  /** Reads up to these bytes, whatever comes before them. */
  seesUpTo(bytes: string): Step {
    return this.step(`sees up to ${shown(bytes)}`, (wire, world) => wire.through(world.localize(bytes)));
  }

  /** Reads `count` bytes, whatever they are. */
  takes(count: number): Step {
    return this.step(`takes ${count} bytes`, (wire) => wire.sift(count, () => {}));
  }

  /** Stops reading. */
  pauses(): Step {
    return this.step('stops reading', (wire) => void wire.socket.pause());
  }

  resumes(): Step {
    return this.step('reads on', (wire) => void wire.socket.resume());
  }

  /** Sends a FIN and goes on reading. */
  ends(): Step {
    return this.step('sends a FIN', (wire) => void wire.socket.end());
  }

  /** Sends a RST. */
  resets(): Step {
    return this.step('sends a RST', (wire) => wire.reset());
  }

  /** The gateway ends the connection, by a FIN or RST where `how` says so, and sends nothing more before. */
  isClosed(how?: 'end' | 'reset'): Step {
    return this.step(`is closed${how ? ` (${how})` : ''}`, async (wire) => {
      assert.equal(await wire.rest(), '', 'something came before the end');
      if (how) assert.equal(wire.over, how);
    });
  }

  /** The gateway breaks the connection off within a body: what has come of it may be anything but its end. */
  isCutOff(): Step {
    return this.step('is cut off', async (wire) => {
      const rest = await wire.rest();
      assert.ok(!rest.endsWith('0\r\n\r\n'), `the body looks whole: ${shown(rest)}`);
    });
  }

  /** What came so far was all read by the steps, and the connection is open. */
  waits(): Step {
    return this.step('waits', async (wire) => {
      await setImmediate();
      assert.equal(wire.buffered.toString('latin1'), '', 'something came');
      assert.equal(wire.over, null, 'the connection ended');
    });
  }
}

class Client extends Actor {
  readonly #number: number;
  readonly #secure: boolean;
  protected readonly connections = [];

  constructor(name: string, number: number, secure = false) {
    super(name);
    this.#number = number;
    this.#secure = secure;
  }

  protected wire(world: World): Promise<Wire> {
    return world.client(this.#number, this.#secure);
  }

  /** Reads one answer. */
  gets(status: number, expected: AnswerExpectation = {}): Step {
    return this.step(`gets ${status}`, async (wire, world) => {
      assertAnswer(await readAnswer(wire, expected.to), status, expected, world);
    });
  }

  /** Reads the head of an answer, and leaves its body. */
  getsHead(status: number, lines: Lines = {}): Step {
    return this.step(`gets the head of ${status}`, async (wire, world) => {
      const head = await readHead(wire);
      assert.equal(head.status, status, head.head);
      assertMessage({ ...head, framing: 'none', body: Buffer.alloc(0), trailers: [] }, { lines }, world);
    });
  }

  /** The connection serves another request. */
  goesOn(): Step {
    return this.step('goes on', async (wire) => {
      wire.send(healthCheck);
      assert.equal((await readAnswer(wire)).status, 200);
    });
  }
}

class BackendActor extends Actor {
  readonly #number: number;
  protected readonly connections: readonly number[];

  constructor(name: string, number: number) {
    super(name);
    this.#number = number;
    this.connections = [number];
  }

  protected wire(world: World): Promise<Wire> {
    return world.backend(this.#number);
  }

  /** Reads one whole request; `start` is its request line without the version. */
  gets(start: string, expected: Expectation = {}): Step {
    return this.step(`gets ${shown(start)}`, async (wire, world) => {
      const request = await readRequest(wire);
      assert.equal(request.start, `${start} HTTP/1.1`);
      assertMessage(request, expected, world);
    });
  }

  /** Reads the head of a request, and leaves its body. */
  getsHead(start: string, lines: Lines = {}): Step {
    return this.step(`gets the head of ${shown(start)}`, async (wire, world) => {
      const head = await readHead(wire);
      assert.equal(head.start, `${start} HTTP/1.1`);
      assertMessage({ ...head, framing: 'none', body: Buffer.alloc(0), trailers: [] }, { lines }, world);
    });
  }
}

export const client = new Client('the client', 1);
export const second = new Client('the second client', 2);
export const third = new Client('the third client', 3);
/** A client on the TLS listener. */
export const secure = new Client('the TLS client', 4, true);
export const backend = new BackendActor('the backend', 1);
export const backend2 = new BackendActor('the backend, on its second connection,', 2);
export const backend3 = new BackendActor('the backend, on its third connection,', 3);

/** `last` comes true within 50 ms after `millis` from when the steps before it were begun, and not earlier. */
export function after(millis: number, ...steps: readonly Step[]): Step {
  return {
    text: `after ${millis} ms: ${steps.map(({ text }) => text).join(', ')}`,
    connections: steps.flatMap(({ connections }) => connections),
    run: (world) =>
      punctual(millis, async () => {
        for (const step of steps) await step.run(world);
      }),
  };
}

async function drip(wire: Wire, bytes: string, millis: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === bytes.length || wire.over || wire.socket.destroyed) resolve();
    else wire.send(bytes[sent++] as string);
  }, millis);
  await promise;
  clearInterval(timer);
}
