import { createHash } from 'node:crypto';
import type { Challenge } from './challenge.ts';

/** What a server asked for, as far as it can be satisfied. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** As the server writes it; undefined where it names none, which means MD5. */
  readonly algorithm: string | undefined;
  /** False for servers of RFC 2069, which know no `qop`. */
  readonly counts: boolean;
  /** The user's name goes out hashed. */
  readonly userhash: boolean;
  /** The credentials were right, but the nonce was too old. */
  readonly stale: boolean;
}

interface Algorithm {
  readonly hash: string;
  /** The secret is hashed anew with each nonce (`-sess`). */
  readonly session: boolean;
}

/** The best first. MD5 is for servers that ask for nothing else (RFC 7616 section 6.1). */
const algorithms: readonly (readonly [string, Algorithm])[] = [
  ['sha-512-256', { hash: 'sha512-256', session: false }],
  ['sha-512-256-sess', { hash: 'sha512-256', session: true }],
  ['sha-256', { hash: 'sha256', session: false }],
  ['sha-256-sess', { hash: 'sha256', session: true }],
  ['md5', { hash: 'md5', session: false }],
  ['md5-sess', { hash: 'md5', session: true }],
];
const ranks = new Map(algorithms.map(([name], rank) => [name, rank]));
const byName = new Map(algorithms);

const printable = /^[\x20-\x7e\x80-\xff]*$/;

/** The best digest challenge among those of an answer; undefined when none can be satisfied. */
export function chooseDigest(challenges: readonly Challenge[]): DigestChallenge | undefined {
  let best: DigestChallenge | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const { scheme, parameters } of challenges) {
    if (scheme !== 'digest') continue;
    const rank = ranks.get((parameters.get('algorithm') ?? 'md5').toLowerCase());
    const realm = parameters.get('realm');
    const nonce = parameters.get('nonce');
    const qop = parameters.get('qop');
    const opaque = parameters.get('opaque');
    if (rank === undefined || rank >= bestRank || realm === undefined || !nonce) continue;
    if (qop !== undefined && !/(?:^|[ \t,])auth(?:$|[ \t,])/i.test(qop)) continue;
    if (![realm, nonce, opaque ?? ''].every((text) => printable.test(text))) continue;
    bestRank = rank;
    best = {
      ...{ realm, nonce, opaque, algorithm: parameters.get('algorithm'), counts: qop !== undefined },
      userhash: parameters.get('userhash')?.toLowerCase() === 'true',
      stale: parameters.get('stale')?.toLowerCase() === 'true',
    };
  }
  return best;
}

/** Who is proved. */
export interface DigestUser {
  readonly name: string;
  readonly password: string;
}

/**
 * Value of `Authorization` for one request (RFC 7616 section 3.4). `count` is the number of requests with this nonce, this one included;
 * `cnonce` is new for each of them. Texts of the challenge are latin1, as they came; name and password are hashed in UTF-8.
 */
export function digestAnswer(
  { name, password }: DigestUser,
  challenge: DigestChallenge,
  request: { readonly method: string; readonly target: string; readonly count: number; readonly cnonce: string },
): string {
  const { realm, nonce, opaque, algorithm, counts, userhash } = challenge;
  const { method, target, cnonce } = request;
  const { hash, session } = byName.get((algorithm ?? 'md5').toLowerCase()) as Algorithm;
  const digest = (...parts: readonly Buffer[]) => createHash(hash).update(Buffer.concat(parts)).digest('hex');
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const user = Buffer.from(name, 'utf8');
  const secret = digest(user, bytes(`:${realm}:`), Buffer.from(password, 'utf8'));
  const first = session ? digest(bytes(`${secret}:${nonce}:${cnonce}`)) : secret;
  const second = digest(bytes(`${method}:${target}`));
  const nc = request.count.toString(16).padStart(8, '0');
  const response = digest(
    bytes(counts ? `${first}:${nonce}:${nc}:${cnonce}:auth:${second}` : `${first}:${nonce}:${second}`),
  );
  const said = [
    userhash ? `username="${digest(user, bytes(`:${realm}`))}"` : userField(name),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(target)}`,
    `response="${response}"`,
  ];
  if (algorithm !== undefined) said.push(`algorithm=${algorithm}`);
  if (counts) said.push('qop=auth', `nc=${nc}`);
  if (counts || session) said.push(`cnonce="${cnonce}"`);
  if (opaque !== undefined) said.push(`opaque=${quote(opaque)}`);
  if (userhash) said.push('userhash=true');
  return `Digest ${said.join(', ')}`;
}

/** Names beyond ASCII go out as RFC 8187 writes them. */
function userField(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return `username=${quote(name)}`;
  const escaped = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return `username*=UTF-8''${escaped}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
