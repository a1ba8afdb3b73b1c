import type {
  DeployedApi,
  Log,
  RuntimeApplication,
  RuntimeEntities,
  RuntimeIssuer,
  RuntimeKey,
  RuntimeKind,
  RuntimeRevocation,
  RuntimeSubscription,
  SharedEndpoint,
} from '@sluice/model';
import type { CompileSettings } from '../chain/settings.ts';
import { Found } from '../throttling/found.ts';
import { LimitsEdit, noLimits } from '../throttling/limits.ts';
import { type CompiledApi, compileApi } from './api.ts';
import { EndpointUsers } from './endpoint-users.ts';
import { type CompiledIssuer, compileIssuer } from './issuer.ts';
import { type Mount, Routes, type RoutesEdit } from './routes.ts';
import { ShardedMap, type ShardedMapEdit } from './sharded-map.ts';
import type { CompiledApplication, CompiledSubscription, Snapshot } from './snapshot.ts';

/** Issuer that signs test keys. */
const testKeyIssuer = 'internal';

let generations = 0;

/** What serves before anything is known: nothing. */
export const emptySnapshot: Snapshot = {
  generation: generations,
  sequence: 0,
  routes: Routes.empty(),
  keys: ShardedMap.empty(),
  applications: ShardedMap.empty(),
  revocations: ShardedMap.empty(),
  issuers: new Map(),
  testKeyIssuers: new Map(),
  limits: noLimits,
};

/**
 * The compiled side of the picture while it changes: each change recompiles the one thing it is about, and `commit` hands out
 * an immutable snapshot that shares the rest with the one before.
 */
export class Picture {
  readonly #settings: CompileSettings;
  readonly #log: Log;
  readonly #routes: RoutesEdit<CompiledApi> = Routes.empty<CompiledApi>().edit();
  readonly #mounts = new Map<string, readonly Mount<CompiledApi>[]>();
  readonly #keys = ShardedMap.empty<RuntimeKey>().edit();
  readonly #applications = ShardedMap.empty<CompiledApplication>().edit();
  readonly #revocations = ShardedMap.empty<RuntimeRevocation>().edit();
  /** Sources of the compiled applications; a subscription may arrive before its application. */
  readonly #applicationSources = new Map<string, RuntimeApplication>();
  readonly #subscriptions = new Map<string, Map<string, CompiledSubscription>>();
  /** Application and API of a subscription by its id, to take it away again. */
  readonly #placeOfSubscription = new Map<string, RuntimeSubscription>();
  readonly #issuers = new Map<string, CompiledIssuer>();
  readonly #limits: LimitsEdit;
  /** APIs by the shared endpoints that they refer to. */
  readonly #users = new EndpointUsers();
  /** Those of them that are to be compiled anew. */
  readonly #stale = new Map<string, DeployedApi>();

