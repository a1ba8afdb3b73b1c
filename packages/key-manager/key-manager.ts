import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject, KeyType, Log, Principal, RuntimeIssuer, User } from '@sluice/model';
import type { OAuthClient, Page, PageRequest, Store } from '@sluice/store';

/** The resident key manager: OAuth2 and OpenID Connect server, client registration, proof of identity. */
export interface KeyManager {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** The grants that the token endpoint serves. */
  readonly grantTypes: readonly GrantType[];
  /** Answers the request when its path is one of the key manager's (`/oauth2/*`, `/oidc/*`, `/client-registration/*`); false leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Proves an access token of this installation; undefined when it is not valid, expired or revoked. */
  authenticateBearer(token: string): Promise<Principal | undefined>;
  /**
   * Proves user and password. `scopes` of the result are all that the user's roles allow in the REST APIs.
   * Rejects with `tooManyRequests` when the name failed too often of late or too many proofs wait.
   */
  authenticateBasic(username: string, password: string): Promise<Principal | undefined>;
  /** Makes the super admin at the first start; later applies the configured password only when the configuration changed it. */
  ensureSuperAdmin(account: { username: string; password: string }): Promise<void>;
  readonly users: UserService;
  readonly clients: ClientService;
  /** The scopes of the REST APIs that these roles hold (wso2-control-plane.md 1.7). */
  scopesOf(roles: readonly string[]): ReadonlySet<string>;
  /** Issues an access token without a request, for `generate-token` and for the sample. `validitySeconds` -1 never expires. */
  issueToken(request: {
    organization: string;
    client: OAuthClient;
    scopes: readonly string[];
    validitySeconds?: number;
  }): Promise<{ accessToken: string; scopes: string[]; validitySeconds: number }>;
  /** A short-lived key that calls one API before it is published (header `Internal-Key`). */
  issueInternalKey(request: {
    organization: string;
    user: string;
    api: { id: string; name: string; context: string; version: string };
    keyType: KeyType;
  }): Promise<{ key: string; validitySeconds: number }>;
  /** Refuses a token from now on, everywhere. Textual variants of one token share its `jti`. */
  revoke(token: { tokenId: string; expiresAt: number }): Promise<void>;
  /** Refuses an access token given as text (`revokeToken` of generate-token); false when it is not a live token of the client. */
  revokeAccessToken(token: string, clientId: string): Promise<boolean>;
  /** The issuers to announce on the feed: the resident one and the issuer of test keys. */
  issuers(): Promise<RuntimeIssuer[]>;
  /** Makes a new signing key; live tokens stay valid. Announces the keys on the feed. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

/** Clients in the clear, for the developer portal's key routes. */
export interface ClientService {
  /** Rejects with `ConflictError` (`client-name`, `client-id`). */
  create(request: {
    organization: string;
    owner: string;
    name: string;
    grantTypes: readonly string[];
    callbackUrl?: string;
    scopes?: readonly string[];
    tokenType?: 'JWT' | 'OAUTH';
    properties?: JsonObject;
    /** Own credentials; made when absent. */
    clientId?: string;
    clientSecret?: string;
  }): Promise<{ client: OAuthClient; secret: string }>;
  get(organization: string, clientId: string): Promise<{ client: OAuthClient; secret: string } | undefined>;
  /** Replaces all but the secret, which only `regenerateSecret` changes. False when the client is gone. */
  update(client: OAuthClient): Promise<boolean>;
  /** A new secret; the old one stops at once. */
  regenerateSecret(organization: string, clientId: string): Promise<string | undefined>;
  remove(organization: string, clientId: string): Promise<boolean>;
}

/** People and machines that sign in with a password. Names are taken with or without the organization's suffix. */
export interface UserService {
  /**
   * Rejects with `ConflictError` (`user-name`) and with `invalidRequest` for names and passwords that cannot be. Everyone also gets `Internal/everyone`.
   * `organization` makes the first user of a new one; without it the name's suffix says which.
   */
  create(request: {
    username: string;
    password: string;
    roles: readonly string[];
    organization?: string;
  }): Promise<User>;
  find(username: string): Promise<User | undefined>;
  list(organization: string, page: PageRequest): Promise<Page<User>>;
  /** Replaces the roles; false when there is no such user. */
  setRoles(username: string, roles: readonly string[]): Promise<boolean>;
  /** Sets a password; live refresh tokens of the user end. False when there is no such user. */
  setPassword(username: string, password: string): Promise<boolean>;
  /** Sets a password for one who knows the present one; false when that is wrong. */
  changePassword(username: string, current: string, next: string): Promise<boolean>;
  remove(username: string): Promise<boolean>;
}

/** Lifetimes in seconds; -1 never ends. */
export interface TokenLifetimes {
  /** Access tokens of applications (client_credentials). `[oauth.token_validation] app_access_token_validity`. Default 3600. */
  readonly applicationToken: number;
  /** Access tokens of users. `[oauth.token_validation] user_access_token_validity`. Default 3600. */
  readonly userToken: number;
  /** `[oauth.token_validation] refresh_token_validity`. Default 86400. */
  readonly refreshToken: number;
  /** Test keys (`Internal-Key`). Default 3600. */
  readonly internalKey: number;
}

/** The grants of the token endpoint. */
export type GrantType = 'client_credentials' | 'password' | 'refresh_token';

/** Bounds on what callers may ask of the key manager. */
export interface KeyManagerLimits {
  /** Bytes of a request body; default 65536. */
  readonly bodyBytes: number;
  /** Milliseconds until the whole body must be there; default 10000. */
  readonly bodyMilliseconds: number;
  /** Password proofs (about 13 ms and 19 MiB each) at one time; default 2. */
  readonly concurrentProofs: number;
  /** Password proofs that may wait for their turn; default 64. */
  readonly waitingProofs: number;
  /** Failed proofs per user name and minute before the name is refused; default 20. */
  readonly failuresPerMinute: number;
}

/** What a key manager needs. */
export interface KeyManagerOptions {
  readonly store: Store;
  readonly log: Log;
  /** 32 random bytes of the installation, the same in all of its processes. Seals private keys and client secrets. */
  readonly sealingKey: Buffer;
  /** `iss` of access tokens; `https://localhost:9443/oauth2/token` in WSO2. */
  readonly issuer: string;
  /** Scheme, host and port under which clients reach `/oauth2/…`; discovery is built from it. */
  readonly publicUrl: string;
  readonly lifetimes?: Partial<TokenLifetimes>;
  readonly limits?: Partial<KeyManagerLimits>;
  /** The grants that are on (`[oauth.grant_type.*] enable`), of those that there are; default all. */
  readonly grantTypes?: readonly GrantType[];
  /** What the name of a registered client must match (`[service_provider] sp_name_regex`); default letters, digits, blanks and `. _ -`. */
  readonly clientNamePattern?: RegExp;
  /** Scopes that need no role: whole-name patterns of `[apim.oauth_config] allowed_scopes`; default `openid` and `device_.*`. */
  readonly allowedScopes?: readonly RegExp[];
  /** Milliseconds between the announcement of a new signing key and its first use, so that verifiers know it by then; default 5000. */
  readonly keyActivation?: number;
  /** Milliseconds in which a second use of a rotated refresh token counts as a race of one client and not as theft; default 5000. */
  readonly refreshGrace?: number;
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: () => number;
}
