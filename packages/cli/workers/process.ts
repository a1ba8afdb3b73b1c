import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GatewayStatistics, GatewayTls, LeafRow } from '@sluice/gateway';
import type { CallStory, FeedSource, StoryPage, StoryQuery } from '@sluice/model';
import type { Connection } from '@sluice/throttle';
import type { BoardSeat } from '../endpoints/board.ts';
import type { SessionSeat } from '../endpoints/session-board.ts';
import { AuthorityService } from './authority-service.ts';
import { FeedService } from './feed-service.ts';
import { LeafCaller } from './leaf-caller.ts';
import { LeafService } from './leaf-service.ts';
import type { LeafCounts, LeafTeller } from './leaf-totals.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { ReservedPort } from './ports.ts';
import { stackOf } from './stack.ts';
import { StoryCaller } from './story-caller.ts';
import type { StoryKeeper } from './story-desk.ts';

/**
 * Room for young objects (MiB for each half of it), and that for old ones at which they are looked through for the first time.
 * A call's objects die young: with V8's own choice a busy process takes more and more by and by, and nothing is cheaper for it.
 */
const memory = ['--max-semi-space-size=8', '--initial-old-space-size=32'];

/** The compiler of hot code may take more small functions into their callers than it does by itself: a call passes many of them. */
const compiler = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=3000'];

/** Nothing in a worker asks for AsyncLocalStorage (the store does, which is the main process's): its frames would be put back with each event. */
const frames = '--no-async-context-frame';

/**
 * The code of the runtime moves into large pages, where the system has them: it is spread so wide that a call otherwise spends an
 * eighth of its time on finding it in memory.
 */
const largePages = '--use-largepages=silent';

/** Milliseconds in which a process that does not answer says where it is. */
const stackPatience = 2000;

/** How a worker ended. */
export interface WorkerEnd {
  /** `SIGKILL`, or `code 1`. */
  readonly exit: string;
  /** Calls that were broken off in an orderly end, else those in flight when it was last heard of. */
  readonly callsLost: number;
}

/** A worker as the main process sees it. */
export class WorkerProcess implements LeafTeller, StoryKeeper {
  readonly startedAt = performance.now();
  /** Resolves when it serves; rejects with the reason when it says that it cannot. Pending when it ends without a word. */
  readonly ready: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  /** What it last said of itself. */
  statistics: GatewayStatistics | undefined;
  sequence = 0;
  isReady = false;
  draining = false;
  /** Called with every sign of life. */
  onAlive: () => void = () => {};
  /** Called with the stories that it leaves behind when it ends. */
  onLegacy: (calls: readonly CallStory[]) => void = () => {};
  readonly #child: ChildProcess;
  readonly #inspector = Promise.withResolvers<string>();
  #asksForStack = false;
  #abandoned: number | undefined;
  #feed: FeedService | undefined;
  #authority: AuthorityService | undefined;
  #connection: Connection | undefined;
  #ports: readonly ReservedPort[] = [];
  readonly #storyCaller = new StoryCaller((question) => this.#post(question));
  readonly #leaves = new LeafCaller((question) => this.#post(question));
  #states: LeafService | undefined;
  #sessions: SessionSeat | undefined;

