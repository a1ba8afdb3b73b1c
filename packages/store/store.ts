import type {
  Api,
  Application,
  CustomRule,
  DenyPolicy,
  Deployment,
  FeedEvent,
  GatewayEnvironment,
  Json,
  JsonObject,
  KeyMapping,
  LifecycleEvent,
  LifecycleStatus,
  Plan,
  PlanKind,
  Revision,
  RuntimeEntities,
  RuntimeKind,
  SharedEndpoint,
  Subscription,
  User,
} from '@sluice/model';

/**
 * The store: everything the control plane and the key manager keep.
 *
 * What a tenant owns is reached only through `organization(name)`, so that no query can forget its scope.
 * Every method rejects with `ConflictError` on a broken uniqueness rule and with `StoreUnavailableError`
 * when the database is locked beyond the busy timeout, full or away.
 */
export interface Store {
  readonly engine: 'sqlite' | 'postgresql';
  /** The tenant's part. Cheap; hold it or make it anew. */
  organization(name: string): OrganizationStore;
  /** What belongs to the installation: signing keys, OAuth artifacts, the feed. */
  readonly system: SystemStore;
  /**
   * Runs `work` in one transaction over any organizations; a rejection rolls back. Transactions run one after another, across
   * all processes on the database: what one has read still holds when it commits, so "look, then make" is safe. Keep them short.
   * A step that rejects leaves nothing behind and the transaction usable. The outer store rejects inside (`NestedUseError`).
   */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** Names of the organizations that exist (those with a user), the super organization first. */
  organizations(): Promise<string[]>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Lets the transaction that runs finish, then refuses all use. */
  close(): Promise<void>;
}

export type StoreTransaction = Pick<Store, 'organization' | 'system'>;

/** A page of a list. `total` counts all matches. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** `offset` >= 0, `limit` >= 0. */
export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}

export interface OrganizationStore {
  readonly organization: string;
  readonly apis: ApiRepository;
  readonly revisions: RevisionRepository;
  readonly deployments: DeploymentRepository;
  readonly applications: ApplicationRepository;
  readonly keyMappings: KeyMappingRepository;
  readonly subscriptions: SubscriptionRepository;
  readonly plans: PlanRepository;
  readonly denyPolicies: DenyPolicyRepository;
  readonly customRules: CustomRuleRepository;
  readonly sharedEndpoints: SharedEndpointRepository;
  readonly environments: EnvironmentRepository;
  readonly users: UserRepository;
  readonly clients: ClientRepository;
  readonly feed: FeedWriter;
}

export interface SystemStore {
  readonly signingKeys: SigningKeyRepository;
  readonly artifacts: ArtifactRepository;
  readonly revocations: RevocationRepository;
  readonly feed: FeedReader;
  /** Small named values of the installation (`sample.installed`, …). */
  readonly values: { get(name: string): Promise<Json | undefined>; set(name: string, value: Json): Promise<void> };
}

/** Conditions are ANDed. Text compares without case; `contains` looks anywhere, `equals` at the whole. */
export interface ApiQuery {
  readonly terms: readonly ApiQueryTerm[];
  /** Only these statuses; absent means all. */
  readonly statuses?: readonly LifecycleStatus[];
  /**
   * Hides APIs whose `accessControl` (publisher) or `visibility` (devportal) excludes a person with these roles; absent hides none.
   * Names and roles compare without case; a blank user has not signed in.
   */
  readonly visibleTo?: {
    readonly user: string;
    readonly roles: readonly string[];
    readonly side: 'publisher' | 'devportal';
  };
  /** Absent: newest first. */
  readonly sortBy?: 'name' | 'version' | 'createdTime' | 'updatedTime' | 'status';
  /** Default `asc` where `sortBy` is given. */
  readonly sortOrder?: 'asc' | 'desc';
}

/** `any` looks into name, version, context, provider, description, tags, categories and the values of properties. */
export interface ApiQueryTerm {
  readonly field:
    | 'name'
    | 'version'
    | 'context'
    | 'provider'
    | 'tag'
    | 'description'
    | 'status'
    | 'type'
    | 'category'
    | 'property'
    | 'any';
  /** Name of the additional property when `field` is `property`. */
  readonly property?: string;
  readonly match: 'contains' | 'equals' | 'prefix' | 'suffix';
  readonly value: string;
}

