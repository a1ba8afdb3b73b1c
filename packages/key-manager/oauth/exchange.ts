import type { JsonObject } from '@sluice/model';
import type { Parameters } from './parameters.ts';

/** A request as the endpoints see it. */
export interface OAuthRequest {
  /** Tenant of the path (`/t/<tenant>/oauth2/…`), where it has one. */
  readonly organization: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** Without `?`. */
  readonly query: string;
  readonly body: Buffer;
  /** Query string and body together. Throws `oauthInvalidRequest` when the body is malformed. */
  parameters(): Parameters;
}

/** What an endpoint answers; without `body` nothing but the head is sent. */
export interface OAuthReply {
  readonly status: number;
  readonly body?: JsonObject;
}

export type OAuthEndpoint = (request: OAuthRequest) => Promise<OAuthReply>;
