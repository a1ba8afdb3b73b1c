/** A place where revisions are deployed and gateways serve them. */
export interface GatewayEnvironment {
  readonly id: string;
  readonly organization: string;
  /** Unique, immutable; the first is `Default`. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** Which keys it serves. */
  readonly type: 'hybrid' | 'production' | 'sandbox';
  readonly vhosts: readonly VirtualHost[];
}

/** The public face of a gateway environment; ports are those that clients use. */
export interface VirtualHost {
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly wsPort: number;
  readonly wssPort: number;
  /** Path before every context, without slashes at the ends; often empty. */
  readonly httpContext: string;
}
