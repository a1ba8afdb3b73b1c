/** What a token endpoint granted. */
export interface Granted {
  readonly token: string;
  /** Milliseconds that it lives from the moment of the request. */
  readonly lifetime: number;
  readonly refreshToken: string | null;
}

/** Why an answer is no grant. */
export interface NotGranted {
  /** The endpoint understood and said no, as opposed to saying nothing that makes sense. */
  readonly refused: boolean;
  /** In words, without anything secret. */
  readonly detail: string;
}

/** A lifetime that is not given: the backend's 401 ends it in any case. */
const usualLifetime = 300_000;
/** Longer ones are taken for this. */
const longestLifetime = 24 * 3600_000;
/** The longest token that fits into a header field of the usual servers. */
const longestToken = 16 * 1024;

/** What may stand behind `Bearer` (RFC 6750 section 2.1), and what other visible characters servers put there. */
const tokenForm = /^[\x21-\x7e]+$/;
/** The codes of RFC 6749 section 5.2, and those of others. */
const errorForm = /^[\w.:/-]{1,60}$/;

/** Reads the answer of a token endpoint (RFC 6749 sections 5.1 and 5.2). */
export function readTokenAnswer(status: number, body: Buffer): Granted | NotGranted {
  const answer = jsonObject(body);
  if (status < 200 || status > 299) {
    const code = answer?.error;
    const named = typeof code === 'string' && errorForm.test(code) ? ` (${code})` : '';
    return { refused: status >= 400 && status < 500, detail: `it answered ${status}${named}` };
  }
  if (answer === undefined) return { refused: false, detail: 'its answer is no JSON object' };
  const { access_token: token, token_type: type, expires_in: seconds, refresh_token: refresh } = answer;
  if (typeof token !== 'string' || token === '') return { refused: false, detail: 'its answer holds no access_token' };
  if (token.length > longestToken || !tokenForm.test(token))
    return { refused: false, detail: 'its access_token is too long, or holds characters that no header may carry' };
  if (type !== undefined && (typeof type !== 'string' || type.toLowerCase() !== 'bearer'))
    return { refused: false, detail: 'its token is not of type Bearer' };
  const given = typeof seconds === 'string' && /^\d{1,12}$/.test(seconds) ? Number(seconds) : seconds;
  if (given !== undefined && given !== null && !(typeof given === 'number' && given >= 0))
    return { refused: false, detail: 'its expires_in is no number of seconds' };
  const lifetime = typeof given === 'number' ? Math.min(given * 1000, longestLifetime) : usualLifetime;
  return { token, lifetime, refreshToken: typeof refresh === 'string' && refresh !== '' ? refresh : null };
}

function jsonObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
