import { setTimeout as delay } from 'node:timers/promises';
import type {
  FailureStatistics,
  GatewayStatistics,
  GatewayTls,
  LeafRow,
  PriorityStatistics,
  Relay,
  ThrottlingStatistics,
} from '@sluice/gateway';
import type { Log } from '@sluice/model';
import type { Connection } from '@sluice/throttle';
import type { BoardSeat } from '../endpoints/board.ts';
import { SessionBoard } from '../endpoints/session-board.ts';
import { sumFailures } from './failures.ts';
import { LeafTotals } from './leaf-totals.ts';
import type { WorkerOptions } from './messages.ts';
import { PauseLog } from './pause-log.ts';
import type { ReservedPort } from './ports.ts';
import { retiredPriorities, sumPriorities } from './priorities.ts';
import { WorkerProcess } from './process.ts';
import { WorkersStories } from './story-desk.ts';
import { sumThrottling } from './throttling.ts';

/** Milliseconds between signs of life; less where a shorter threshold asks for it. */
const usualBeat = 250;
/** A worker that served for so long did not fail at its start, milliseconds. */
const soundAfter = 10_000;
/** Waits before a worker that failed at its start is started again: none, then doubling between these, milliseconds. */
const firstWait = 100;
const longestWait = 10_000;
/** Failures in a row of one place before the first start is given up. */
const mostFailures = 5;
/** What an ordered end may take beyond its bound before the process is killed, milliseconds. */
const overtime = 2000;
/** Milliseconds for a connection to a worker that is replaced to bring its last call; nobody waits for it. */
const reloadGrace = 5000;

export interface SupervisorOptions {
  /** Number of workers, at least 1. */
  readonly count: number;
  readonly log: Log;
  /** Folder of the log. */
  readonly logs: string;
  /** Milliseconds without a turn of its event loop after which a worker is replaced; 0 never. */
  readonly stuckThreshold: number;
  /** Keep the code of the runtime in large pages of memory. */
  readonly largePages: boolean;
  /** Milliseconds for calls in flight when a worker is replaced or the main process goes away. */
  readonly patience: number;
}

/** What all workers did, those that ended included. */
export interface WorkersStatistics extends GatewayStatistics {
  /** Workers that serve. */
  readonly workers: number;
  /** Workers that were replaced because they ended by themselves. */
  readonly crashed: number;
  /** Workers that were replaced because their event loop stood still. */
  readonly stuck: number;
}

/** What workers serve by. */
export interface Served {
  readonly ports: readonly ReservedPort[];
  readonly relay: Relay;
  /** Connects a process, by the name that operators see, to the authority on what plans allow. */
  readonly connect: (holder: string) => Connection;
  /** A place for a process at the board of the states of leaves. */
  readonly join: () => BoardSeat;
}

/** What a worker that has ended does not have any more. */
const nothing = {
  inFlight: 0,
  openWebSockets: 0,
  cachedTokens: 0,
  connections: 0,
  deadlines: 0,
  backendConnections: 0,
  backendIdle: 0,
  backendConnecting: 0,
  backendWaiting: 0,
};

/** One of the places that a worker fills. */
interface Place {
  worker: WorkerProcess;
  /** Ends at the start, in a row. */
  failures: number;
  /** Looks without a sign of life. */
  silence: number;
}

