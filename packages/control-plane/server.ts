import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { KeyManager } from '@sluice/key-manager';
import {
  type CounterDesk,
  type EndpointDesk,
  type FeedSource,
  type GatewayDeadlines,
  type Log,
  type StoryDesk,
  usualDeadlines,
} from '@sluice/model';
import type { Store } from '@sluice/store';
import { adminPortal } from './admin/portal.ts';
import { counterPortal } from './counters/portal.ts';
import { devportalPortal } from './devportal/portal.ts';
import { type DevportalSettings, defaultDevportalSettings } from './devportal/settings.ts';
import { endpointPortal } from './endpoints/portal.ts';
import type { GatewayCredentials } from './feed/admit.ts';
import { startPruning } from './feed/prune.ts';
import { createFeed } from './feed/routes.ts';
import { FetchProxy, type FetchProxyOptions } from './fetch/index.ts';
import { defaultPlanSettings, type PlanSettings } from './plans/offered.ts';
import { publisherPortal } from './publisher/portal.ts';
import { createRestApp } from './rest/app.ts';
import { joinedPortal } from './rest/joined.ts';
import { mountPortal } from './rest/mount.ts';
import { type ListenAddress, listen } from './server/listen.ts';
import { mountProbes } from './server/probes.ts';
import { refuseBadClients } from './server/refuse-client.ts';
import { RequestMetrics } from './server/request-metrics.ts';
import { sharedEndpointPortal } from './shared-endpoints/portal.ts';
import { storyPortal } from './stories/portal.ts';
import { timeoutPortal } from './timeouts/portal.ts';
import { textFetcher } from './wsdl/fetch.ts';

/** Certificate chain and private key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Where one of the listeners is, and what it takes. */
export interface PortalListener extends ListenAddress {
  /** Bytes of a request head; beyond it 431. Default 32 KiB, as WSO2's. */
  readonly maxHeadBytes?: number;
}

export interface ControlPlaneOptions {
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly log: Log;
  /** Version of the program, for probes. */
  readonly version: string;
  /** The https listener (9443) with its identity. */
  readonly https: PortalListener & { readonly tls: TlsIdentity };
  /** The http listener (9763). */
  readonly http: PortalListener;
  readonly publicUrls: {
    /** `https://host:9443`: base of links when a request names no usable host. */
    readonly base: string;
    /** `https://host:9443/devportal` */
    readonly devportal: string;
  };
  readonly importPolicy: {
    /** `[apim.publisher] allow_private_import`: whether imports by URL may reach private addresses. */
    readonly allowPrivate: boolean;
    /** Absent fetches directly. */
    readonly proxy?: FetchProxyOptions;
  };
  readonly limits?: Partial<ControlPlaneLimits>;
  readonly devportal?: Partial<DevportalSettings>;
  readonly plans?: PlanSettings;
  /** The deadlines that the settings make; default those of a gateway to which nothing is set. */
  readonly deadlines?: GatewayDeadlines;
  /** Basic credentials of gateways elsewhere; an administrator's are taken too. */
  readonly gatewayCredentials?: GatewayCredentials;
  /** True once the gateway that belongs to this process serves. A control plane alone has none to wait for. */
  readonly gatewayReady?: () => boolean | Promise<boolean>;
  /** Metrics of other rooms in Prometheus text form, added to those of the control plane. */
  readonly metrics?: () => string | Promise<string>;
  /** The counters of this program's gateway; absent where it has none. */
  readonly counters?: CounterDesk;
  /** What became of this gateway's calls; absent where the program has none. */
  readonly stories?: StoryDesk;
  /** The states of this gateway's endpoints; absent where the program has none. */
  readonly endpoints?: EndpointDesk;
  /** Answers 500 where a response is not as its description says. For test suites. */
  readonly checkResponses?: boolean;
}

/** Bounds, with what they are by default. */
export interface ControlPlaneLimits {
  /** Bytes of a body, and of each file of a form; 10 MB as WSO2's imports. */
  readonly bodyBytes: number;
  /** Revisions of one API; 5. */
  readonly maxRevisions: number;
  /** Milliseconds for fetching a definition by URL; 20,000. */
  readonly importDeadline: number;
  /** Milliseconds for requests in flight when the server stops; 10,000. */
  readonly drain: number;
}

const usualLimits: ControlPlaneLimits = {
  bodyBytes: 10 * 1024 * 1024,
  maxRevisions: 5,
  importDeadline: 20_000,
  drain: 10_000,
};

