import { createHash } from 'node:crypto';
import { type KeyManager, residentKeyManager } from '@sluice/key-manager';
import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestHandlers, RestRequest } from '../rest/handler.ts';
import type { DevportalDependencies } from './settings.ts';

/** Grants that keys may name, served here or not: scripts that work with WSO2 name all that it has. */
const grantsOfKeys: readonly string[] = [
  'client_credentials',
  'password',
  'refresh_token',
  'authorization_code',
  'implicit',
  'iwa:ntlm',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

/** `/key-managers`. */
export function keyManagerHandlers({ keyManager }: Pick<DevportalDependencies, 'keyManager'>): RestHandlers {
  return {
    listKeyManagers: async (request) => ({
      status: 200,
      body: { count: 1, list: [residentView(request, keyManager)] },
    }),
  };
}

/**
 * The key manager that a request names, by name or id; blank is the resident one. Throws 404 for any other.
 */
export function chooseKeyManager(request: RestRequest, asked: string): { name: string; grantTypes: readonly string[] } {
  if (asked !== '' && asked !== residentKeyManager && asked !== residentId(request.organization)) {
    throw new SluiceError(errors.keyManagerUnknown, { name: asked });
  }
  return { name: residentKeyManager, grantTypes: grantsOfKeys };
}

/** The resident key manager has no row of its own: its id is derived, so that it stays the same everywhere. */
function residentId(organization: string): string {
  const hex = createHash('sha256').update(`key-manager/${organization}/${residentKeyManager}`).digest('hex');
  // Version 8, variant 1: an id of the application's own making (RFC 9562 5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function residentView(request: RestRequest, { grantTypes }: Pick<KeyManager, 'grantTypes'>): JsonObject {
  return {
    id: residentId(request.organization),
    name: residentKeyManager,
    type: 'default',
    displayName: residentKeyManager,
    description: 'The OAuth2 server of this installation',
    enabled: true,
    availableGrantTypes: [...grantTypes],
    tokenEndpoint: `${request.baseUrl}/oauth2/token`,
    revokeEndpoint: `${request.baseUrl}/oauth2/revoke`,
    userInfoEndpoint: `${request.baseUrl}/oauth2/userinfo`,
    enableTokenGeneration: true,
    enableTokenEncryption: false,
    enableTokenHashing: false,
    enableOAuthAppCreation: true,
    enableMapOAuthConsumerApps: true,
    applicationConfiguration: clientProperties.map((property) => ({ ...property })),
    additionalProperties: {},
    tokenType: 'DIRECT',
  };
}

const lifetime = (name: string, label: string, tooltip: string): JsonObject => ({
  name,
  label,
  type: 'input',
  required: false,
  mask: false,
  multiple: false,
  tooltip,
  default: 'N/A',
  values: [],
});
const choice = (name: string, label: string, tooltip: string): JsonObject => ({
  ...lifetime(name, label, tooltip),
  type: 'checkbox',
  default: false,
});

/** What a form for keys asks for; the names are those of `additionalProperties`. */
const clientProperties: readonly JsonObject[] = [
  lifetime(
    'application_access_token_expiry_time',
    'Lifetime of application tokens',
    'Seconds; negative never expires; N/A takes the default of the server.',
  ),
  lifetime(
    'user_access_token_expiry_time',
    'Lifetime of user tokens',
    'Seconds; negative never expires; N/A takes the default of the server.',
  ),
  lifetime('refresh_token_expiry_time', 'Lifetime of refresh tokens', 'Seconds; N/A takes the default of the server.'),
  lifetime('id_token_expiry_time', 'Lifetime of ID tokens', 'Seconds; N/A takes the default of the server.'),
  choice('pkceMandatory', 'PKCE mandatory', 'Refuses authorization codes without a proof key.'),
  choice('pkceSupportPlain', 'PKCE plain', 'Takes proof keys that are not hashed.'),
  choice('bypassClientCredentials', 'Public client', 'Lets the client get tokens without its secret.'),
];
