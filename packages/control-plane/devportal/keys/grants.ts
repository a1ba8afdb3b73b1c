import { errors, type Json, SluiceError } from '@sluice/model';

/** Grants that hand the user's browser back to the client, at its callback URL. */
const redirecting = ['authorization_code', 'implicit'];
const longestCallback = 2048;

/** Checks grants against those that the key manager knows, and the callback URL against the grants. Throws 400. */
export function checkGrants(
  grants: readonly string[],
  callbackUrl: string,
  keyManager: { readonly name: string; readonly grantTypes: readonly string[] },
): void {
  for (const grant of grants) {
    if (!keyManager.grantTypes.includes(grant)) {
      throw new SluiceError(errors.grantUnsupported, { grant, keyManager: keyManager.name });
    }
  }
  const needing = grants.find((grant) => redirecting.includes(grant));
  if (callbackUrl === '') {
    if (needing !== undefined) throw new SluiceError(errors.callbackUrlMissing, { grant: needing });
    return;
  }
  if (!plausibleCallback(callbackUrl)) throw new SluiceError(errors.callbackUrlInvalid, { url: callbackUrl });
}

/** A URL without a fragment (RFC 6749 3.1.2), or WSO2's `regexp=(a|b)` of several. Nothing that a browser would run. */
function plausibleCallback(text: string): boolean {
  if (text.length > longestCallback || /\s/.test(text)) return false;
  if (text.startsWith('regexp=')) return true;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.hash === '' && !['javascript:', 'data:', 'vbscript:'].includes(url.protocol);
}

/** More or longer names in one body are refused. */
const mostNames = 200;
const longestName = 255;

/** Names in a body, without doubles. Throws 400 on more than anybody needs. */
export function readNames(value: Json | undefined): string[] {
  const names = Array.isArray(value) ? [...new Set(value.map(String))] : [];
  if (names.length > mostNames || names.some((name) => name.length > longestName)) {
    const detail = `At most ${mostNames} names of at most ${longestName} characters are taken.`;
    throw new SluiceError(errors.invalidRequest, { detail });
  }
  return names;
}

/**
 * The client id or secret that a body chooses, or undefined to have one made. Visible ASCII (RFC 6749 appendix A), an id without the colon that
 * ends it in Basic credentials. Throws 400.
 */
export function readCredential(name: 'clientId' | 'clientSecret', value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const allowed = name === 'clientId' ? /^[\x21-\x39\x3b-\x7e]{1,255}$/ : /^[\x21-\x7e]{1,512}$/;
  if (allowed.test(value)) return value;
  throw new SluiceError(errors.tokenPropertiesInvalid, {
    detail: `${name} is too long or holds blanks or other characters.`,
  });
}
