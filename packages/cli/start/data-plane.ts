import { gatewayDeadlines, type Settings } from '@sluice/config';
import {
  type Gateway,
  type GatewayOptions,
  type GatewayTls,
  relaySource,
  startGateway,
  storyPage,
} from '@sluice/gateway';
import type { CounterDesk, EndpointDesk, FeedSource, Log, StoryDesk } from '@sluice/model';
import { type MachineCounters, openCounters } from '../counters/machine.ts';
import { watchDeadlines } from '../deadlines/watch.ts';
import { LeafBoard } from '../endpoints/board.ts';
import { MachineEndpoints } from '../endpoints/desk.ts';
import { endpointMetrics } from '../endpoints/metrics.ts';
import type { Home } from '../home/home.ts';
import type { WorkerOptions } from '../workers/messages.ts';
import { gatewayMetrics } from '../workers/metrics.ts';
import { PauseLog } from '../workers/pause-log.ts';
import { type ReservedPort, reservePort } from '../workers/ports.ts';
import { Supervisor } from '../workers/supervisor.ts';
import { backendSecurityOptions } from './backend-security.ts';
import { gatewayCertificates } from './certificate-watch.ts';
import { documentOptions } from './documents.ts';
import { endpointKindOptions } from './endpoint-kinds.ts';
import { gatewayEnvironment } from './environments.ts';
import { groupOptions } from './groups.ts';
import { gatewayBinds, gatewayOptions } from './options.ts';
import { storyOptions } from './stories.ts';
import { suspensionOptions } from './suspension.ts';
import { counterOptions, throttlingOptions } from './throttle.ts';

/** Milliseconds at a stop in which a connection may bring one more call: a request may cross with the end. */
const lastCallGrace = 1000;

/** The running data plane, in this process or in workers of it. */
export interface DataPlane extends Pick<Gateway, 'ready' | 'addresses' | 'sequence'> {
  /** Whether calls are served now. */
  readonly serving: boolean;
  /** What became of calls, in all its processes. */
  readonly stories: StoryDesk;
  /** The states of endpoints, in all its processes. */
  readonly endpoints: EndpointDesk;
  /** Prometheus text form. */
  metrics(): Promise<string>;
  /** Takes new settings over, and certificates that were read anew. Without workers only certificates change. Rejects, with nothing changed, when something cannot be used. */
  reload(settings: Settings): Promise<void>;
  /** Stops accepting, lets calls in flight end for at most `millis`, then closes; resolves with the number of calls that were broken off. */
  drain(millis: number): Promise<{ readonly abandoned: number }>;
}

/** What a data plane needs before its source is there. */
export interface DataPlaneFacts {
  readonly settings: Settings;
  readonly home: Home;
  readonly log: Log;
  /** Where the last picture is kept; absent keeps none. */
  readonly snapshotFile?: string;
  readonly subscriptionCheck?: boolean;
}

/** A data plane that waits for its source. */
export interface PreparedDataPlane {
  /** What is counted for the limits of plans, on this machine. */
  readonly counters: CounterDesk;
  /** Rejects when an address cannot be bound. */
  start(source: FeedSource): Promise<DataPlane>;
  /** Ends what was prepared; for a program that stops before `start`. */
  abandon(): Promise<void>;
}

/** Binds the ports and starts the workers at once, so that they load while the rest of the program starts. */
export function prepareDataPlane(facts: DataPlaneFacts): PreparedDataPlane {
  const { settings, home, log } = facts;
  const counters = openCounters(counterOptions(settings, home, log.child({ room: 'throttle' })));
  const count = settings.get('gateway.workers');
  if (!count) {
    return {
      counters: counters.desk,
      start: (source) => startHere(facts, counters, watched(facts, source)),
      abandon: () => counters.close(),
    };
  }
  const supervisor = new Supervisor({
    count,
    log,
    logs: home.logs,
    stuckThreshold: settings.get('sluice.gateway.stuck_threshold') * 1000,
    largePages: settings.get('sluice.gateway.large_pages'),
    patience: patienceOf(settings),
  });
  const ports = reserveAll(settings);
  ports.catch(() => {});
  return {
    counters: counters.desk,
    start: async (source) => startWorkers(facts, counters, supervisor, await ports, watched(facts, source)),
    async abandon() {
      for (const port of await ports.catch(() => [])) port.close();
      await supervisor.drain(0, 0);
      await counters.close();
    },
  };
}

/** Ends a data plane within the time that the settings allow, and says what that cost. */
export async function drainAtStop(plane: DataPlane, settings: Settings, log: Log): Promise<void> {
  const patience = patienceOf(settings);
  const { abandoned } = await plane.drain(patience);
  if (abandoned > 0) log.warn('calls were cut at the stop', { calls: abandoned, patience });
}

/** Milliseconds for calls in flight when a process ends. */
function patienceOf(settings: Settings): number {
  return settings.get('passthru_http.transport.listener.shutdown.wait.sec') * 1000;
}

/** Starts the data plane in this process, over a source of its picture. */
export async function startDataPlane(
  settings: Settings,
  home: Home,
  log: Log,
  tls: GatewayTls,
  source: FeedSource,
  more: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  return startGateway({
    ...dataPlaneOptions(settings, home, tls),
    source,
    log: log.child({ room: 'gateway' }),
    ...more,
  });
}