  constructor(options: { readonly largePages: boolean }) {
    const pages = options.largePages ? [largePages] : [];
    const child = fork(process.argv[1] as string, ['worker'], {
      serialization: 'advanced',
      // Opened only on SIGUSR1, which is how a process that is stuck can still be asked where it is.
      execArgv: [
        ...pages,
        ...memory,
        ...compiler,
        frames,
        ...process.execArgv,
        '--inspect-port=0',
        '--inspect-publish-uid=stderr',
      ],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    this.ready = promise;
    child.on('message', (message) => this.#take(message as FromWorker, resolve, reject));
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => this.#hear(line));
    this.ended = new Promise((resolveEnd) => {
      const end = (exit: string) => {
        this.#feed?.close();
        this.#storyCaller.close();
        this.#leaves.close();
        this.#states?.close();
        this.#sessions?.leave();
        // One that has ended in order gave back what it did not spend.
        this.#connection?.close(this.#abandoned === undefined);
        resolveEnd({ exit, callsLost: this.#abandoned ?? this.statistics?.inFlight ?? 0 });
      };
      child.once('error', (error) => end(error.message));
      // Not `exit`: what it said before its end may still be in the channel.
      child.once('close', (code, signal) => end(signal ?? `code ${code}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Hands over the sockets and what to do with them. */
  serve(
    ports: readonly ReservedPort[],
    source: FeedSource,
    connection: Connection,
    seat: BoardSeat,
    sessions: SessionSeat,
    order: Extract<ToWorker, { kind: 'serve' }>,
  ): void {
    this.#feed = new FeedService(source, (answer) => this.#post(answer));
    this.#connection = connection;
    this.#authority = new AuthorityService(connection, (message) => this.#post(message));
    this.#states = new LeafService(seat, (tidings) => this.#post(tidings));
    // Before the order: the leaves have their states from their first moment.
    this.#states.flush();
    this.#sessions = sessions;
    sessions.watch((news) => this.#post({ kind: 'sessions', news }));
    this.#ports = ports;
    for (const { socket } of ports) this.#post({ kind: 'socket' }, socket);
    this.#post(order);
  }

  /** What it keeps of a call or of several. */
  stories(wanted: string | StoryQuery): Promise<StoryPage> {
    return this.#storyCaller.ask(wanted);
  }

  get counted(): ReadonlyMap<string, LeafCounts> {
    return this.#leaves.counted;
  }

  /** Its leaves, which have by then the states that were on their way; undefined when it does not say so in time. */
  leaves(all: boolean): Promise<readonly LeafRow[] | undefined> {
    this.#states?.flush();
    return this.#leaves.ask(all);
  }

  setTls(tls: GatewayTls): void {
    this.#post({ kind: 'tls', tls });
  }

  drain(millis: number, grace: number): void {
    this.draining = true;
    this.#post({ kind: 'drain', millis, grace });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Where it is, when it does not answer; it cannot go on afterwards. */
  async stack(): Promise<string | undefined> {
    this.#asksForStack = true;
    this.#child.kill('SIGUSR1');
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), stackPatience).unref());
    const inspector = await Promise.race([this.#inspector.promise, late]);
    return inspector && stackOf(inspector, stackPatience);
  }

  #take(message: FromWorker, resolve: () => void, reject: (error: Error) => void): void {
    switch (message.kind) {
      case 'wish':
        this.#authority?.take(message);
        return;
      case 'alive':
        this.sequence = Math.max(this.sequence, message.sequence);
        this.statistics = message.statistics ?? this.statistics;
        this.onAlive();
        return;
      case 'ready':
        this.isReady = true;
        resolve();
        return;
      case 'failed':
        reject(
          Object.assign(new Error(message.reason), message.port ? { code: 'EADDRINUSE', port: message.port } : {}),
        );
        return;
      case 'leaf-states':
        this.#states?.take(message);
        return;
      case 'sessions':
        for (const news of message.news) this.#sessions?.tell(news);
        return;
      case 'leaves':
        this.#leaves.take(message);
        return;
      case 'stories':
        this.#storyCaller.take(message);
        return;
      case 'legacy':
        this.onLegacy(message.calls);
        return;
      case 'another-socket':
        // One that ends needs none, and the socket may be closed.
        if (!this.draining) this.#post(message, this.#ports[message.listener]?.socket);
        return;
      case 'drained':
        this.#abandoned = message.abandoned;
        return;
      default:
        this.#feed?.take(message);
    }
  }

  /** Passes on what it writes to stderr, but for the inspector's words about a question that was asked here. */
  #hear(line: string): void {
    const address = /^Debugger listening on (ws:\S+)$/.exec(line)?.[1];
    if (address) this.#inspector.resolve(address);
    if (!this.#asksForStack) process.stderr.write(`${line}\n`);
  }

  /** A worker that is gone is noticed by its end, not by what cannot be sent to it. */
  #post(message: ToWorker, handle?: unknown): void {
    if (this.#child.connected) this.#child.send(message, handle as SendHandle, () => {});
  }
}
