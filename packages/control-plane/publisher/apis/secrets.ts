import { isEndpointSecret, type Json, type JsonObject, objectText } from '@sluice/model';

/** A copy with blanks where the secrets stand. */
export function withoutSecrets(config: JsonObject): JsonObject {
  return copy(config, undefined, () => '') as JsonObject;
}

/** A copy in which a secret that is blank or missing is the one that stood at the same place before, as WSO2's portal expects of a read and a write. */
export function withKeptSecrets(config: JsonObject, before: JsonObject | null): JsonObject {
  const chosen = (given: Json, kept: Json | undefined): Json => {
    const isBlank = given === '' || given === null;
    return isBlank && kept !== undefined ? kept : given;
  };
  return copy(config, before ?? undefined, chosen) as JsonObject;
}

function copy(value: Json, before: Json | undefined, secret: (given: Json, kept: Json | undefined) => Json): Json {
  if (Array.isArray(value)) {
    const old = Array.isArray(before) ? before : [];
    return value.map((item, index) => copy(item, old[index], secret));
  }
  if (typeof value === 'string') return copyText(value, before, secret);
  if (value === null || typeof value !== 'object') return value;
  const old = isObject(before) ? before : {};
  const entries = Object.entries(value).map(([name, member]): [string, Json] => [
    name,
    isEndpointSecret(name) ? secret(member, old[name]) : copy(member, old[name], secret),
  ]);
  // What came out blank may come back left out, but only where the rest of the object came back.
  for (const name of Object.keys(old)) {
    if (isEndpointSecret(name) && !Object.hasOwn(value, name)) {
      const kept = secret('', old[name]);
      if (kept !== '') entries.push([name, kept]);
    }
  }
  return Object.fromEntries(entries);
}

/** Old versions keep parts of a configuration as the text of an object. */
function copyText(text: string, before: Json | undefined, secret: (given: Json, kept: Json | undefined) => Json): Json {
  const parsed = objectText(text);
  if (parsed === undefined) return text;
  const old = typeof before === 'string' ? objectText(before) : before;
  const copied = JSON.stringify(copy(parsed, old, secret));
  return copied === JSON.stringify(parsed) ? text : copied;
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
