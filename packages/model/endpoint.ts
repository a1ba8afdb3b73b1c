import type { ApiTimeouts, DurationExpression, EndpointTimeouts } from './deadlines/timeouts.ts';

/**
 * The endpoint tree: Sluice's own form of WSO2's `endpointConfig`.
 * `endpoints/` translates in both directions; the gateway compiles a tree into something that sends.
 * All times are milliseconds.
 */
export type Endpoint =
  | LeafEndpoint
  | FailoverEndpoint
  | LoadBalanceEndpoint
  | RecipientListEndpoint
  | SharedReference
  | MockEndpoint;

/** What happens when a leaf's duration is over: `fault` answers, `discard` drops, `never` leaves the global limit in force. */
export type TimeoutAction = 'fault' | 'discard' | 'never';

/** One backend address with its own deadlines and suspension rules. */
export interface LeafEndpoint {
  readonly kind: 'http' | 'address' | 'wsdl' | 'ws' | 'default' | 'awslambda' | 'sequence' | 'service';
  /** Identity that keeps state over redeployments: `prod`, `prod[1]`, `sandbox.failover[0]`; GraphQL's sockets `prod.ws`. */
  readonly name: string;
  /**
   * Absolute URL, possibly with `{uri.var.*}` templates; empty for `default`, `awslambda` and `sequence`. Of `wsdl` it is the address that was read
   * from the document, empty until it was.
   */
  readonly url: string;
  /** Name of the sequence; `sequence` only. */
  readonly reference?: string;
  /** Where the address stands; `wsdl` only. */
  readonly wsdl?: WsdlPlace;
  /** `awslambda` only. */
  readonly lambda?: LambdaAccess;
  readonly timeout: {
    readonly duration: number | null;
    readonly action: TimeoutAction;
    /** Each call says its duration itself, at most the global one; `duration` is null then. */
    readonly expression?: DurationExpression;
  };
  /** Its own deadlines towards the backend, besides the duration. */
  readonly timeouts?: EndpointTimeouts;
  readonly markForSuspension: {
    /** Empty takes WSO2's two timeout codes (101504, 101505); `-1` alone takes none. */
    readonly errorCodes: readonly string[];
    readonly retriesBeforeSuspension: number;
    readonly retryDelay: number;
  };
  readonly suspendOnFailure: {
    /** Empty takes every code; `-1` alone takes none. */
    readonly errorCodes: readonly string[];
    /** Null takes 30,000. */
    readonly initialDuration: number | null;
    /** Null sets no maximum. */
    readonly maximumDuration: number | null;
    readonly progressionFactor: number;
    /** True when WSO2's `suspendDuration: 0` switches suspension off altogether; both code lists are `-1` then. */
    readonly disabled: boolean;
  };
  /** Codes of faults after which a group tries another member (Synapse's `retryConfig`); absent means all of them. */
  readonly retry?: {
    readonly disabledErrorCodes: readonly string[];
    /** Empty takes every code that is not disabled. */
    readonly enabledErrorCodes: readonly string[];
  };
  readonly security: EndpointSecurity | null;
  /** SOAP 1.1, SOAP 1.2, POX, REST, GET as the backend wants it; null leaves the message as it is. Address endpoints only. */
  readonly format: 'soap11' | 'soap12' | 'pox' | 'rest' | 'get' | null;
  readonly optimize: 'swa' | 'mtom' | null;
  /** The backend speaks HTTP/2: agreed on by ALPN where the URL is https, by prior knowledge where it is http. Absent means HTTP/1.1; `http` and `address` only. */
  readonly protocol?: 'h2';
}

/** A port of a service in a WSDL document. */
export interface WsdlPlace {
  /** URL of the document; empty for the document that the API itself has. */
  readonly uri: string;
  /** Name of the service; empty takes the only one. */
  readonly service: string;
  /** Name of the port (WSDL 2.0: endpoint); empty takes the first one that HTTP reaches. */
  readonly port: string;
}

/** How the gateway calls AWS Lambda. Secrets are in the clear only in memory. */
export interface LambdaAccess {
  /** Keys stored with the API, or the role of the machine. */
  readonly accessMethod: 'stored' | 'role-supplied';
  readonly region: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
  /** Role to take on before calling; absent when none is. */
  readonly assumeRole?: { readonly arn: string; readonly sessionName: string; readonly region: string };
}

