import { errors, type JsonObject, SluiceError } from '@sluice/model';

/** A registration as it was asked for. */
export interface Registration {
  readonly clientName: string;
  readonly owner: string;
  /** As given: apictl sends `www.google.lk`, which is no URL; it must not stop the registration. */
  readonly callbackUrl: string;
  readonly grantTypes: readonly string[];
  readonly saasApp: boolean;
  readonly tokenType: string;
}

/** What a client may use that named no grants. */
const usualGrants = ['client_credentials', 'password', 'refresh_token'];

/** Grants that end at the callback; without one they cannot work. */
const callbackGrants = new Set(['authorization_code', 'implicit']);

/** WSO2's names for service providers. */
export const usualClientName = /^[\sa-zA-Z0-9._-]*$/;

/** Reads the JSON body; members that are not known are passed over (`tokenScope` …). Throws `registrationInvalid` or `registrationOwnerMissing`. */
export function parseRegistration(body: Buffer, namePattern: RegExp): Registration {
  const given = parseObject(body);
  const text = (name: string, longest: number): string => {
    const value = given[name] ?? '';
    if (typeof value !== 'string' || value.length > longest)
      throw invalid(`${name} is not a text of at most ${longest} characters.`);
    return value.trim();
  };
  const owner = text('owner', 255);
  if (owner === '') throw new SluiceError(errors.registrationOwnerMissing);
  const clientName = text('clientName', 255);
  if (clientName === '' || !namePattern.test(clientName))
    throw invalid(`clientName is blank or does not match ${namePattern.source}`);
  const callbackUrl = text('callbackUrl', 2048);
  const named = text('grantType', 2048).split(/\s+/).filter(Boolean);
  const grantTypes = [...new Set(named.length > 0 ? named : usualGrants)].filter(
    (grant) => callbackUrl !== '' || !callbackGrants.has(grant),
  );
  return {
    clientName,
    owner,
    callbackUrl,
    grantTypes,
    saasApp: String(given.saasApp ?? false).toLowerCase() === 'true',
    tokenType: text('tokenType', 32) || 'DEFAULT',
  };
}

function parseObject(body: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('The body is not valid JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('The body is not a JSON object.');
  return parsed as JsonObject;
}

const invalid = (detail: string) => new SluiceError(errors.registrationInvalid, { detail });
