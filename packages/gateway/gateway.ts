import { type CallStory, defaultCors } from '@sluice/model';
import { Ledger, MachineAuthority, systemClock } from '@sluice/throttle';
import { type CompiledPattern, compilePattern, defaultPattern } from './access-log/pattern.ts';
import { AccessLogWriter } from './access-log/writer.ts';
import type { PriorityStatistics } from './admission/admission.ts';
import { backendSecuritySettings, usualKeptBody } from './backend-security/settings.ts';
import { type CallRecorder, Chain } from './chain/chain.ts';
import { compileHeaders, defaultHeaderRules } from './chain/request-headers.ts';
import type { CompileSettings } from './chain/settings.ts';
import { TokenVerifier } from './chain/token-verifier.ts';
import { wheel } from './deadlines/wheel.ts';
import { Documents } from './documents/documents.ts';
import { type GroupStatistics, groupSettings } from './endpoints/group-settings.ts';
import { AllowedHosts } from './endpoints/kinds/hosts.ts';
import { copySettings } from './endpoints/kinds/recipients.ts';
import { SharedEndpoints } from './endpoints/kinds/shared.ts';
import { LeafRecords } from './endpoints/leaf-records.ts';
import { type LeafRow, leafRow } from './endpoints/leaf-row.ts';
import { HealthChecks } from './endpoints/watch/health-checks.ts';
import { Follower } from './feed/follower.ts';
import type { GatewayOptions } from './options.ts';
import { Picture } from './snapshot/picture.ts';
import { type FailureStatistics, Stories } from './story/stories.ts';
import type { ThrottlingStatistics } from './throttling/statistics.ts';
import { Throttler } from './throttling/throttler.ts';
import { type BackendStatistics, Backends } from './transport/backend-pool.ts';
import { ConnectionLimit } from './transport/connection-limit.ts';
import { Dialer } from './transport/dial/dial.ts';
import { compileServer } from './transport/forward.ts';
import { createListener } from './transport/index.ts';
import { completeTimeouts, defaultLimits, defaultPool, type Listener } from './transport/options.ts';
import { type SenderOptions, SenderTls } from './transport/tls/sender.ts';
import type { ListenerTls } from './transport/tls/server.ts';

/** What a gateway has done since its start. */
export interface GatewayStatistics extends BackendStatistics, Readonly<GroupStatistics> {
  /** Calls received. */
  readonly calls: number;
  /** Calls that are being answered. */
  readonly inFlight: number;
  /** Calls that the gateway itself answered with an error. */
  readonly refused: number;
  /** Calls that became WebSockets, and how many of these are open. */
  readonly webSockets: number;
  readonly openWebSockets: number;
  /** Pictures swapped in. */
  readonly swaps: number;
  /** Verified tokens that are remembered. */
  readonly cachedTokens: number;
  /** Open client connections. */
  readonly connections: number;
  /** Deadlines that are armed, of connections and calls of every kind. */
  readonly deadlines: number;
  /** 1 while no connections are accepted because the most are open, else 0. */
  readonly paused: number;
  /** How often that began since the start. */
  readonly pauses: number;
  /** Calls by priority, where calls in flight are bounded. */
  readonly priorities?: readonly PriorityStatistics[];
  /** What limits and deny policies did to calls. */
  readonly throttling?: ThrottlingStatistics;
  /** How calls and attempts failed. */
  readonly failures: FailureStatistics;
}

/** How a gateway meets clients and backends over TLS. Plain data. */
export interface GatewayTls {
  readonly listener: ListenerTls;
  readonly sender: SenderOptions;
}

