import type { EndpointSecrets } from '@sluice/model';
import type { TokenTimeouts } from './token-credentials.ts';
import type { TokenSources } from './token-sources.ts';

/** What an operator may choose about endpoint security: plain data. What is left out has its default. */
export interface BackendSecurityOptions {
  /** 32 bytes, base64: opens the secrets of endpoints. Absent: those in the clear alone can be used. */
  readonly key?: string;
  /** Bytes up to which a body is kept where the backend may ask for it a second time. `sluice.gateway.max_repeated_body`. Default 64 KiB. */
  readonly keepsBody?: number;
  /** False does not repeat a call whose token the backend refuses. `apim.mediator_config.oauth.enable_retry_call_with_new_token`. Default true. */
  readonly repeatsWithNewToken?: boolean;
  /** `apim.mediator_config.oauth.*`; default 15,000 each. */
  readonly tokenTimeouts?: Partial<TokenTimeouts>;
}

/** What endpoint security is compiled with. */
export interface BackendSecuritySettings {
  readonly secrets: Pick<EndpointSecrets, 'open'>;
  readonly tokens: TokenSources;
  readonly keepsBody: number;
  readonly repeatsWithNewToken: boolean;
}
