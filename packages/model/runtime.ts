/**
 * What a gateway needs to know: the runtime entities and the feed that carries them.
 *
 * The whole picture is a set of entities, each with a kind and an id. A snapshot lists them at a sequence number;
 * an event after it replaces one (`value`) or takes it away (`value: null`). Both come from the control plane's store,
 * or from a folder of API projects, and are kept on the gateway's disk in the same form.
 */
import type { ApiType, AuthType, CorsConfiguration, LifecycleStatus } from './api.ts';
import type { ApplicationStatus, KeyType, SubscriptionStatus } from './application.ts';
import type { ApiEndpoints } from './endpoint.ts';
import type { SharedEndpoint } from './endpoints/shared.ts';
import type { JsonObject } from './json.ts';
import type { MockAnswer } from './mocks/answers.ts';
import type { Plan } from './plan.ts';
import type { CustomRule } from './throttling/custom-rule.ts';
import type { DenyPolicy } from './throttling/deny-policy.ts';

/** A revision as the gateways of one environment serve it. Id: the API's id. */
export interface DeployedApi {
  readonly id: string;
  readonly revisionId: string;
  readonly organization: string;
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly type: ApiType;
  readonly status: LifecycleStatus;
  /** Full path prefix with the version: `/orders/1.0.0`. */
  readonly basePath: string;
  /** Prefix without the version where this is the default version, else null. */
  readonly defaultBasePath: string | null;
  /** Host name it is served under; `null` answers on every host. */
  readonly vhost: string | null;
  readonly transport: readonly string[];
  readonly securityScheme: readonly string[];
  readonly authorizationHeader: string;
  readonly apiKeyHeader: string;
  readonly apiThrottlingPolicy: string | null;
  readonly keyManagers: readonly string[];
  /** Token audiences that are taken; empty takes any. */
  readonly audiences: readonly string[];
  readonly cors: CorsConfiguration | null;
  readonly operations: readonly RuntimeOperation[];
  readonly endpoints: ApiEndpoints;
  /** WSDL document of an API that has one: UTF-8, gzipped, in base64. */
  readonly wsdl?: string;
  /** Of a GraphQL API: its schema, where it is known (UTF-8, gzipped, in base64), and what fields cost by type and name; 1 where nothing is said. */
  readonly graphql?: {
    readonly schema?: string;
    readonly complexity: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  /** Calls that the backends take; a side that is absent takes any number. */
  readonly maxTps?: { readonly production?: BackendLimit; readonly sandbox?: BackendLimit };
  /** `visibility` where not everybody may see the API, and other members that later rooms read. */
  readonly more: JsonObject;
}

/** Calls in a window that begins with the first one after the last ended. */
export interface BackendLimit {
  /** At least 1. */
  readonly count: number;
  readonly timeUnit: 'sec' | 'min' | 'hour';
}

export interface RuntimeOperation {
  readonly target: string;
  readonly verb: string;
  readonly authType: AuthType;
  readonly throttlingPolicy: string;
  readonly scopes: readonly string[];
  /** Path and query at the backend, behind the URL of a WebSocket endpoint (`x-uri-mapping`); absent where there is none. */
  readonly uriMapping?: string;
  /** What it answers where the API is mocked; absent where it is not. */
  readonly mock?: readonly MockAnswer[];
}

/** Id: the application's id. */
export interface RuntimeApplication {
  readonly id: string;
  readonly organization: string;
  readonly name: string;
  readonly owner: string;
  readonly plan: string;
  readonly status: ApplicationStatus;
}

/** Id: `keyManager/consumerKey`. */
export interface RuntimeKey {
  readonly consumerKey: string;
  readonly keyManager: string;
  readonly applicationId: string;
  readonly keyType: KeyType;
}

/** Id: `applicationId/apiId`. */
export interface RuntimeSubscription {
  readonly id: string;
  readonly apiId: string;
  readonly applicationId: string;
  readonly plan: string;
  readonly status: SubscriptionStatus;
}

/** A key manager whose tokens are taken. Id: its name. */
export interface RuntimeIssuer {
  /** `Resident Key Manager` for the built-in one; `internal` issues test keys. */
  readonly name: string;
  readonly issuer: string;
  /** Public JSON Web Keys (RFC 7517), each with `kid` and `alg`. */
  readonly keys: readonly JsonObject[];
  /** Claim that names the OAuth client; default `azp`. */
  readonly consumerKeyClaim: string;
  /** Claim that lists the scopes; default `scope`. */
  readonly scopesClaim: string;
}

/** A token that is refused although it has not expired. Id: its `jti`. */
export interface RuntimeRevocation {
  readonly tokenId: string;
  /** Epoch milliseconds; the entry may be forgotten then. */
  readonly expiresAt: number;
}

/** Every kind of runtime entity and its shape. */
export interface RuntimeEntities {
  readonly api: DeployedApi;
  readonly application: RuntimeApplication;
  readonly key: RuntimeKey;
  readonly subscription: RuntimeSubscription;
  readonly plan: Plan;
  readonly denyPolicy: DenyPolicy;
  readonly customRule: CustomRule;
  /** Id: `organization/name`. */
  readonly endpoint: SharedEndpoint;
  readonly issuer: RuntimeIssuer;
  readonly revocation: RuntimeRevocation;
}

export type RuntimeKind = keyof RuntimeEntities;

/** One entity with its place in the picture. */
export type RuntimeEntry = {
  [K in RuntimeKind]: { readonly kind: K; readonly id: string; readonly value: RuntimeEntities[K] };
}[RuntimeKind];

/** One change. Sequence numbers grow by commit order; gaps are possible, reordering is not. */
export type FeedEvent = {
  [K in RuntimeKind]: {
    readonly sequence: number;
    /** Gateway environment this is for; null is for all. */
    readonly environment: string | null;
    readonly kind: K;
    readonly id: string;
    readonly value: RuntimeEntities[K] | null;
  };
}[RuntimeKind];

/** Everything one environment's gateways serve, as of `sequence`. */
export interface FeedSnapshot {
  /** Version of this form; a reader refuses one it does not know. */
  readonly format: 1;
  readonly environment: string;
  readonly sequence: number;
  readonly entries: readonly RuntimeEntry[];
}

/**
 * Where a gateway's picture comes from: the control plane in the same process, one elsewhere over HTTP, a folder, or a saved file.
 * `snapshot` rejects while the source is away. `events` yields what came after `sequence`, then waits for more;
 * it ends when `signal` aborts and throws `FeedGapError` when events after `sequence` are no longer kept, so that the reader takes a new snapshot.
 */
export interface FeedSource {
  snapshot(signal: AbortSignal): Promise<FeedSnapshot>;
  events(sequence: number, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

/** The source no longer keeps the events that were asked for. */
export class FeedGapError extends Error {
  override readonly name = 'FeedGapError';
}
