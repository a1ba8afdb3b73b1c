import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChallenges } from './challenge.ts';
import { chooseDigest, digestAnswer } from './digest-answer.ts';

/** The example of RFC 7616 section 3.9.1. */
const asked =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",' +
  ' Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const request = {
  method: 'GET',
  target: '/dir/index.html',
  count: 1,
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};
const user = { name: 'Mufasa', password: 'Circle of Life' };

function choose(field: string) {
  return chooseDigest(readChallenges(field));
}

function answer(field: string, who = user, more = {}) {
  const challenge = choose(field);
  assert.ok(challenge, field);
  return digestAnswer(who, challenge, { ...request, ...more });
}

test('the examples of RFC 7616 come out as they are printed, the better algorithm first', () => {
  const sha = answer(asked);
  assert.match(sha, /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/);
  assert.match(sha, /algorithm=SHA-256, qop=auth, nc=00000001/);
  const md5 = answer(asked.slice(asked.lastIndexOf('Digest ')));
  assert.match(md5, /response="8ca523f5e9506fed4657c9700eebdbec"/);
});

test('a hashed user name, SHA-512-256 and a name beyond ASCII come out as section 3.9.2 prints them', () => {
  const challenge =
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true';
  const said = answer(
    challenge,
    { name: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' },
    { target: '/doe.json', cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v' },
  );
  // Erratum 4897 of the RFC corrects the two values that it prints.
  assert.match(said, /username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"/);
  assert.match(said, /response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"/);
  assert.match(said, /userhash=true/);
});

test('the oldest example, RFC 2617, still holds', () => {
  const field =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const said = answer(field, { ...user, password: 'Circle Of Life' }, { cnonce: '0a4f113b' });
  assert.match(said, /response="6629fae49393a05397450978507c4ef1"/);
  assert.doesNotMatch(said, /algorithm/);
});

test('what cannot be satisfied is not chosen', () => {
  for (const field of [
    'Basic realm="x"',
    'Digest realm="x"',
    'Digest nonce="x"',
    'Digest realm="x", nonce=""',
    'Digest realm="x", nonce="n", algorithm=SHA-3',
    'Digest realm="x", nonce="n", qop="auth-int"',
    'Digest realm="x", nonce="n\u0007"',
    'Digest realm="x", nonce="n',
    '',
  ]) {
    assert.equal(choose(field), undefined, field);
  }
});

test('names, realms and paths cannot break out of their quotes, nor write header lines of their own', () => {
  const said = answer(
    'Digest realm="a\\"b\\\\", nonce="n", qop=auth',
    { name: 'x"\r\nInjected: yes', password: 'p' },
    { target: '/a"b' },
  );
  assert.match(said, /realm="a\\"b\\\\"/);
  assert.match(said, /uri="\/a\\"b"/);
  assert.doesNotMatch(said, /[\r\n]/);
  assert.match(said, /username\*=UTF-8''x%22%0D%0AInjected%3A%20yes/);
});
