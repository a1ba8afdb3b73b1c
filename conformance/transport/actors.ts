import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { readAnswer, readHead, readRequest } from '../../packages/gateway/transport/testing/message.ts';
import type { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { type AnswerExpectation, assertAnswer, assertMessage, type Expectation, type Lines } from './expectation.ts';
import { type Step, shown } from './step.ts';
import type { ClientKind, World } from './world.ts';

/** Answered by the gateway itself, so that a connection can be tried without a backend. */
const healthCheck = 'GET /api/am/gateway/v2/server-startup-healthcheck HTTP/1.1\r\nHost: a\r\n\r\n';

/** One end of a connection to the gateway. */
export abstract class Actor {
  readonly name: string;
  protected abstract readonly connections: readonly number[];

  constructor(name: string) {
    this.name = name;
  }

  protected abstract wire(world: World): Promise<Wire>;

  /** Its connection. */
  open(world: World): Promise<Wire> {
    return this.wire(world);
  }

  protected step(text: string, run: (wire: Wire, world: World) => Promise<unknown> | unknown): Step {
    return {
      text: `${this.name} ${text}`,
      connections: this.connections,
      run: async (world) => run(await this.wire(world), world),
    };
  }

  /** Is there. */
  connects(): Step {
    return this.step('connects', () => {});
  }

  /** Sends each piece in a turn of the event loop of its own. */
  sends(...pieces: readonly string[]): Step {
    return this.step(`sends ${shown(pieces.join(''))}`, (wire, world) =>
      wire.trickle(pieces.map((piece) => world.localize(piece))),
    );
  }

  /** Sends byte by byte, each in a turn of its own; long texts in more than a thousand pieces. */
  trickles(bytes: string): Step {
    return this.step(`trickles ${shown(bytes)}`, (wire, world) => {
      const text = world.localize(bytes);
      const size = Math.ceil(text.length / 1500);
      return wire.trickle(
        Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size)),
      );
    });
  }

  /** Sends byte by byte with `millis` between two, until all are out or the connection is over. */
  drips(bytes: string, millis: number): Step {
    return this.step(`drips ${shown(bytes)}`, (wire, world) => drip(wire, world.localize(bytes), millis));
  }

  /** Goes on sending these bytes with `millis` between two times, until the connection is over or the case is. */
  dripsOn(bytes: string, millis: number): Step {
    return this.step(`drips ${shown(bytes)} on and on`, (wire, world) => {
      const timer = setInterval(() => wire.send(bytes), millis);
      const stop = () => clearInterval(timer);
      wire.socket.on('close', stop);
      world.after(stop);
    });
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

  /** Ends at once, without a word of TLS. */
  vanishes(): Step {
    return this.step('is gone', (wire) => void wire.socket.destroy());
  }

  /** The gateway ends the connection, by a FIN or RST where `how` says so, and sends nothing more before. */
  isClosed(how?: 'end' | 'reset'): Step {
    return this.step(`is closed${how ? ` (${how})` : ''}`, async (wire) => {
      assert.equal(await wire.rest(), '', 'something came before the end');
      if (how) assert.equal(wire.over, how);
    });
  }

  /** The gateway breaks the connection off, whatever it has sent before. */
  isBroken(): Step {
    return this.step('is broken off', (wire) => wire.stopped());
  }

  /** The gateway breaks the connection off within a body: what has come of it may be anything but its end. */
  isCutOff(how?: 'reset'): Step {
    return this.step('is cut off', async (wire) => {
      const rest = await wire.rest();
      if (how) assert.equal(wire.over, how);
      assert.ok(!rest.endsWith('0\r\n\r\n'), `the body looks whole: ${shown(rest)}`);
    });
  }

  /** The gateway has let go of the connection wholly: what is sent on it is answered with a RST. */
  isGone(): Step {
    return this.step('is gone', async ({ socket }) => {
      const probe = setInterval(() => socket.write('x'), 4);
      await new Promise((resolve) => (socket.destroyed ? resolve(null) : socket.once('close', resolve)));
      clearInterval(probe);
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
  readonly #kind: ClientKind;
  protected readonly connections = [];

  constructor(name: string, number: number, kind: ClientKind = 'plain') {
    super(name);
    this.#number = number;
    this.#kind = kind;
  }

  protected wire(world: World): Promise<Wire> {
    return world.client(this.#number, this.#kind);
  }

  /** Reads one answer. */
  gets(status: number, expected: AnswerExpectation = {}): Step {
    return this.step(`gets ${status}`, async (wire, world) => {
      assertAnswer(await readAnswer(wire, expected.to), status, expected, world);
    });
  }

  /** Reads any number of answers with the status `interim`, then this one. */
  getsPast(interim: number, status: number, expected: AnswerExpectation = {}): Step {
    return this.step(`gets any number of ${interim}, then ${status}`, async (wire, world) => {
      let answer = await readAnswer(wire);
      while (answer.status === interim) answer = await readAnswer(wire);
      assertAnswer(answer, status, expected, world);
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

  /** Before the end of a TLS connection the gateway has said that it is the end, or has kept silent, so that what came cannot be taken for a whole. */
  gotGoodbye(said: boolean): Step {
    return this.step(`got ${said ? 'a' : 'no'} goodbye`, (_, world) => {
      assert.equal(world.goodbye(this.#number), said, 'close_notify');
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
export const secure = new Client('the TLS client', 4, 'tls-1.3');
/** The same, with a version that shows how the connection ends. */
export const secure12 = new Client('the client of TLS 1.2', 6, 'tls-1.2');
/** A client that connects to the TLS listener and does not speak TLS. */
export const tcp = new Client('the client without TLS', 5, 'tls-port');
export const backend = new BackendActor('the backend', 1);
export const backend2 = new BackendActor('the backend, on its second connection,', 2);
export const backend3 = new BackendActor('the backend, on its third connection,', 3);

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