/** A running data plane. */
export interface Gateway {
  /** Resolves when the first picture is served; rejects when the gateway is closed before. */
  readonly ready: Promise<void>;
  /** Where it listens, in the order of the options. */
  readonly addresses: readonly { readonly host: string; readonly port: number; readonly secure: boolean }[];
  /** Sequence number of the feed up to which its picture is current. */
  readonly sequence: number;
  /** Pictures swapped in since the start. */
  readonly swapCount: number;
  statistics(): GatewayStatistics;
  /** The leaves of all APIs that it serves. */
  leaves(): Iterable<LeafRow>;
  /** What became of a call, by its request id; undefined when it is not kept, or not any more. */
  story(id: string): CallStory | undefined;
  /** All that are kept, in no order. */
  stories(): Iterable<CallStory>;
  /**
   * New handshakes with clients, on every listener that has TLS, and with backends go by these options; open connections stay as they are.
   * Throws, with nothing changed, when a certificate, key or cipher list cannot be used.
   */
  setTls(tls: GatewayTls): void;
  /**
   * Stops accepting, lets calls in flight end for at most `millis`, then closes. Resolves with the number of calls that were broken off.
   * A connection without a call may bring one more for `grace` milliseconds (default 0), which is answered with `Connection: close`.
   */
  drain(millis: number, grace?: number): Promise<{ readonly abandoned: number }>;
  /** Ends at once. */
  close(): Promise<void>;
}

/** Starts a data plane. It listens when this resolves, and answers 503 until it is `ready` (unless `listenWhenReady`). Rejects when an address cannot be bound. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log } = options;
  const verifier = new TokenVerifier({ cacheSize: options.tokenCacheSize ?? 10_000, skew: options.tokenSkew ?? 0 });
  const ledger = ledgerOf(options);
  const throttler = new Throttler(ledger, options.clock ?? systemClock, options.throttling ?? {}, log);
  const leaves = new LeafRecords(log, options.suspension, options.leafExchange);
  const groups = groupSettings(options.groups ?? {}, {
    keepsBody: options.backendSecurity?.keepsBody ?? usualKeptBody,
    trustedProxies: options.throttling?.trustedProxies,
    sessions: options.sessionExchange,
  });
  const stories = new Stories(options.stories ?? {}, completeTimeouts(options.timeouts), leaves);
  const pattern = options.accessLog && compilePattern(options.accessLog.pattern ?? defaultPattern);
  const writer = options.accessLog && new AccessLogWriter(options.accessLog.to, log);
  const headers = { ...defaultHeaderRules, ...options.headers };
  const limit =
    options.maxConnections === undefined
      ? undefined
      : new ConnectionLimit(options.maxConnections, (paused) => options.onPause?.(paused));
  let listeners: Listener[] = [];
  const portOf = (secure: boolean) =>
    listeners[options.listeners.findIndex(({ tls }) => (tls !== undefined) === secure)]?.port;
  const chain = new Chain(
    {
      log,
      verifier,
      throttler,
      stories,
      faultStatus: options.faultStatus ?? 'sluice',
      subscriptionCheck: options.subscriptionCheck ?? true,
      environmentType: options.environmentType ?? 'hybrid',
      loggedHeaders: pattern?.responseHeaders ?? [],
      correlationHeader: headers.correlation.name.toLowerCase(),
      checksOrigins: options.webSocketOrigins ?? false,
      documents: options.documents
        ? new Documents(options.documents, () => ({ http: portOf(false), https: portOf(true) }))
        : null,
    },
    pattern && writer ? recordTo(writer, pattern) : null,
    {
      server: compileServer(options.serverHeader?.name ?? 'Sluice', options.serverHeader?.passesOn ?? false),
      warnOn500: options.warnOn500,
      admission: options.admission,
    },
  );
  const backends = backendsOf(options);
  const healthChecks = new HealthChecks(backends, leaves);
  if (!options.listenWhenReady) listeners = await listen(options, chain, backends, limit);
  let swaps = 0;
  const sender = new SenderTls(options.sender ?? {});
  const follower = new Follower({
    source: options.source,
    environment: options.environment,
    ...(options.snapshotFile === undefined ? {} : { snapshotFile: options.snapshotFile }),
    picture: new Picture(compileSettings(options, sender, backends, { leaves, groups, healthChecks }), log),
    publish: (snapshot) => {
      swaps++;
      chain.swap(snapshot);
      options.onSwap?.(snapshot.sequence);
    },
    log,
  });
  const end = async (): Promise<void> => {
    healthChecks.close();
    backends.close();
    await follower.close();
    await ledger.close();
    await writer?.close();
  };
  if (options.listenWhenReady) {
    try {
      await follower.ready;
      listeners = await listen(options, chain, backends, limit);
    } catch (error) {
      await end();
      throw error;
    }
  }
  const connections = () => listeners.reduce((sum, listener) => sum + listener.connections, 0);
  return {
    ready: follower.ready,
    addresses: options.listeners.map(({ host, tls }, index) => ({
      host,
      port: listeners[index]?.port ?? 0,
      secure: tls !== undefined,
    })),
    get sequence() {
      return follower.sequence;
    },
    get swapCount() {
      return swaps;
    },
    statistics: () => ({
      ...chain.statistics,
      swaps,
      cachedTokens: verifier.cached,
      connections: connections(),
      deadlines: wheel.size,
      ...backends.statistics,
      paused: limit?.paused ? 1 : 0,
      pauses: limit?.pauses ?? 0,
      throttling: throttler.statistics,
      failures: stories.statistics,
      ...groups.statistics,
      ...(chain.priorities ? { priorities: chain.priorities } : {}),
    }),
    *leaves() {
      for (const record of leaves.all()) yield leafRow(record);
    },
    story: (id) => stories.find(id),
    stories: () => stories.all(),
    setTls({ listener: tls, sender: options }) {
      sender.replace(options);
      for (const listener of listeners) listener.setTls(tls);
    },
    async drain(millis, grace = 0) {
      const ended = await Promise.all(listeners.map((listener) => listener.drain(millis, grace)));
      await end();
      return { abandoned: ended.reduce((sum, { abandoned }) => sum + abandoned, 0) };
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
      await end();
    },
  };
}

/** Without an authority elsewhere the gateway has one of its own. */
function ledgerOf({ authority, clock = systemClock, throttling = {} }: GatewayOptions): Ledger {
  return new Ledger({
    authority: authority ?? new MachineAuthority({ clock }).connect('gateway'),
    clock,
    patience: throttling.patience ?? 2000,
    fail: throttling.fail ?? 'closed',
  });
}