/** What tells the versions of an API apart; without regard to case, all lower-case. */
export interface ApiOutline {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly provider: string;
}

export interface ApiRepository {
  /**
   * Rejects with `ConflictError` (`api-name-version` or `api-context-version`, both without regard to case). `copyOf` is the id of the API whose
   * endpoint configuration it has, so that secrets that are sealed for that one are sealed for this one.
   */
  create(api: Api, definition: string, copyOf?: string): Promise<void>;
  get(id: string): Promise<Api | undefined>;
  find(name: string, version: string): Promise<Api | undefined>;
  /** All versions of a name, without regard to case. */
  versions(name: string): Promise<Api[]>;
  /** All versions of a context, without regard to case. */
  byContext(context: string): Promise<Api[]>;
  list(query: ApiQuery, page: PageRequest): Promise<Page<Api>>;
  /** All that match, without their documents: for whoever must look at every one of many. In the order of `list`. */
  outline(query: ApiQuery): Promise<ApiOutline[]>;
  /** Replaces the row; false when it is gone. */
  update(api: Api): Promise<boolean>;
  /** Also removes definition, thumbnail, revisions, deployments and history. Rejects with `ConflictError` (`api-subscribed`) while it has subscriptions. */
  remove(id: string): Promise<boolean>;
  definition(id: string): Promise<string | undefined>;
  /** Rejects with `MissingReferenceError` when the API is gone, as do `setThumbnail` and `appendHistory`. */
  setDefinition(id: string, definition: string): Promise<void>;
  thumbnail(id: string): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array } | undefined>;
  setThumbnail(id: string, thumbnail: { mediaType: string; bytes: Uint8Array } | null): Promise<void>;
  history(id: string): Promise<LifecycleEvent[]>;
  appendHistory(event: LifecycleEvent): Promise<void>;
}

export interface RevisionRepository {
  /** Gives the next number of that API (numbers are never used twice) and stores the revision. Rejects with `MissingReferenceError` when the API is gone. */
  create(revision: Omit<Revision, 'number'>): Promise<Revision>;
  get(apiId: string, revisionId: string): Promise<Revision | undefined>;
  byNumber(apiId: string, number: number): Promise<Revision | undefined>;
  /** In order of their numbers. */
  list(apiId: string): Promise<Revision[]>;
  /** Rejects with `ConflictError` (`revision-deployed`) while it is deployed. */
  remove(apiId: string, revisionId: string): Promise<boolean>;
}

/** A deployment with the API as its revision froze it, and as it is now. */
export interface ServedApi {
  readonly deployment: Deployment;
  readonly frozen: Api;
  readonly api: Api;
}

export interface DeploymentRepository {
  /** One per API and environment: replaces what was deployed there. Rejects with `MissingReferenceError` when the revision is not one of that API. */
  put(deployment: Deployment): Promise<void>;
  list(apiId: string): Promise<Deployment[]>;
  all(environment?: string): Promise<Deployment[]>;
  /** What is served in an environment, with both forms of the API, in the order of API ids. Definitions are not read. */
  served(environment: string, page: PageRequest): Promise<ServedApi[]>;
  remove(apiId: string, environment: string): Promise<boolean>;
}

export interface ApplicationRepository {
  /** Rejects with `ConflictError` (`application-owner-name`, without regard to case). */
  create(application: Application): Promise<void>;
  get(id: string): Promise<Application | undefined>;
  /** Those of `owner` and those shared with one of `groupIds`; with neither, all. By name unless asked otherwise; `nameMatch` is `contains` by default. */
  list(
    query: {
      owner?: string;
      name?: string;
      nameMatch?: 'contains' | 'equals';
      groupIds?: readonly string[];
      sortBy?: 'name' | 'throttlingPolicy' | 'status' | 'owner';
      sortOrder?: 'asc' | 'desc';
    },
    page: PageRequest,
  ): Promise<Page<Application>>;
  update(application: Application): Promise<boolean>;
  /** Also removes its key mappings and subscriptions. */
  remove(id: string): Promise<boolean>;
}

