import { clearSecretsOnly, endpointSecrets, type Log } from '@sluice/model';
import type { Backends } from '../transport/backend-pool.ts';
import type { BackendTls } from '../transport/call.ts';
import type { BackendSecurityOptions, BackendSecuritySettings } from './options.ts';
import { TokenSources } from './token-sources.ts';

const usualTimeout = 15_000;

/** Bytes of a body that are kept to be sent again where nothing else is said. */
export const usualKeptBody = 64 * 1024;

/** The options as endpoints are compiled with them. Throws `SealError` when the key is none. */
export function backendSecuritySettings(
  { key, keepsBody, repeatsWithNewToken, tokenTimeouts }: BackendSecurityOptions,
  way: { readonly backends: Backends; readonly tls: Omit<BackendTls, 'serverName'>; readonly log: Log },
): BackendSecuritySettings {
  const timeouts = { connect: usualTimeout, answer: usualTimeout, wait: usualTimeout, ...tokenTimeouts };
  return {
    secrets: key === undefined ? clearSecretsOnly : endpointSecrets(Buffer.from(key, 'base64')),
    tokens: new TokenSources({ ...way, timeouts }),
    keepsBody: keepsBody ?? usualKeptBody,
    repeatsWithNewToken: repeatsWithNewToken ?? true,
  };
}
