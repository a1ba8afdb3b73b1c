import { errors, SluiceError, superOrganization } from '@sluice/model';

/** Characters that need no escape in a path (RFC 3986 2.3); `{version}` may stand for a whole segment. */
const segment = /^(?:[A-Za-z0-9._~-]+|\{version\})$/;
/** Segments that every HTTP client takes out. */
const dots = /^\.{1,2}$/;
const plainVersion = /^[A-Za-z0-9._~-]+$/;

const longestName = 200;

/**
 * The context in its stored form: a slash before, none after, without a closing `{version}` (which is where the version stands anyway), and below
 * `/t/<organization>` for a tenant. Throws `apiContextMalformed`.
 */
export function readContext(given: string, organization: string): string {
  const trimmed = given
    .trim()
    .replace(/^\/*/, '/')
    .replace(/\/$/, '')
    .replace(/(?:\/\{version\})+$/, '');
  const segments = trimmed.split('/').slice(1);
  if (trimmed === '' || segments.some((part) => !segment.test(part) || dots.test(part))) {
    throw new SluiceError(errors.apiContextMalformed, {
      context: given,
      detail: 'it needs segments of letters, digits and - . _ ~',
    });
  }
  const prefix = organization === superOrganization ? '' : `/t/${organization}`;
  const context = prefix === '' || trimmed.startsWith(`${prefix}/`) ? trimmed : prefix + trimmed;
  if (context.length > 232) throw new SluiceError(errors.lengthExceeded, { name: 'context', limit: 232 });
  return context;
}

/** Throws on a name that the schema lets pass and people could not tell apart or find again. */
export function checkName(name: string): void {
  if (name.length > longestName) throw new SluiceError(errors.lengthExceeded, { name: 'name', limit: longestName });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name.trim() !== name || name === '' || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new SluiceError(errors.apiNameInvalid, { name: JSON.stringify(name) });
  }
}

/** Throws on a version that could not stand as one segment of a path. */
export function checkVersion(version: string): void {
  if (!plainVersion.test(version) || dots.test(version) || version.length > 30) {
    throw new SluiceError(errors.apiVersionInvalid, { version: JSON.stringify(version) });
  }
}
