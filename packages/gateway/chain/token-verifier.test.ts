import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { type RuntimeEntry, silentLog } from '@sluice/model';
import { Picture } from '../snapshot/picture.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { application, entry, key } from '../testing/entities.ts';
import { bareSettings } from '../testing/settings.ts';
import { makeIssuer } from '../testing/tokens.ts';
import { TokenVerifier } from './token-verifier.ts';

const issuer = makeIssuer();
const testKeys = makeIssuer('internal', 'https://localhost:9443/internal');

function pictureOf(...entries: readonly RuntimeEntry[]): Picture {
  const picture = new Picture(bareSettings, silentLog);
  for (const { kind, id, value } of entries) picture.apply(kind, id, value);
  return picture;
}

const picture = pictureOf(issuer.entry, testKeys.entry, entry.key(key()), entry.application(application()));
const snapshot = picture.commit(1);

function verify(text: string, kind: 'access' | 'test' = 'access', at: Snapshot = snapshot, now = Date.now()) {
  return new TokenVerifier({ cacheSize: 10, skew: 0 }).verify(text, kind, at, now);
}

test('a good token is taken and bound to its key and application', () => {
  const token = verify(issuer.token({ scope: 'read write' }));
  assert.equal(token?.consumerKey, 'client-1');
  assert.equal(token?.application?.source.id, 'app-1');
  assert.deepEqual([...(token?.scopes ?? [])], ['read', 'write']);
});

test('no forged, confused or misused token is taken', () => {
  const good = issuer.token();
  const [header = '', body = '', signature = ''] = good.split('.');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = encode({ alg: 'none' });
  const publicPem = JSON.stringify(issuer.runtime.keys[0]);
  const hs = `${encode({ alg: 'HS256', kid: 'Resident Key Manager-key' })}.${body}`;
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused: Record<string, string> = {
    'not a token': 'abc',
    'two parts': `${header}.${body}`,
    'four parts': `${good}.x`,
    'changed claims': `${header}.${encode({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), azp: 'other' })}.${signature}`,
    'algorithm none': `${none}.${body}.`,
    'algorithm none with signature': `${none}.${body}.${signature}`,
    'public key as secret': `${hs}.${createHmac('sha256', publicPem).update(hs).digest('base64url')}`,
    'key of a stranger': `${header}.${body}.${sign('sha256', Buffer.from(`${header}.${body}`), stranger).toString('base64url')}`,
    'unknown issuer': issuer.token({ iss: 'https://elsewhere' }),
    'no issuer': issuer.token({ iss: undefined }),
    'unknown key id': issuer.token({}, { kid: 'other' }),
    'critical extension': issuer.token({}, { crit: ['b64'] }),
    expired: issuer.token({ exp: 1000 }),
    'expiry that is no number': issuer.token({ exp: '9999999999' }),
    'not yet valid': issuer.token({ nbf: Math.floor(Date.now() / 1000) + 60 }),
    'a test key as access token': issuer.token({ token_type: 'InternalKey' }),
    'an API key as access token': issuer.token({ token_type: 'apiKey' }),
    'an ID token': issuer.token({ at_hash: 'x' }),
    'signed by the issuer of test keys': testKeys.token(),
  };
  for (const [what, text] of Object.entries(refused)) assert.equal(verify(text), undefined, what);
  assert.equal(verify(good, 'test'), undefined, 'an access token as test key');
  assert.ok(verify(testKeys.token({ token_type: 'InternalKey' }), 'test'));
});

test('other spellings of a token are refused, cached or not', () => {
  const verifier = new TokenVerifier({ cacheSize: 10, skew: 0 });
  const good = issuer.token();
  assert.ok(verifier.verify(good, 'access', snapshot, Date.now()));
  // The last character of a 256-byte signature carries two unused bits.
  const last = good.at(-1) as string;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = alphabet[alphabet.indexOf(last) ^ 1] as string;
  for (const variant of [
    `${good}=`,
    `${good}==`,
    good.slice(0, -1) + other,
    `${good} `,
    `${good}!`,
    good.replace('.', '=.'),
  ]) {
    assert.equal(verifier.verify(variant, 'access', snapshot, Date.now()), undefined, variant.slice(-4));
  }
});

