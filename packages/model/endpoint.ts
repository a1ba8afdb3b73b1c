/**
 * The endpoint tree: Sluice's own form of WSO2's `endpointConfig`.
 * `endpoints/` translates in both directions; the gateway compiles a tree into something that sends.
 * All times are milliseconds.
 */
export type Endpoint = LeafEndpoint | FailoverEndpoint | LoadBalanceEndpoint;

/** What happens when a leaf's duration is over: `fault` answers, `discard` drops, `never` leaves the global limit in force. */
export type TimeoutAction = 'fault' | 'discard' | 'never';

/** One backend address with its own deadlines and suspension rules. */
export interface LeafEndpoint {
  readonly kind: 'http' | 'address' | 'ws' | 'default' | 'awslambda' | 'sequence' | 'service';
  /** Identity that keeps state over redeployments: `prod`, `prod[1]`, `sandbox.failover[0]`. */
  readonly name: string;
  /** Absolute URL, possibly with `{uri.var.*}` templates; empty for `default` and `awslambda`. */
  readonly url: string;
  readonly timeout: { readonly duration: number | null; readonly action: TimeoutAction };
  readonly markForSuspension: {
    readonly errorCodes: readonly string[];
    readonly retriesBeforeSuspension: number;
    readonly retryDelay: number;
  };
  readonly suspendOnFailure: {
    readonly errorCodes: readonly string[];
    readonly initialDuration: number | null;
    readonly maximumDuration: number | null;
    readonly progressionFactor: number;
    /** True when WSO2's `suspendDuration: 0` switches suspension off altogether. */
    readonly disabled: boolean;
  };
  readonly security: EndpointSecurity | null;
  /** SOAP 1.1, SOAP 1.2, POX, REST, GET as the backend wants it; null leaves the message as it is. Address endpoints only. */
  readonly format: 'soap11' | 'soap12' | 'pox' | 'rest' | 'get' | null;
  readonly optimize: 'swa' | 'mtom' | null;
}

/** Children in order of preference. */
export interface FailoverEndpoint {
  readonly kind: 'failover';
  readonly name: string;
  readonly children: readonly Endpoint[];
}

/** Children that share the load. */
export interface LoadBalanceEndpoint {
  readonly kind: 'load_balance';
  readonly name: string;
  readonly children: readonly Endpoint[];
  readonly algorithm: 'round_robin' | 'weighted_round_robin' | 'weighted_least_connections';
  /** `null` keeps no session. */
  readonly session: { readonly type: 'http' | 'soap' | 'simpleClientSession'; readonly timeout: number | null } | null;
  /** False hands a child's fault to the client without trying another. */
  readonly failover: boolean;
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
}
