import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject, KeyType, Principal, RuntimeIssuer } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';

/** The resident key manager: OAuth2 and OpenID Connect server, client registration, proof of identity. */
export interface KeyManager {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Answers the request when its path is one of the key manager's (`/oauth2/*`, `/oidc/*`, `/client-registration/*`); false leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Proves an access token of this installation; undefined when it is not valid, expired or revoked. */
  authenticateBearer(token: string): Promise<Principal | undefined>;
  /** Proves user and password. `scopes` of the result are all that the user's roles allow. */
  authenticateBasic(username: string, password: string): Promise<Principal | undefined>;
  readonly clients: ClientService;
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
  /** The issuers to announce on the feed: the resident one and the issuer of test keys. */
  issuers(): Promise<RuntimeIssuer[]>;
  /** Makes a new signing key; live tokens stay valid. Announces the keys on the feed. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

/** Clients in the clear, for the developer portal's key routes. */
export interface ClientService {
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
  update(client: OAuthClient): Promise<boolean>;
  /** A new secret; the old one stops at once. */
  regenerateSecret(organization: string, clientId: string): Promise<string | undefined>;
  remove(organization: string, clientId: string): Promise<boolean>;
}
