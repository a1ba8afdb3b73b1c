import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import { createSeal, type Seal, SealError } from '../seal.ts';

/**
 * Members of an endpoint configuration that prove the gateway to a backend (`wso2-gateway.md` 5.3, old forms too): lower-cased, without
 * underscores. Names of custom parameters of token requests are among them.
 */
const secretMembers = new Set([
  'password',
  'clientsecret',
  'apikeyvalue',
  'secretkey',
  'amznsecretkey',
  'proxypassword',
  'endpointutpassword',
  'clientassertion',
  'assertion',
  'refreshtoken',
]);

/** Whether the value of a member of that name proves the gateway to a backend, so that it goes in but never out. */
export function isEndpointSecret(name: string): boolean {
  return secretMembers.has(name.toLowerCase().replaceAll('_', ''));
}

/** `sealed.<id of the key>.<value>`. */
const form = /^sealed\.([\w-]{8})\.(v1\.[\w-]{38,})$/;

/** Seals the secrets of endpoint configurations with the key that control plane and gateways share. What is sealed for one API opens for no other. */
export interface EndpointSecrets {
  /** Names the key; says nothing about it. */
  readonly keyId: string;
  /** The configuration with every secret sealed; those that are already stay as they are, blanks too. */
  seal(config: JsonObject, apiId: string): JsonObject;
  /** The configuration with every secret in the clear. Throws `SealError`. */
  unseal(config: JsonObject, apiId: string): JsonObject;
  /** A single secret in the clear; one that was never sealed is. Throws `SealError`, in words that an operator can use. */
  open(text: string, apiId: string): string;
}

/** `key` has 32 bytes; throws `SealError` when it has not. */
export function endpointSecrets(key: Buffer): EndpointSecrets {
  const seal = createSeal(key, 'endpoint');
  const keyId = createHash('sha256').update(seal.mark('name', 'key')).digest('base64url').slice(0, 8);
  const open = (text: string, apiId: string) => openWith(text, apiId, keyId, seal);
  const close = (text: string, apiId: string): string => {
    if (text === '') return text;
    if (form.test(text)) {
      try {
        open(text, apiId);
        return text;
      } catch {
        // It only looks so.
      }
    }
    return `sealed.${keyId}.${seal.close(text, purpose(apiId))}`;
  };
  return {
    keyId,
    seal: (config, apiId) => mapSecrets(config, (text) => close(text, apiId)),
    unseal: (config, apiId) => mapSecrets(config, (text) => open(text, apiId)),
    open,
  };
}

/** For programs without a key: what is in the clear can be used, and nothing else. */
export const clearSecretsOnly: Pick<EndpointSecrets, 'open'> = {
  open: (text, apiId) => openWith(text, apiId, null, null),
};

/** Whether a secret of the configuration is in the clear. */
export function holdsClearSecrets(config: JsonObject): boolean {
  let clear = false;
  mapSecrets(config, (text) => {
    if (text !== '' && !form.test(text)) clear = true;
    return text;
  });
  return clear;
}

function openWith(text: string, apiId: string, keyId: string | null, seal: Seal | null): string {
  const [, id, sealed] = form.exec(text) ?? [];
  if (id === undefined || sealed === undefined) return text;
  if (seal === null) throw new SealError(`its secrets are sealed with the key ${id}, and there is no key here`);
  if (id !== keyId) throw new SealError(`its secrets are sealed with the key ${id}, and the key here is ${keyId}`);
  return seal.open(sealed, purpose(apiId));
}

function purpose(apiId: string): string {
  return `endpoint secret of the API ${apiId}`;
}

function mapSecrets(config: JsonObject, change: (text: string) => string): JsonObject {
  return mapValue(config, change) as JsonObject;
}

/** Old versions keep parts of a configuration as the text of an object. */
function mapText(text: string, change: (text: string) => string): string {
  const parsed = objectText(text);
  if (parsed === undefined) return text;
  const changed = JSON.stringify(mapValue(parsed, change));
  return changed === JSON.stringify(parsed) ? text : changed;
}

/** The object that a text is the JSON of. */
export function objectText(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

/** Numbers and switches in the place of a secret are secrets too. */
function mapValue(value: Json, change: (text: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => mapValue(item, change));
  if (typeof value === 'string') return mapText(value, change);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isEndpointSecret(name) && member !== null && typeof member !== 'object'
        ? change(String(member))
        : mapValue(member, change),
    ]),
  );
}