/** What APIs bring along is told here, once, and not by each worker. */
function watched({ settings, log }: DataPlaneFacts, source: FeedSource): FeedSource {
  return watchDeadlines(source, gatewayDeadlines(settings), log.child({ room: 'gateway' }));
}

async function startHere(facts: DataPlaneFacts, counters: MachineCounters, source: FeedSource): Promise<DataPlane> {
  const { settings, home, log, snapshotFile, subscriptionCheck } = facts;
  const certificates = gatewayCertificates(home, log.child({ room: 'gateway' }));
  const pauseLog = new PauseLog(log);
  const board = newBoard();
  const gateway = await startDataPlane(settings, home, log, await certificates.read(settings), source, {
    authority: counters.connect('main process'),
    leafExchange: board.join(),
    onPause: (paused) => pauseLog.update(paused, settings.get('passthru_http.max_open_connections')),
    ...(snapshotFile === undefined ? {} : { snapshotFile }),
    ...(subscriptionCheck === undefined ? {} : { subscriptionCheck }),
  });
  certificates.start((tls) => gateway.setTls(tls));
  const stories: StoryDesk = {
    find: async (id) => gateway.story(id),
    list: async (query) => storyPage(gateway.stories(), query),
  };
  const endpoints = new MachineEndpoints({ board, log, leaves: async () => [...gateway.leaves()] });
  await counters.serve({ stories, endpoints });
  let serving = false;
  const ready = gateway.ready.then(() => {
    serving = true;
  });
  return {
    ready,
    addresses: gateway.addresses,
    get sequence() {
      return gateway.sequence;
    },
    get serving() {
      return serving;
    },
    stories,
    endpoints,
    metrics: async () =>
      gatewayMetrics({ ...gateway.statistics(), workers: 0, crashed: 0, stuck: 0 }) +
      counters.metrics() +
      (await endpointMetrics(await endpoints.all())),
    reload: async (fresh) => gateway.setTls(await certificates.read(fresh)),
    async drain(millis) {
      certificates.close();
      const ended = await gateway.drain(millis, lastCallGrace);
      await counters.close();
      return ended;
    },
  };
}

async function startWorkers(
  facts: DataPlaneFacts,
  counters: MachineCounters,
  supervisor: Supervisor,
  ports: readonly ReservedPort[],
  source: FeedSource,
): Promise<DataPlane> {
  const { settings, home, log, snapshotFile, subscriptionCheck } = facts;
  const certificates = gatewayCertificates(home, log.child({ room: 'gateway' }));
  const optionsOf = async (current: Settings) => ({
    ...dataPlaneOptions(current, home, await certificates.read(current)),
    ...(subscriptionCheck === undefined ? {} : { subscriptionCheck }),
  });
  const options = await optionsOf(settings);
  const relay = relaySource({
    source,
    environment: options.environment,
    ...(snapshotFile === undefined ? {} : { snapshotFile }),
    log: log.child({ room: 'gateway' }),
  });
  const board = newBoard();
  supervisor.serve({ ports, relay, connect: (holder) => counters.connect(holder), join: () => board.join() }, options);
  certificates.start((tls) => supervisor.setTls(tls));
  const endpoints = new MachineEndpoints({ board, log, leaves: () => supervisor.leaves() });
  await counters.serve({ stories: supervisor.stories, endpoints });
  return {
    ready: supervisor.ready,
    addresses: ports.map(({ host, port }, index) => ({
      host,
      port,
      secure: options.listeners[index]?.tls !== undefined,
    })),
    get sequence() {
      return supervisor.sequence;
    },
    get serving() {
      return supervisor.statistics().workers > 0;
    },
    stories: supervisor.stories,
    endpoints,
    metrics: async () =>
      gatewayMetrics(supervisor.statistics()) + counters.metrics() + (await endpointMetrics(await endpoints.all())),
    reload: async (fresh) => supervisor.reload(await optionsOf(fresh)),
    async drain(millis) {
      certificates.close();
      const ended = await supervisor.drain(millis, lastCallGrace);
      await counters.close();
      return ended;
    },
  };
}

/** The states of endpoints on this machine. */
function newBoard(): LeafBoard {
  return new LeafBoard(() => performance.now());
}

/** What the settings say about a gateway: plain data. */
function dataPlaneOptions(settings: Settings, home: Home, tls: GatewayTls): WorkerOptions {
  const environment = gatewayEnvironment(settings);
  return {
    ...gatewayOptions(settings, home),
    ...throttlingOptions(settings),
    ...storyOptions(settings),
    ...documentOptions(settings),
    ...backendSecurityOptions(settings, home),
    ...suspensionOptions(settings),
    ...groupOptions(settings),
    ...endpointKindOptions(settings),
    listeners: gatewayBinds(settings).map(({ secure, host, port }) => ({
      host,
      port,
      ...(secure ? { tls: tls.listener } : {}),
    })),
    sender: tls.sender,
    environment: environment.name,
    environmentType: environment.type,
  };
}

/** All ports, or none. */
async function reserveAll(settings: Settings): Promise<ReservedPort[]> {
  const reserved = await Promise.allSettled(gatewayBinds(settings).map(({ host, port }) => reservePort(host, port)));
  const ports = reserved.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = reserved.find((one) => one.status === 'rejected');
  if (failed === undefined) return ports;
  for (const port of ports) port.close();
  throw failed.reason;
}