test('a remembered token is refused once it expires', () => {
  const verifier = new TokenVerifier({ cacheSize: 10, skew: 0 });
  const now = Date.now();
  const text = issuer.token({ exp: Math.floor(now / 1000) + 10 });
  assert.ok(verifier.verify(text, 'access', snapshot, now));
  assert.equal(verifier.verify(text, 'access', snapshot, now + 11_000), undefined);
});

test('the skew widens both ends', () => {
  const verifier = new TokenVerifier({ cacheSize: 10, skew: 5000 });
  const now = Math.floor(Date.now() / 1000) * 1000;
  const text = issuer.token({ nbf: now / 1000 + 4, exp: now / 1000 + 10 });
  assert.ok(verifier.verify(text, 'access', snapshot, now));
  assert.ok(verifier.verify(text, 'access', snapshot, now + 14_000));
  assert.equal(verifier.verify(text, 'access', snapshot, now + 15_000), undefined);
});

test('a remembered token is refused once it is revoked, its issuer goes, or its key is replaced', () => {
  const other = makeIssuer('Resident Key Manager');
  const revocation = { tokenId: 'gone', expiresAt: Date.now() + 60_000 };
  const changes: Record<string, (picture: Picture) => void> = {
    revoked: (changing) => changing.apply('revocation', 'gone', revocation),
    'issuer removed': (changing) => changing.apply('issuer', 'Resident Key Manager', null),
    'keys replaced': (changing) => changing.apply('issuer', 'Resident Key Manager', other.runtime),
  };
  for (const [what, change] of Object.entries(changes)) {
    const verifier = new TokenVerifier({ cacheSize: 10, skew: 0 });
    const changing = pictureOf(issuer.entry);
    const text = issuer.token({ jti: 'gone' });
    assert.ok(verifier.verify(text, 'access', changing.commit(1), Date.now()), what);
    change(changing);
    assert.equal(verifier.verify(text, 'access', changing.commit(2), Date.now()), undefined, what);
  }
});

test('a key added beside the old one takes effect and the old one keeps working', () => {
  const verifier = new TokenVerifier({ cacheSize: 10, skew: 0 });
  const changing = pictureOf(issuer.entry);
  const old = issuer.token();
  assert.ok(verifier.verify(old, 'access', changing.commit(1), Date.now()));
  const next = makeIssuer('next', issuer.runtime.issuer);
  const both = { ...issuer.runtime, keys: [...issuer.runtime.keys, ...next.runtime.keys] };
  changing.apply('issuer', 'Resident Key Manager', both);
  const after = changing.commit(2);
  assert.ok(verifier.verify(old, 'access', after, Date.now()));
  assert.ok(verifier.verify(next.token(), 'access', after, Date.now()));
});

test('the cache stays within its bounds and keeps what is used', () => {
  const verifier = new TokenVerifier({ cacheSize: 3, skew: 0 });
  const kept = issuer.token();
  for (let i = 0; i < 20; i++) {
    assert.ok(verifier.verify(kept, 'access', snapshot, Date.now()));
    assert.ok(verifier.verify(issuer.token(), 'access', snapshot, Date.now()));
    assert.ok(verifier.cached <= 3);
  }
});

test('elliptic keys verify, and a key never verifies another algorithm', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = {
    ...publicKey.export({ format: 'jwk' }),
    kid: 'ec',
    alg: 'ES256',
  } as (typeof issuer.runtime.keys)[number];
  const ec = pictureOf({ kind: 'issuer', id: 'ec', value: { ...issuer.runtime, name: 'ec', keys: [jwk] } }).commit(1);
  const [, body = ''] = issuer.token().split('.');
  const make = (header: unknown) => {
    const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  assert.ok(verify(make({ alg: 'ES256', kid: 'ec' }), 'access', ec));
  assert.equal(verify(make({ alg: 'ES384', kid: 'ec' }), 'access', ec), undefined);
});