function recordTo(writer: AccessLogWriter, pattern: CompiledPattern): CallRecorder {
  return (exchange, outcome) => {
    const batch = writer.begin();
    if (batch === null) return;
    pattern.write(batch, exchange, outcome);
    writer.end();
  };
}

/** Connections to backends, which all listeners share: a bound on them is one of the whole process. */
function backendsOf({ limits, timeouts, pool, dial }: GatewayOptions): Backends {
  return new Backends(
    { ...defaultLimits, ...limits },
    completeTimeouts(timeouts),
    { ...defaultPool, ...pool },
    new Dialer(dial),
  );
}

/** Binds every address, or none. */
async function listen(
  options: GatewayOptions,
  chain: Chain,
  backends: Backends,
  connectionLimit: ConnectionLimit | undefined,
): Promise<Listener[]> {
  const { http2 = {}, anotherSocket } = options;
  const shared = { handler: chain, backends, http2, halfClose: options.halfClose ?? false };
  const listeners = options.listeners.map((one, index) =>
    createListener({
      ...one,
      ...shared,
      ...(connectionLimit ? { connectionLimit } : {}),
      ...(anotherSocket ? { another: () => anotherSocket(index) } : {}),
    }),
  );
  const bound = await Promise.allSettled(listeners.map((listener) => listener.listen()));
  const failed = bound.find((result) => result.status === 'rejected');
  if (failed === undefined) return listeners;
  await Promise.all(listeners.filter((_, index) => bound[index]?.status === 'fulfilled').map((one) => one.close()));
  throw failed.reason;
}

function compileSettings(
  options: GatewayOptions,
  sender: SenderTls,
  backends: Backends,
  kept: Pick<CompileSettings, 'leaves' | 'groups' | 'healthChecks'>,
): CompileSettings {
  const backendTls = { verify: options.hostnameVerification ?? 'default-and-localhost', sender } as const;
  const { log } = options;
  return {
    cors: options.cors === undefined ? defaultCors : options.cors,
    corsExposeHeaders: options.corsExposeHeaders ?? [],
    keepAuthorization: options.keepAuthorization ?? false,
    backendTls,
    backendSecurity: backendSecuritySettings(options.backendSecurity ?? {}, { backends, tls: backendTls, log }),
    headers: compileHeaders({ ...defaultHeaderRules, ...options.headers }),
    ...kept,
    shared: new SharedEndpoints(),
    dynamicHosts: new AllowedHosts(options.dynamicHosts ?? []),
    copies: copySettings(backends, options.maxRecipientBody),
    throttling: options.throttling ?? {},
    timeouts: backends.timeouts,
  };
}