/** What both kinds of group may be told besides; absent is off. WSO2 has none of it. */
export interface GroupRules {
  /**
   * Percent. Where a smaller share of the members is ready, those that are given a rest are called too; a failover group calls them only when
   * no member is ready at all.
   */
  readonly panicThreshold?: number;
  readonly healthCheck?: HealthCheck;
  readonly outlier?: OutlierRule;
}

/** A member is asked now and then, and gets no calls while it does not answer well (200 to 399). */
export interface HealthCheck {
  /** Below the address of the member, with its slash; may have a query. */
  readonly path: string;
  readonly interval: number;
  readonly timeout: number;
  /** Good answers in a row after which it gets calls again, and bad ones after which it gets none. */
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** A member that answers 5xx so many times in a row gets no calls for that long. */
export interface OutlierRule {
  readonly failures: number;
  readonly duration: number;
  /** Percent of the members that may be kept from calls in this way at once. */
  readonly most: number;
}

/** Children in order of preference. */
export interface FailoverEndpoint extends GroupRules {
  readonly kind: 'failover';
  readonly name: string;
  readonly children: readonly Endpoint[];
  /** False stays with the member that served last until it is not ready; absent goes back to the first that is. */
  readonly dynamic?: false;
}

/** Children that share the load. */
export interface LoadBalanceEndpoint extends GroupRules {
  readonly kind: 'load_balance';
  readonly name: string;
  readonly children: readonly Endpoint[];
  readonly algorithm:
    | 'round_robin'
    | 'weighted_round_robin'
    | 'weighted_least_connections'
    | 'least_requests'
    | 'consistent_hash';
  /** Of the children in order, whole numbers of 1 or more; absent where all are 1. */
  readonly weights?: readonly number[];
  /** What calls are told apart by; `consistent_hash` only. */
  readonly hash?: HashKey;
  /** `null` keeps no session. */
  readonly session: { readonly type: 'http' | 'soap' | 'simpleClientSession'; readonly timeout: number | null } | null;
  /** False hands a child's fault to the client without trying another. */
  readonly failover: boolean;
  /** `failover` is false by `false` or `"false"`: WSO2 before 4.6 knows `"False"` alone, and tries another child. */
  readonly offSince?: '4.6';
}

/** Calls with the same value go to the same member, as long as it is ready. */
export interface HashKey {
  readonly source: 'header' | 'cookie' | 'query' | 'address';
  /** Of the header, cookie or query parameter; empty for the client's address. */
  readonly name: string;
  /** A member takes at most so many times its share of the calls in flight, 1 or more; null sets no bound. */
  readonly bound: number | null;
}

/** Children that all get the call; the first one answers it. */
export interface RecipientListEndpoint {
  readonly kind: 'recipient_list';
  readonly name: string;
  readonly children: readonly Endpoint[];
}

/** An endpoint that stands elsewhere under a name of its own: Synapse's indirect endpoint, which APIs share, and what is made from an endpoint template. */
export interface SharedReference {
  readonly kind: 'indirect' | 'template';
  readonly name: string;
  /** Name of the shared endpoint. */
  readonly key: string;
  /** Values for the parameters of a template, `uri` among them; empty for `indirect`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** No backend at all: answers are made up from the API's definition. */
export interface MockEndpoint {
  readonly kind: 'mock';
  readonly name: string;
}

/** How the gateway proves itself to a backend. Secrets are in the clear only in memory. */
export interface EndpointSecurity {
  readonly type: 'basic' | 'digest' | 'oauth' | 'apikey' | 'aws';
  readonly username?: string;
  readonly password?: string;
  /** The members WSO2 defines for `type` (grantType, tokenUrl, apiKeyIdentifier …). */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Both sides of an API; a side without backend is null. */
export interface ApiEndpoints {
  readonly production: Endpoint | null;
  readonly sandbox: Endpoint | null;
  /** Backends of GraphQL subscriptions, which go over WebSocket; GraphQL APIs only. */
  readonly webSocket?: { readonly production: Endpoint | null; readonly sandbox: Endpoint | null };
  /** Deadlines that the API has of its own. */
  readonly timeouts?: ApiTimeouts;
}
