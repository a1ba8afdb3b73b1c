/** Query parameters and headers whose values are credentials. */
const secretParameters: ReadonlySet<string> = new Set(['apikey', 'access_token', 'token', 'client_secret', 'password']);
const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'apikey',
  'internal-key',
  'cookie',
  'set-cookie',
  'x-jwt-assertion',
]);

/** What stands in the log for a secret. */
export const masked = '***';

/** True when the value of the header (lower-case name) must not be written down. */
export function isSecretHeader(name: string): boolean {
  return secretHeaders.has(name);
}

/** A URL or a query with the values of credential parameters replaced. */
export function maskQuery(text: string): string {
  const start = text.indexOf('?');
  if (start === -1) return text;
  const parameters = text.slice(start + 1).split('&');
  let changed = false;
  const kept = parameters.map((parameter) => {
    const equals = parameter.indexOf('=');
    if (equals === -1 || !secretParameters.has(plainName(parameter.slice(0, equals)))) return parameter;
    changed = true;
    return `${parameter.slice(0, equals)}=${masked}`;
  });
  return changed ? `${text.slice(0, start)}?${kept.join('&')}` : text;
}

/** Backends decode names, so `api%6bey` is a spelling of `apikey`. */
function plainName(name: string): string {
  if (!name.includes('%')) return name.toLowerCase();
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** Printable ASCII as it is; all else, with quote and backslash, as `\xNN`, so that no value can begin a line or a field of its own. */
export function escapeValue(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return escapeFrom(text);
  }
  return text;
}

function escapeFrom(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}
