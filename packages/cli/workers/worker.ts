import {
  type BoundSocket,
  type Gateway,
  type GatewayTls,
  PortInUseError,
  startGateway,
  storyPage,
} from '@sluice/gateway';
import type { Log } from '@sluice/model';
import { openLog } from '../log.ts';
import { AuthorityChannel } from './authority-channel.ts';
import { FeedChannel } from './feed-channel.ts';
import { keepHeapSmall } from './heap.ts';
import { LeafChannel } from './leaf-channel.ts';
import { lastWord, tellLeaves } from './leaf-lister.ts';
import type { FromWorker, StoryQuestion, ToWorker } from './messages.ts';
import { SessionChannel } from './session-channel.ts';

/** What a worker does when its main process is gone: calls end, and the ports are given up at once. */
const orphanGrace = 1000;

/** Milliseconds after which a handle that was asked for is not expected any more. */
const socketPatience = 1000;

/** Calls that failed, of which the main process can still tell when this one has ended. */
const legacySize = 200;

/** The life of a process that serves calls. What it is to do comes over the channel to the main process, which decides about its end too. */
export function runWorker(): void {
  // A terminal and a service manager signal the whole group; only the main process acts on it.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const worker = new Worker();
  process.on('message', (message: ToWorker, handle: unknown) =>
    worker.take(message, handle as BoundSocket | undefined),
  );
  process.on('disconnect', () => worker.orphaned());
  // Whoever read what is printed may be gone; that is no defect.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => worker.crash(error));
}

class Worker {
  readonly #feed = new FeedChannel((request) => post(request));
  readonly #authority = new AuthorityChannel((wish) => post(wish));
  readonly #leaves = new LeafChannel((telling) => post(telling));
  readonly #sessions = new SessionChannel((tidings) => post(tidings));
  readonly #sockets: BoundSocket[] = [];
  /** Who waits for another handle on a socket, by listener. */
  readonly #asking = new Map<number, (socket: BoundSocket | undefined) => void>();
  #log: Log | undefined;
  #gateway: Gateway | undefined;
  /** Certificates that came after the order to serve. */
  #tls: GatewayTls | undefined;
  #patience = 0;

  take(message: ToWorker, handle: BoundSocket | undefined): void {
    if (message.kind === 'grant' || message.kind === 'reset') this.#authority.take(message);
    else if (message.kind === 'socket') this.#sockets.push(handle as BoundSocket);
    else if (message.kind === 'serve') void this.#serve(message);
    else if (message.kind === 'another-socket') this.#takeSocket(message.listener, handle);
    else if (message.kind === 'stories-of') this.#tell(message);
    else if (message.kind === 'leaf-states') this.#leaves.take(message);
    else if (message.kind === 'sessions') this.#sessions.take(message);
    else if (message.kind === 'leaves-of') void tellLeaves(message, this.#gateway?.leaves() ?? [], post);
    else if (message.kind === 'tls') this.#setTls(message.tls);
    else if (message.kind === 'drain') void this.#drain(message.millis, message.grace);
    else this.#feed.take(message);
  }

  orphaned(): void {
    this.#authority.close();
    this.#log?.warn('the main process is gone; this one ends its calls and follows');
    void this.#drain(this.#patience, orphanGrace);
  }

  /** Nothing is known about the state of this process any more: its calls end with it, and the others' go on. */
  crash(error: unknown): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#log?.error('a defect ends this process', { reason: message, stack });
    this.#report();
    this.#sayLast();
    this.#end(1);
  }

  async #serve({ options, logs, beat, listenWhenReady, patience }: Extract<ToWorker, { kind: 'serve' }>) {
    this.#patience = patience;
    this.#log = openLog(logs, 'info');
    if (options.throttling?.fail === 'open') this.#authority.absence = 'unbounded';
    setInterval(() => this.#report(), beat);
    this.#report();
    try {
      const gateway = await startGateway({
        ...options,
        listeners: options.listeners.map((listener, index) => ({
          ...listener,
          bound: this.#sockets[index] as BoundSocket,
        })),
        source: this.#feed,
        authority: this.#authority,
        leafExchange: this.#leaves,
        sessionExchange: this.#sessions,
        listenWhenReady,
        onSwap: (sequence) => this.#report(sequence),
        onPause: () => this.#report(),
        anotherSocket: (listener) => this.#askForSocket(listener),
        log: this.#log.child({ room: 'gateway' }),
      });
      this.#gateway = gateway;
      if (this.#tls) this.#setTls(this.#tls);
      await gateway.ready;
      keepHeapSmall();
      post({ kind: 'ready' });
    } catch (error) {
      const { message } = error as Error;
      post({ kind: 'failed', reason: message, ...(error instanceof PortInUseError ? { port: error.port } : {}) });
      this.#end(1);
    }
  }

  /** Undefined when none came: a process that has no descriptor left for it is not even told of the answer. */
  #askForSocket(listener: number): Promise<BoundSocket | undefined> {
    const { promise, resolve } = Promise.withResolvers<BoundSocket | undefined>();
    const patience = setTimeout(() => this.#takeSocket(listener, undefined), socketPatience).unref();
    this.#asking.set(listener, (socket) => {
      clearTimeout(patience);
      resolve(socket);
    });
    post({ kind: 'another-socket', listener });
    return promise;
  }

  #takeSocket(listener: number, socket: BoundSocket | undefined): void {
    const answer = this.#asking.get(listener);
    this.#asking.delete(listener);
    if (answer) answer(socket);
    // It came too late.
    else socket?.close();
  }

  #tell({ question, wanted }: StoryQuestion): void {
    const gateway = this.#gateway;
    if (typeof wanted !== 'string') {
      post({ kind: 'stories', question, page: storyPage(gateway?.stories() ?? [], wanted) });
      return;
    }
    const story = gateway?.story(wanted);
    post({ kind: 'stories', question, page: story ? { total: 1, calls: [story] } : { total: 0, calls: [] } });
  }

  #setTls(tls: GatewayTls): void {
    this.#tls = tls;
    try {
      this.#gateway?.setTls(tls);
    } catch (error) {
      this.#log?.error('new certificates cannot be used; those in force stay', { reason: (error as Error).message });
    }
  }

  #report(sequence = this.#gateway?.sequence ?? 0): void {
    const statistics = this.#gateway?.statistics();
    post({ kind: 'alive', sequence, ...(statistics ? { statistics } : {}) });
  }

  /** What nobody can ask for afterwards. */
  #sayLast(): void {
    if (this.#gateway) post(lastWord(this.#gateway.leaves()));
  }

  async #drain(millis: number, grace: number): Promise<void> {
    const ended = await this.#gateway?.drain(millis, grace);
    this.#report();
    this.#sayLast();
    const { calls } = storyPage(this.#gateway?.stories() ?? [], { kept: 'failed', offset: 0, limit: legacySize });
    post({ kind: 'legacy', calls });
    post({ kind: 'drained', abandoned: ended?.abandoned ?? 0 });
    this.#end(0);
  }

  #end(code: number): void {
    process.exit(code);
  }
}

/** The main process may be gone. What is posted is written at once, so that the end of this process does not overtake it. */
function post(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
