/** Whom a deny policy shuts out. `value` as WSO2 writes it, addresses read (wso2-gateway.md 7.6). */
export type DenyCondition =
  /** Context with the version: `/shop/1.0.0`. */
  | { readonly type: 'API'; readonly value: string }
  /** `owner:application`. */
  | { readonly type: 'APPLICATION'; readonly value: string }
  /** User name, with or without its organization. */
  | { readonly type: 'USER'; readonly value: string }
  /** `context:version:owner-application:KEYTYPE`. */
  | { readonly type: 'SUBSCRIPTION'; readonly value: string }
  | { readonly type: 'IP'; readonly address: string; readonly invert: boolean }
  /** Both ends belong to it. */
  | { readonly type: 'IPRANGE'; readonly first: string; readonly last: string; readonly invert: boolean };

/** A deny policy (WSO2: blocking condition). */
export interface DenyPolicy {
  readonly id: string;
  readonly organization: string;
  readonly condition: DenyCondition;
  readonly enabled: boolean;
}