/**
 * The processes that serve calls. All accept from the same sockets, which the main process holds: what waits in a queue is taken by
 * whoever is free, so a worker that ends, is replaced or stands still takes no connection with it that it has not accepted.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #places: Place[] = [];
  /** Every worker that has not ended, also those that only finish their calls. */
  readonly #alive = new Set<WorkerProcess>();
  readonly #stop = new AbortController();
  /** What became of calls, whichever process had them. */
  readonly stories = new WorkersStories(this.#alive);
  readonly #started = Promise.withResolvers<void>();
  /** Resolves when every place has had a worker that served. */
  readonly #complete = Promise.withResolvers<void>();
  #isStarted = false;
  #isComplete = false;
  #serving: (Served & { options: WorkerOptions }) | undefined;
  #watch: NodeJS.Timeout | undefined;
  #rolling: Promise<void> = Promise.resolve();
  readonly #pauseLog: PauseLog;
  readonly #retired = {
    calls: 0,
    refused: 0,
    webSockets: 0,
    swaps: 0,
    pauses: 0,
    backendOpened: 0,
    backendFailed: 0,
    backendLookupsFailed: 0,
    callsTakenOver: 0,
    callsOverBudget: 0,
  };
  #retiredPriorities: readonly PriorityStatistics[] = [];
  #retiredThrottling: ThrottlingStatistics | undefined;
  #retiredFailures: FailureStatistics | undefined;
  readonly #leafTotals = new LeafTotals();
  readonly #sessions = new SessionBoard();
  #crashed = 0;
  #stuck = 0;
  #caughtUpTo = 0;

  /**
   * Starts the first process at once, so that it loads while the rest of the program starts; it serves when told what. The others
   * follow when it serves: before that they would only take processors from what everybody waits for.
   */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#pauseLog = new PauseLog(options.log);
    this.#started.promise.catch(() => {});
    this.#addPlace();
    process.on('exit', this.#onExit);
  }

  /** Resolves when the first worker serves; rejects when it cannot. */
  get ready(): Promise<void> {
    return this.#started.promise;
  }

  /** Lets the workers serve. The ports and the relay are the supervisor's from now on. */
  serve(served: Served, options: WorkerOptions): void {
    this.#serving = { ...served, options };
    for (const place of this.#places) this.#order(place, place.worker);
    const { stuckThreshold } = this.#options;
    if (stuckThreshold === 0) return;
    const look = Math.min(1000, stuckThreshold / 4);
    this.#watch = setInterval(() => this.#look(Math.ceil(stuckThreshold / look)), look).unref();
  }

  /** Sequence number of the source that every worker has reached. */
  get sequence(): number {
    const relay = this.#serving?.relay;
    if (relay && this.#places.every(({ worker }) => worker.isReady && worker.sequence >= relay.sequence)) {
      this.#caughtUpTo = relay.sourceSequence;
    }
    return this.#caughtUpTo;
  }

  statistics(): WorkersStatistics {
    const sum = { ...this.#retired, ...nothing };
    for (const { statistics } of this.#alive) {
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += statistics?.[name] ?? 0;
    }
    const serving = [...this.#alive].filter((worker) => worker.isReady && !worker.draining);
    const paused = serving.filter(({ statistics }) => statistics?.paused === 1).length;
    const priorities = sumPriorities([
      this.#retiredPriorities,
      ...[...this.#alive].map(({ statistics }) => statistics?.priorities),
    ]);
    const throttling = sumThrottling([
      this.#retiredThrottling,
      ...[...this.#alive].map(({ statistics }) => statistics?.throttling),
    ]);
    const workers = serving.length;
    return {
      ...{ ...sum, paused, priorities, workers, crashed: this.#crashed, stuck: this.#stuck },
      failures: sumFailures([this.#retiredFailures, ...[...this.#alive].map(({ statistics }) => statistics?.failures)]),
      ...(throttling ? { throttling } : {}),
    };
  }

  /** The leaves that are served, with what all processes counted; each process has by then the states that were on their way to it. */
  leaves(): Promise<LeafRow[]> {
    const serving = [...this.#alive].filter(({ isReady }) => isReady);
    // One that only finishes its calls may lack an API that is new.
    return this.#leafTotals.list([...serving.filter((one) => !one.draining), ...serving.filter((one) => one.draining)]);
  }

  /** Replaces the workers one after the other: each new one serves before its predecessor stops accepting. Rejects when a new one cannot serve; the old ones then stay. */
  reload(options: WorkerOptions): Promise<void> {
    const rolled = Promise.all([this.#rolling, this.#complete.promise]).then(() => this.#roll(options));
    this.#rolling = rolled.catch(() => {});
    return rolled;
  }

  /** Every worker takes these certificates for new handshakes, and so do those that follow; no connection ends. */
  setTls(tls: GatewayTls): void {
    if (!this.#serving) return;
    const { options } = this.#serving;
    const listeners = options.listeners.map((one) => (one.tls ? { ...one, tls: tls.listener } : one));
    this.#serving.options = { ...options, listeners, sender: tls.sender };
    for (const worker of this.#alive) worker.setTls(tls);
  }

  /** Stops accepting, lets calls in flight end for at most `millis`, and ends every process. Resolves with the number of calls that were broken off. */
  async drain(millis: number, grace: number): Promise<{ abandoned: number }> {
    this.#stop.abort(new Error('the gateway was closed'));
    this.#started.reject(this.#stop.signal.reason);
    clearInterval(this.#watch);
    for (const port of this.#serving?.ports ?? []) port.close();
    const workers = [...this.#alive];
    for (const worker of workers) {
      // One that is still starting has nothing to end.
      if (!worker.isReady) worker.kill();
      else worker.drain(millis, grace);
    }
    const timer = setTimeout(() => {
      for (const worker of workers) worker.kill();
    }, millis + overtime);
    const ends = await Promise.all(workers.map((worker) => worker.ended));
    clearTimeout(timer);
    process.off('exit', this.#onExit);
    await this.#serving?.relay.close();
    return { abandoned: ends.reduce((sum, { callsLost }) => sum + callsLost, 0) };
  }

  #fork(): WorkerProcess {
    const worker = new WorkerProcess(this.#options);
    this.#alive.add(worker);
    worker.onLegacy = (calls) => this.stories.inherit(calls);
    void worker.ended.then(() => {
      this.#alive.delete(worker);
      this.#leafTotals.retire(worker);
      const past = this.#retired;
      for (const name of Object.keys(past) as (keyof typeof past)[]) past[name] += worker.statistics?.[name] ?? 0;
      this.#retiredPriorities = sumPriorities([
        this.#retiredPriorities,
        retiredPriorities(worker.statistics?.priorities),
      ]);
      this.#retiredFailures = sumFailures([this.#retiredFailures, worker.statistics?.failures]);
      this.#retiredThrottling = sumThrottling([this.#retiredThrottling, worker.statistics?.throttling]);
    });
    return worker;
  }

  /** Tells a worker to serve. It listens at once only when nobody has a picture yet: until then its answer is 503. */
  #order(place: Place, worker: WorkerProcess): void {
    if (!this.#serving) return;
    const { ports, relay, connect, join } = this.#serving;
    const options = this.#shareOf(this.#places.indexOf(place), this.#serving.options);
    const { logs, stuckThreshold, patience } = this.#options;
    worker.serve(ports, relay, connect(`worker ${worker.pid}`), join(), this.#sessions.join(), {
      kind: 'serve',
      options,
      logs,
      beat: stuckThreshold === 0 ? usualBeat : Math.min(usualBeat, stuckThreshold / 8),
      listenWhenReady: relay.sequence > 0 || this.#isStarted,
      patience,
    });
  }

  /**
   * Each place has its own part of the connections that may be open, so that all together never have more, and none has to ask the others:
   * what one has no room for waits in the shared queue for another.
   */
  #shareOf(index: number, options: WorkerOptions): WorkerOptions {
    const { maxConnections: most } = options;
    if (most === undefined) return options;
    const { count } = this.#options;
    return { ...options, maxConnections: Math.floor(most / count) + (index < most % count ? 1 : 0) };
  }

  /** Follows the worker that fills a place until it ends, and fills the place again. */
  #attend(place: Place, worker: WorkerProcess): void {
    place.worker = worker;
    place.silence = 0;
    worker.onAlive = () => {
      place.silence = 0;
      this.#notePause();
    };
    worker.ready.then(
      () => this.#noteReady(),
      // It ends by itself after these words. What stops the first start stops the program.
      (error: Error) => {
        if (!this.#isStarted) this.#started.reject(error);
        this.#options.log.error('a gateway process cannot serve', { worker: worker.pid, reason: error.message });
      },
    );
    void worker.ended.then(({ exit, callsLost }) => {
      if (this.#stop.signal.aborted || place.worker !== worker) return;
      this.#crashed++;
      this.#options.log.error('a gateway process ended and is replaced', { worker: worker.pid, exit, callsLost });
      void this.#replace(place);
    });
  }

  #addPlace(): void {
    const place: Place = { worker: this.#fork(), failures: 0, silence: 0 };
    this.#places.push(place);
    this.#attend(place, place.worker);
    this.#order(place, place.worker);
  }

  #notePause(): void {
    if (this.#serving?.options.maxConnections === undefined) return;
    const { paused, workers, connections } = this.statistics();
    this.#pauseLog.update(workers > 0 && paused >= workers, connections);
  }

  #noteReady(): void {
    this.#isStarted = true;
    this.#started.resolve();
    while (this.#places.length < this.#options.count && !this.#stop.signal.aborted) this.#addPlace();
    if (this.#isComplete || !this.#places.every(({ worker }) => worker.isReady)) return;
    this.#isComplete = true;
    this.#complete.resolve();
    this.#options.log.info('all gateway processes serve', { workers: this.#places.length });
  }

  /** At once, unless it failed at its start: then later and later. */
  async #replace(place: Place): Promise<void> {
    const gone = place.worker;
    place.failures = gone.isReady && performance.now() - gone.startedAt > soundAfter ? 0 : place.failures + 1;
    if (!this.#isStarted && place.failures >= mostFailures) {
      this.#started.reject(new Error(`a gateway process ended ${place.failures} times before it served; see the log`));
      return;
    }
    if (place.failures > 1) {
      const wait = Math.min(longestWait, firstWait * 2 ** (place.failures - 2));
      await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
    // A reload may have filled the place meanwhile.
    if (this.#stop.signal.aborted || place.worker !== gone) return;
    const worker = this.#fork();
    this.#attend(place, worker);
    this.#order(place, worker);
  }

  async #roll(options: WorkerOptions): Promise<void> {
    if (!this.#serving) return;
    this.#serving.options = options;
    for (const place of this.#places) {
      if (this.#stop.signal.aborted) return;
      const worker = this.#fork();
      this.#order(place, worker);
      const gone = worker.ended.then(({ exit }) => Promise.reject(new Error(`the new process ended with ${exit}`)));
      gone.catch(() => {});
      await Promise.race([worker.ready, gone]);
      const old = place.worker;
      this.#attend(place, worker);
      if (this.#stop.signal.aborted) return;
      old.drain(this.#options.patience, reloadGrace);
      void this.#seeOff(old);
    }
  }

  /** A worker whose calls do not end in time is killed, and what it cost is said. */
  async #seeOff(worker: WorkerProcess): Promise<void> {
    const timer = setTimeout(() => worker.kill(), this.#options.patience + overtime);
    const { exit, callsLost } = await worker.ended;
    clearTimeout(timer);
    if (callsLost > 0) {
      this.#options.log.warn('calls were cut at the end of a replaced gateway process', {
        worker: worker.pid,
        exit,
        callsLost,
      });
    }
  }

  /** Counts its own looks, not the clock: when the main process itself was held up, the signs of life only wait to be read. */
  #look(most: number): void {
    for (const place of this.#places) {
      // Until it has spoken it is starting, and how long that takes says nothing.
      if (place.worker.statistics === undefined || ++place.silence < most) continue;
      place.silence = Number.NEGATIVE_INFINITY;
      void this.#replaceStuck(place);
    }
  }

  async #replaceStuck(place: Place): Promise<void> {
    const { worker } = place;
    const stack = await worker.stack();
    if (this.#stop.signal.aborted || place.worker !== worker) return;
    this.#stuck++;
    this.#options.log.error('a gateway process is stuck and is replaced', {
      worker: worker.pid,
      threshold: this.#options.stuckThreshold,
      callsLost: worker.statistics?.inFlight ?? 0,
      stack: stack ?? 'not known: it does not run JavaScript',
    });
    const successor = this.#fork();
    this.#attend(place, successor);
    this.#order(place, successor);
    worker.kill();
  }

  /** A second wish to stop does not wait; any other end of this process leaves the workers to finish their calls. */
  readonly #onExit = (code: number): void => {
    if (code === 130) for (const worker of this.#alive) worker.kill();
  };
}