  /** What a change of each kind recompiles. Kinds that no step asks for are not compiled. */
  readonly #appliers: {
    readonly [K in RuntimeKind]?: (id: string, value: RuntimeEntities[K] | null) => void;
  } = {
    api: (id, value) => this.#applyApi(id, value),
    application: (id, value) => this.#applyApplication(id, value),
    subscription: (id, value) => this.#applySubscription(id, value),
    issuer: (id, value) => this.#applyIssuer(id, value),
    key: (id, value) => put(this.#keys, id, value),
    revocation: (id, value) => put(this.#revocations, id, value),
    plan: (id, value) => this.#limits.plan(id, value),
    denyPolicy: (id, value) => this.#limits.denyPolicy(id, value),
    customRule: (id, value) => this.#limits.customRule(id, value),
    endpoint: (id, value) => this.#applyEndpoint(id, value),
  };

  constructor(settings: CompileSettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#limits = new LimitsEdit(settings.throttling, log);
  }

  /** Takes one change over; `null` takes the entity away. A faulty API is reported and its last good form stays. */
  apply<K extends RuntimeKind>(kind: K, id: string, value: RuntimeEntities[K] | null): void {
    const apply = this.#appliers[kind] as ((id: string, value: RuntimeEntities[K] | null) => void) | undefined;
    apply?.(id, value);
  }

  /** The picture with all changes so far. */
  commit(sequence: number): Snapshot {
    for (const _ of this.catchUp());
    const issuers = [...this.#issuers.values()];
    return {
      generation: ++generations,
      sequence,
      routes: this.#routes.finish(),
      keys: this.#keys.finish(),
      applications: this.#applications.finish(),
      revocations: this.#revocations.finish(),
      issuers: byIssuer(issuers.filter(({ name }) => name !== testKeyIssuer)),
      testKeyIssuers: byIssuer(issuers.filter(({ name }) => name === testKeyIssuer)),
      limits: this.#limits.finish(),
    };
  }

  #applyApi(id: string, api: DeployedApi | null): void {
    this.#stale.delete(id);
    let mounts: Mount<CompiledApi>[] = [];
    // A retired API answers as if it were not there (wso2-control-plane.md 2.3).
    if (api !== null && api.status !== 'RETIRED') {
      try {
        mounts = mountsOf(compileApi(api, this.#settings));
        for (const mount of mounts) this.#routes.add(mount);
      } catch (error) {
        for (const mount of mounts) this.#routes.remove(mount);
        this.#log.error('An API cannot be served; its last good revision stays', {
          api: `${api.name}/${api.version}`,
          revision: api.revisionId,
          reason: (error as Error).message,
        });
        return;
      }
    }
    for (const mount of this.#mounts.get(id) ?? []) this.#routes.remove(mount);
    if (mounts.length === 0) this.#settings.leaves.forget(id);
    if (mounts.length === 0) this.#settings.groups.sessions.forget(id);
    if (mounts.length === 0) this.#settings.healthChecks.release(id);
    if (mounts.length === 0) this.#mounts.delete(id);
    else this.#mounts.set(id, mounts);
    this.#users.set(id, mounts[0]?.target.source);
  }

  /** A shared endpoint is compiled into each API that refers to it, which may be many. */
  #applyEndpoint(id: string, endpoint: SharedEndpoint | null): void {
    this.#settings.shared.apply(id, endpoint, this.#settings.leaves, this.#settings.groups.sessions);
    for (const api of this.#users.of(id)) this.#stale.set(api.id, api);
  }

  /** Compiles what other changes concern too, one API a step; `commit` does what is left. */
  *catchUp(): Generator<void> {
    for (const [id, api] of this.#stale) {
      this.#applyApi(id, api);
      yield;
    }
  }

  #applyApplication(id: string, application: RuntimeApplication | null): void {
    if (application === null) this.#applicationSources.delete(id);
    else this.#applicationSources.set(id, application);
    this.#compileApplication(id);
  }

  #applySubscription(id: string, subscription: RuntimeSubscription | null): void {
    const before = this.#placeOfSubscription.get(id);
    if (before !== undefined) {
      this.#placeOfSubscription.delete(id);
      const siblings = this.#subscriptions.get(before.applicationId);
      siblings?.delete(before.apiId);
      if (siblings?.size === 0) this.#subscriptions.delete(before.applicationId);
    }
    if (subscription !== null) {
      this.#placeOfSubscription.set(id, subscription);
      const siblings = this.#subscriptions.get(subscription.applicationId) ?? new Map();
      siblings.set(subscription.apiId, { source: subscription, found: new Found() });
      this.#subscriptions.set(subscription.applicationId, siblings);
    }
    const touched = new Set([before?.applicationId, subscription?.applicationId]);
    for (const applicationId of touched) if (applicationId !== undefined) this.#compileApplication(applicationId);
  }

  #compileApplication(id: string): void {
    const source = this.#applicationSources.get(id);
    const compiled = source && { source, subscriptions: new Map(this.#subscriptions.get(id)) };
    put(this.#applications, id, compiled ?? null);
  }

  #applyIssuer(id: string, issuer: RuntimeIssuer | null): void {
    if (issuer === null) {
      this.#issuers.delete(id);
      return;
    }
    const report = (reason: string) => this.#log.warn('A key of a key manager cannot be used', { reason });
    this.#issuers.set(id, compileIssuer(issuer, report));
  }
}

function put<V>(map: ShardedMapEdit<V>, id: string, value: V | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}

function mountsOf(api: CompiledApi): Mount<CompiledApi>[] {
  const { basePath, defaultBasePath, vhost } = api.source;
  const paths = defaultBasePath === null ? [basePath] : [basePath, defaultBasePath];
  return [...new Set(paths.map((path) => path.replace(/\/+$/, '')))].map((path) => ({
    target: api,
    basePath: path,
    vhost: vhost === null ? null : vhost.toLowerCase(),
  }));
}

function byIssuer(issuers: readonly CompiledIssuer[]): Map<string, CompiledIssuer[]> {
  const map = new Map<string, CompiledIssuer[]>();
  for (const issuer of issuers) map.set(issuer.issuer, [...(map.get(issuer.issuer) ?? []), issuer]);
  return map;
}