export interface KeyMappingRepository {
  /** Rejects with `ConflictError` (`key-mapping`: one per application, key type and key manager; `consumer-key`). */
  create(mapping: KeyMapping): Promise<void>;
  get(id: string): Promise<KeyMapping | undefined>;
  byConsumerKey(consumerKey: string): Promise<KeyMapping | undefined>;
  list(applicationId: string): Promise<KeyMapping[]>;
  /** Those of all applications, in the order of their ids. */
  all(page: PageRequest): Promise<KeyMapping[]>;
  update(mapping: KeyMapping): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

export interface SubscriptionRepository {
  /** Rejects with `ConflictError` (`subscription`: one per application and API), and `MissingReferenceError` when one of them is gone. */
  create(subscription: Subscription): Promise<void>;
  get(id: string): Promise<Subscription | undefined>;
  find(applicationId: string, apiId: string): Promise<Subscription | undefined>;
  list(
    query: { apiId?: string; applicationId?: string; subscriber?: string },
    page: PageRequest,
  ): Promise<Page<Subscription>>;
  update(subscription: Subscription): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

export interface PlanRepository {
  /** Rejects with `ConflictError` (`plan-name`: one per organization and kind). */
  create(plan: Plan): Promise<void>;
  get(id: string): Promise<Plan | undefined>;
  find(kind: PlanKind, name: string): Promise<Plan | undefined>;
  list(kind: PlanKind): Promise<Plan[]>;
  update(plan: Plan): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** Who uses the plan of that name, at most `most` of them; revisions count while they are deployed. */
  uses(kind: PlanKind, name: string, most: number): Promise<PlanUse[]>;
}

/** An application, a subscription or an API that a plan governs; `name` is for people. */
export interface PlanUse {
  readonly what: 'API' | 'application' | 'subscription';
  readonly name: string;
}

export interface DenyPolicyRepository {
  /** Rejects with `ConflictError` (`deny-policy`: one for each condition). */
  create(policy: DenyPolicy): Promise<void>;
  get(id: string): Promise<DenyPolicy | undefined>;
  list(): Promise<DenyPolicy[]>;
  update(policy: DenyPolicy): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

export interface CustomRuleRepository {
  /** Rejects with `ConflictError` (`custom-rule-name`). */
  create(rule: CustomRule): Promise<void>;
  get(id: string): Promise<CustomRule | undefined>;
  find(name: string): Promise<CustomRule | undefined>;
  /** By name. */
  list(): Promise<CustomRule[]>;
  update(rule: CustomRule): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

/** Secrets are sealed for the id of the endpoint. */
export interface SharedEndpointRepository {
  /** Rejects with `ConflictError` (`shared-endpoint-name`). */
  create(endpoint: SharedEndpoint): Promise<void>;
  get(id: string): Promise<SharedEndpoint | undefined>;
  find(name: string): Promise<SharedEndpoint | undefined>;
  /** By name. */
  list(): Promise<SharedEndpoint[]>;
  /** Rejects like `create`. */
  update(endpoint: SharedEndpoint): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** APIs that refer to the endpoint of that name; revisions count while they are deployed. */
  uses(name: string): Promise<readonly { readonly name: string }[]>;
}

export interface EnvironmentRepository {
  /** Rejects with `ConflictError` (`environment-name`). */
  create(environment: GatewayEnvironment): Promise<void>;
  find(name: string): Promise<GatewayEnvironment | undefined>;
  list(): Promise<GatewayEnvironment[]>;
  update(environment: GatewayEnvironment): Promise<boolean>;
  remove(name: string): Promise<boolean>;
}

export interface UserRepository {
  /** Rejects with `ConflictError` (`user-name`, without regard to case). */
  create(user: User): Promise<void>;
  find(name: string): Promise<User | undefined>;
  list(page: PageRequest): Promise<Page<User>>;
  update(user: User): Promise<boolean>;
  remove(name: string): Promise<boolean>;
}

/** An OAuth client. Secrets are kept sealed (see `secret`). */
export interface OAuthClient {
  readonly organization: string;
  readonly clientId: string;
  /** The name of the service provider, unique within the organization. */
  readonly name: string;
  readonly owner: string;
  /** The client secret, sealed by the key manager with the installation's key; never in the clear in the database. */
  readonly secret: string;
  readonly grantTypes: readonly string[];
  /** Blank when the client has none. */
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
  readonly tokenType: 'JWT' | 'OAUTH';
  /** Lifetimes and other members the caller gave. */
  readonly properties: JsonObject;
  readonly createdTime: number;
}

export interface ClientRepository {
  /** Rejects with `ConflictError` (`client-name`, `client-id`). */
  create(client: OAuthClient): Promise<void>;
  get(clientId: string): Promise<OAuthClient | undefined>;
  findByName(name: string): Promise<OAuthClient | undefined>;
  update(client: OAuthClient): Promise<boolean>;
  remove(clientId: string): Promise<boolean>;
}

/** A key pair that signs tokens; the private half is sealed. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: 'RS256';
  /** Public JSON Web Key. */
  readonly publicKey: JsonObject;
  /** Private JSON Web Key, sealed with the installation's key. */
  readonly privateKey: string;
  /** Epoch milliseconds. */
  readonly createdTime: number;
  /** Set when a newer key took over signing; the key verifies until `retiredTime` plus the longest token lifetime. */
  readonly retiredTime: number | null;
}

/** To make the first key once, however many starters meet, look for one and create it in one `transaction`. */
export interface SigningKeyRepository {
  /** Rejects with `ConflictError` (`signing-key`) on a known `kid`. */
  create(key: SigningKey): Promise<void>;
  list(): Promise<SigningKey[]>;
  update(key: SigningKey): Promise<boolean>;
  remove(kid: string): Promise<boolean>;
}

/** What the OAuth server keeps between requests: grants, refresh tokens, codes, sessions. The store knows no more of it. */
export interface Artifact {
  readonly model: string;
  readonly id: string;
  readonly payload: JsonObject;
  readonly grantId: string | null;
  readonly userCode: string | null;
  readonly uid: string | null;
  readonly consumedTime: number | null;
  /** Epoch milliseconds; null never. */
  readonly expiresAt: number | null;
}

export interface ArtifactRepository {
  /** Inserts or replaces; what was consumed stays consumed. */
  put(artifact: Artifact): Promise<void>;
  /** Expired ones are not found. */
  get(model: string, id: string): Promise<Artifact | undefined>;
  findByUid(model: string, uid: string): Promise<Artifact | undefined>;
  findByUserCode(model: string, userCode: string): Promise<Artifact | undefined>;
  /** False when it was consumed before: only one of two racing calls gets true. */
  consume(model: string, id: string, time: number): Promise<boolean>;
  remove(model: string, id: string): Promise<void>;
  removeByGrant(grantId: string): Promise<void>;
  removeExpired(now: number): Promise<number>;
}

export interface RevocationRepository {
  /** Idempotent. `expiresAt` is the token's own expiry, epoch milliseconds. */
  add(revocation: { tokenId: string; expiresAt: number }): Promise<void>;
  has(tokenId: string): Promise<boolean>;
  list(now: number): Promise<{ tokenId: string; expiresAt: number }[]>;
  removeExpired(now: number): Promise<number>;
}

/** Appends to the feed; call it in the transaction that makes the change. Sequences follow commit order on every engine. */
export interface FeedWriter {
  append<K extends RuntimeKind>(change: {
    environment: string | null;
    kind: K;
    id: string;
    value: RuntimeEntities[K] | null;
  }): Promise<number>;
}

export interface FeedReader {
  /** The last sequence that was given; 0 when none was. */
  head(): Promise<number>;
  /** Events of one environment (and those for all) after `sequence`, oldest first, at most `limit`. */
  after(sequence: number, environment: string, limit: number): Promise<FeedEvent[]>;
  /** The lowest sequence still kept minus one: readers below it need a snapshot. */
  floor(): Promise<number>;
  /** Forgets events up to `sequence`. */
  prune(sequence: number): Promise<number>;
  /** Calls back soon after events were committed, in this process or (PostgreSQL) another; may call once too often, never too seldom. */
  watch(wake: () => void): () => void;
}
