import type { Findings } from '../finding.ts';

const maxLength = 8192;
/** `{uri.var.name}`, `{name}` and `${property}` stand for text that is known only in a call. */
const placeholder = /\$?\{[^{}/?#]*\}/g;
/** Synapse's switch for older percent-encoding before the address. */
const legacyEncoding = 'legacy-encoding:';

/** An address of a backend, checked as far as its placeholders allow; undefined, with a finding, when it cannot be called. */
export function backendUrl(
  given: string,
  protocols: readonly string[],
  path: string,
  findings: Findings,
): string | undefined {
  const address = given.startsWith(legacyEncoding) ? given.slice(legacyEncoding.length) : given;
  if (address.length <= maxLength && !hasControl(address)) {
    // The whole address may be one placeholder: then nothing can be said before a call.
    if (/^\$?\{[^{}]*\}/.test(address)) return given;
    const url = URL.parse(address.replace(placeholder, '1'));
    if (url !== null && url.host !== '' && protocols.includes(url.protocol)) return given;
  }
  findings.error(
    path,
    given,
    `an absolute URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    'Correct the address of the backend.',
  );
  return undefined;
}

function hasControl(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** What an address may show of itself: some hold credentials, or keys as values of the query. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//***@').replace(/([?&][^=&#]*=)[^&#]*/g, '$1***');
}
