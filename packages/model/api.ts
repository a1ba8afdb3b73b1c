import type { JsonObject } from './json.ts';

/** The kinds of API that WSO2 knows; API products and MCP servers are nouns of their own. */
export type ApiType = 'HTTP' | 'WS' | 'SOAPTOREST' | 'SOAP' | 'GRAPHQL' | 'WEBSUB' | 'SSE' | 'WEBHOOK' | 'ASYNC';

export type LifecycleStatus = 'CREATED' | 'PUBLISHED' | 'PROTOTYPED' | 'BLOCKED' | 'DEPRECATED' | 'RETIRED';

/** Who may call an operation: any token, an application's own, a user's, or nobody needs one. */
export type AuthType = 'Any' | 'Application' | 'Application_User' | 'None';

/** One verb on one URI template of an API. */
export interface Operation {
  readonly id?: string;
  /** URI template below context and version: `/orders/{id}`, `/*`. */
  readonly target: string;
  /** Upper-case method: GET POST PUT DELETE PATCH HEAD OPTIONS (and TRACE); for events SUBSCRIBE, PUBLISH. */
  readonly verb: string;
  readonly authType: AuthType;
  /** Name of an advanced policy; `Unlimited` limits nothing. */
  readonly throttlingPolicy: string;
  /** Names of scopes of which the token must carry at least one; empty asks for none. */
  readonly scopes: readonly string[];
  /** Members of the WSO2 operation that no room reads yet (policies, AWS names …), kept as they came. */
  readonly more?: JsonObject;
}

/** A scope of an API, bound to roles. */
export interface ApiScope {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly bindings: readonly string[];
  /** Shared scopes belong to the organization, others to one API. */
  readonly shared: boolean;
}

export interface CorsConfiguration {
  readonly corsConfigurationEnabled: boolean;
  readonly accessControlAllowOrigins: readonly string[];
  readonly accessControlAllowCredentials: boolean;
  readonly accessControlAllowHeaders: readonly string[];
  readonly accessControlAllowMethods: readonly string[];
}

/** The working copy of an API. Names are those of WSO2's `API` schema wherever the meaning is the same. */
export interface Api {
  /** UUID. */
  readonly id: string;
  readonly organization: string;
  /** 1 or more characters, none of ~!@#;:%^*()+={}|\<>"',&$[]/ */
  readonly name: string;
  /** 1 to 30 characters, no blanks. */
  readonly version: string;
  /** Begins with `/`, has no version segment unless it holds `{version}`; 1 to 232 characters. */
  readonly context: string;
  /** User name of the owner. */
  readonly provider: string;
  readonly type: ApiType;
  readonly status: LifecycleStatus;
  readonly displayName?: string;
  readonly description?: string;
  readonly isDefaultVersion: boolean;
  /** Subset of `http`, `https`; a call on another transport answers 403. */
  readonly transport: readonly string[];
  readonly tags: readonly string[];
  /** Business plans that subscribers may choose. */
  readonly policies: readonly string[];
  /** Advanced policy for the whole API; null leaves it to the operations. */
  readonly apiThrottlingPolicy: string | null;
  /** Header that carries the token; default `Authorization`. */
  readonly authorizationHeader?: string;
  /** Header that carries an API key; default `ApiKey`. */
  readonly apiKeyHeader?: string;
  /** `oauth2`, `basic_auth`, `api_key`, `mutualssl` and the `_mandatory`/`_optional` markers. */
  readonly securityScheme: readonly string[];
  readonly visibility: 'PUBLIC' | 'PRIVATE' | 'RESTRICTED';
  readonly visibleRoles: readonly string[];
  readonly accessControl: 'NONE' | 'RESTRICTED';
  readonly accessControlRoles: readonly string[];
  readonly corsConfiguration?: CorsConfiguration;
  /** WSO2's free-form endpoint object; null until one is given. `model/endpoints` translates it. */
  readonly endpointConfig: JsonObject | null;
  readonly endpointImplementationType: 'ENDPOINT' | 'INLINE' | 'MOCKED_OAS';
  readonly scopes: readonly ApiScope[];
  readonly operations: readonly Operation[];
  /** Names of the key managers whose tokens are taken; `all` takes every one. */
  readonly keyManagers: readonly string[];
  /** Free properties of the owner, searchable by name. */
  readonly additionalProperties: readonly {
    readonly name: string;
    readonly value: string;
    readonly display: boolean;
  }[];
  readonly hasThumbnail: boolean;
  /** Members of the WSO2 API that no room reads yet, kept and returned as they came. */
  readonly more: JsonObject;
  /** Epoch milliseconds. */
  readonly createdTime: number;
  /** Epoch milliseconds. */
  readonly updatedTime: number;
  readonly updatedBy: string;
}

/** An immutable copy of an API and its definition; only revisions are deployed. */
export interface Revision {
  readonly id: string;
  readonly apiId: string;
  /** 1, 2, 3 …; grows also after deletions. */
  readonly number: number;
  readonly description: string;
  readonly createdTime: number;
  readonly createdBy: string;
  /** The API as it was. */
  readonly api: Api;
  /** The definition as it was (OpenAPI, GraphQL or AsyncAPI text). */
  readonly definition: string;
}

/** A revision that serves in one gateway environment; one per API and environment. */
export interface Deployment {
  readonly apiId: string;
  readonly revisionId: string;
  /** Name of the gateway environment. */
  readonly environment: string;
  readonly vhost: string;
  readonly displayOnDevportal: boolean;
  readonly deployedTime: number;
}

/** One step of an API's life. */
export interface LifecycleEvent {
  readonly apiId: string;
  readonly previous: LifecycleStatus | null;
  readonly next: LifecycleStatus;
  readonly user: string;
  readonly time: number;
}
