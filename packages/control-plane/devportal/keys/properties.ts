import { errors, type Json, type JsonObject, SluiceError } from '@sluice/model';

/** Members that hold a lifetime in seconds. */
const lifetimes = [
  'application_access_token_expiry_time',
  'user_access_token_expiry_time',
  'refresh_token_expiry_time',
  'id_token_expiry_time',
];
/** Members that are yes or no. */
const switches = ['pkceMandatory', 'pkceSupportPlain', 'bypassClientCredentials'];

/** What a portal shows for "as the server decides"; WSO2's own sends it back. */
const unset = 'N/A';
const largest = 16_384;

/**
 * Reads `additionalProperties`, which clients send as an object or as JSON text of one. Lifetimes must be whole seconds
 * (negative never expires, WSO2 stores text), switches `true` or `false`; other members are kept as they are. Throws `tokenPropertiesInvalid`.
 */
export function readProperties(value: Json | undefined): JsonObject {
  const given = unwrap(value);
  if (JSON.stringify(given).length > largest) throw invalid(`They are longer than ${largest} characters.`);
  const read: JsonObject = {};
  for (const [name, member] of Object.entries(given)) {
    if (member === null || member === '' || member === unset) continue;
    if (lifetimes.includes(name)) read[name] = seconds(name, member);
    else if (switches.includes(name)) read[name] = yesOrNo(name, member);
    else read[name] = member;
  }
  return read;
}

/**
 * Reads a lifetime in seconds that may come as a number or as text; undefined where none is given. Negative never expires.
 * Throws `tokenPropertiesInvalid`.
 */
export function readLifetime(name: string, value: Json | undefined): number | undefined {
  if (value === undefined || value === null || value === '' || value === unset) return undefined;
  return seconds(name, value);
}

function unwrap(value: Json | undefined): JsonObject {
  if (value === undefined || value === null || value === '') return {};
  let given: Json = value;
  if (typeof given === 'string') {
    try {
      given = JSON.parse(given) as Json;
    } catch {
      throw invalid('additionalProperties is text that is not JSON.');
    }
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw invalid('additionalProperties is neither an object nor the JSON text of one.');
  }
  return given;
}

/** Beyond this a date of expiry can no longer be told in a token. */
const longest = 1_000_000_000_000;

function seconds(name: string, value: Json): number {
  const number =
    typeof value === 'number' ? value : Number(typeof value === 'string' && value.trim() ? value : Number.NaN);
  if (!Number.isInteger(number) || Math.abs(number) > longest)
    throw invalid(`${name} must be a whole number of seconds.`);
  if (number === 0) throw invalid(`${name} must not be 0; a negative number never expires.`);
  return number;
}

function yesOrNo(name: string, value: Json): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(`${name} must be true or false.`);
}

function invalid(detail: string): SluiceError {
  return new SluiceError(errors.tokenPropertiesInvalid, { detail });
}