/** What only Sluice has, under one path. */
const gatewayApi = {
  title: 'Sluice gateway',
  description:
    'What the gateway of this machine counts for limits, tells of calls, and knows about endpoints, and the endpoints that APIs share. WSO2 API Manager has no such API.',
};

export interface ControlPlane {
  /** Opens both listeners and resolves with their ports; rejects with `ListenError`, with neither open. */
  listen(): Promise<{ readonly httpsPort: number; readonly httpPort: number }>;
  /** The feed of an environment, for a gateway in this process. */
  feed(environment: string): FeedSource;
  /** New handshakes use this certificate; open connections go on. Throws when it cannot be used. */
  setTls(tls: TlsIdentity): void;
  /** Stops accepting, finishes what is in flight within `limits.drain`, closes. The store and the key manager stay open: they are the caller's. */
  close(): Promise<void>;
}

/** The REST APIs, the key manager's routes, the feed and the probes over two listeners. */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { store, keyManager, log, plans = defaultPlanSettings, deadlines = usualDeadlines } = options;
  const limits = { ...usualLimits, ...options.limits };
  let stopping = false;

  const app = await createRestApp(log);
  const metrics = new RequestMetrics(app);
  const imports = {
    allowPrivateImport: options.importPolicy.allowPrivate,
    importProxy: options.importPolicy.proxy && new FetchProxy(options.importPolicy.proxy),
    importDeadline: limits.importDeadline,
    definitionBytes: limits.bodyBytes,
  };
  const publisher = publisherPortal({
    store,
    keyManager,
    log,
    settings: { devportalUrl: options.publicUrls.devportal, maxRevisions: limits.maxRevisions, ...imports },
    plans,
    deadlines,
  });
  const devportal = devportalPortal({
    store,
    keyManager,
    log,
    settings: { ...defaultDevportalSettings, ...options.devportal },
    plans,
    counters: options.counters,
  });
  const admin = adminPortal({ store, keyManager, log, plans });
  const gateway = joinedPortal('gateway', gatewayApi, [
    counterPortal(options.counters),
    storyPortal(options.stories),
    timeoutPortal(store, deadlines),
    endpointPortal(options.endpoints),
    sharedEndpointPortal({ store, fetchText: textFetcher(imports) }),
  ]);
  for (const portal of [publisher, devportal, admin, gateway]) {
    mountPortal(app, portal, {
      authenticator: keyManager,
      log,
      limits: { bytes: limits.bodyBytes },
      publicUrl: options.publicUrls.base,
      checkResponses: options.checkResponses ?? false,
    });
  }
  mountProbes(app, {
    store,
    version: options.version,
    gatewayReady: options.gatewayReady ?? (() => true),
    metrics: async () => metrics.text() + ((await options.metrics?.()) ?? ''),
    stopping: () => stopping,
  });
  await app.ready();

  const feed = createFeed(
    { store, keyManager, log },
    options.gatewayCredentials ? { gateway: options.gatewayCredentials } : {},
  );
  const stopPruning = startPruning({ store, log });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!keyManager.handle(request, response) && !feed.handle(request, response)) app.routing(request, response);
  };
  const { cert, key } = options.https.tls;
  const head = ({ maxHeadBytes = 32_768 }: PortalListener) => ({ maxHeaderSize: maxHeadBytes });
  const https = prepare(createHttps({ cert, key, minVersion: 'TLSv1.2', ...head(options.https) }, answer));
  const http = prepare(createHttp(head(options.http), answer));

  function prepare<T extends Server>(server: T): T {
    // A head arrives at once; a body of the largest size may come over a slow line.
    server.headersTimeout = 20_000;
    server.requestTimeout = 300_000;
    refuseBadClients(server, log);
    return server;
  }

  return {
    async listen() {
      const httpsPort = await listen(https, options.https);
      try {
        return { httpsPort, httpPort: await listen(http, options.http) };
      } catch (error) {
        https.close();
        throw error;
      }
    },
    feed: (environment) => feed.source(environment),
    setTls: ({ cert, key }) => https.setSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    async close() {
      stopping = true;
      stopPruning();
      feed.close();
      await Promise.all([finish(https, limits.drain), finish(http, limits.drain)]);
      await app.close();
    },
  };
}

/** Closes a server: idle connections at once, the others when their call is over, or after `patience` milliseconds. */
async function finish(server: Server, patience: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection that is kept alive becomes idle when its answer is sent.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const timer = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
}
