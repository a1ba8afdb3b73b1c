import type { RuntimeApplication, RuntimeKey, RuntimeRevocation, RuntimeSubscription } from '@sluice/model';
import type { Found } from '../throttling/found.ts';
import type { Limits } from '../throttling/limits.ts';
import type { CompiledApi } from './api.ts';
import type { CompiledIssuer } from './issuer.ts';
import type { Routes } from './routes.ts';
import type { ShardedMap } from './sharded-map.ts';

/** A subscription with the limits of its business plan. */
export interface CompiledSubscription {
  readonly source: RuntimeSubscription;
  readonly found: Found;
}

/** An application with its subscriptions by API id. */
export interface CompiledApplication {
  readonly source: RuntimeApplication;
  readonly subscriptions: ReadonlyMap<string, CompiledSubscription>;
}

/** Everything a call needs to know, immutable. A call keeps the one it began with. */
export interface Snapshot {
  /** Grows with every snapshot of this process; tells cached findings of another one apart. */
  readonly generation: number;
  /** Sequence number of the feed up to which it is current. */
  readonly sequence: number;
  readonly routes: Routes<CompiledApi>;
  /** By `keyManager/consumerKey`. */
  readonly keys: ShardedMap<RuntimeKey>;
  /** By application id. */
  readonly applications: ShardedMap<CompiledApplication>;
  /** By token id. */
  readonly revocations: ShardedMap<RuntimeRevocation>;
  /** Issuers of access tokens by `iss`; several key managers may share one. */
  readonly issuers: ReadonlyMap<string, readonly CompiledIssuer[]>;
  /** Issuers of test keys by `iss`. */
  readonly testKeyIssuers: ReadonlyMap<string, readonly CompiledIssuer[]>;
  /** Plans, deny policies and custom rules. */
  readonly limits: Limits;
}
