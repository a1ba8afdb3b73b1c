import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultLimits } from '../options.ts';
import { parseRequest } from '../request-head.ts';
import { appendLines, readFieldBlock, trailersOf } from './field-block.ts';
import { readStreamRequest } from './request-head.ts';
import { readStreamResponse } from './response-head.ts';
import { readTrailers } from './trailers.ts';

const get = [':method', 'GET', ':scheme', 'https', ':authority', 'gw.example', ':path', '/a?b=c'];

function request(fields: readonly string[], ended = true, limits = defaultLimits) {
  const head = readStreamRequest(fields, ended, limits);
  return 'method' in head ? head : assert.fail(head.detail);
}

function refusal(fields: readonly string[], ended = true, limits = defaultLimits): [number, string] {
  const head = readStreamRequest(fields, ended, limits);
  return 'method' in head ? assert.fail('the head was taken') : [head.status, head.detail];
}

/** The GET above with one pseudo-field replaced, or left out. */
function but(name: string, value?: string): string[] {
  const fields: string[] = [];
  for (let index = 0; index < get.length; index += 2) {
    if (get[index] !== name) fields.push(get[index] as string, get[index + 1] as string);
    else if (value !== undefined) fields.push(name, value);
  }
  return fields;
}

test('a head reads as the same head of HTTP/1.1 would', () => {
  const head = request([...get, 'cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2', 'te', 'trailers']);
  assert.deepEqual(
    [head.method, head.target, head.path, head.query, head.host, head.majorVersion, head.minorVersion],
    ['GET', '/a?b=c', '/a', '?b=c', 'gw.example', 2, 1],
  );
  assert.equal(head.header('cookie'), 'a=1; b=2');
  assert.equal(head.header('x-a'), '1');
  assert.equal(head.bodyLength, 0);
  assert.ok(head.keepAlive);
});

test('the length of a body is known, or not, or there is none', () => {
  assert.equal(request(get, true).bodyLength, 0);
  assert.equal(request(get, false).bodyLength, -1);
  assert.equal(request([...get, 'content-length', '7'], false).bodyLength, 7);
  assert.ok(request([...get, 'expect', '100-continue'], false).expectsContinue);
});

test('the host stands in :authority, in Host, or in both alike', () => {
  assert.equal(request([...but(':authority'), 'host', 'other.example']).host, 'other.example');
  assert.equal(request([...get, 'host', 'GW.example']).host, 'GW.example');
});

const refused: readonly (readonly [what: string, fields: readonly string[], status?: number])[] = [
  ['no method', but(':method')],
  ['no scheme', but(':scheme')],
  ['no path', but(':path')],
  ['no host', but(':authority')],
  ['an empty path', but(':path', '')],
  ['a URL as path', but(':path', 'https://gw.example/')],
  ['a blank in the path', but(':path', '/a b')],
  ['a fragment', but(':path', '/a#b')],
  ['an asterisk for GET', but(':path', '*')],
  ['another scheme', but(':scheme', 'ftp')],
  ['credentials in :authority', but(':authority', 'u@gw.example')],
  ['a line end in :authority', but(':authority', 'a\r\nx: y')],
  ['a method that is no token', but(':method', 'GE T')],
  ['a line end in the path', but(':path', '/ HTTP/1.1\r\nx: y')],
  ['two methods', [...get, ':method', 'GET']],
  ['two paths', [...but(':path'), ':path', '/a', ':path', '/b']],
  ['an unknown pseudo-field', [...get, ':colour', 'red']],
  ['a pseudo-field of answers', [...get, ':status', '200']],
  ['a pseudo-field of extended CONNECT', [...get, ':protocol', 'websocket']],
  ['a pseudo-field behind others', [...but(':path'), 'x-a', '1', ':path', '/']],
  ['a name in capitals', [...get, 'X-A', '1']],
  ['a name with a blank', [...get, 'x a', '1']],
  ['a name with a colon', [...get, 'x:a', '1']],
  ['a name with a line end', [...get, 'x\r\ny', '1']],
  ['an empty name', [...get, '', '1']],
  ['a colon alone', [':', '1', ...get]],
  ['a line end in a value', [...get, 'x-a', '1\r\nhost: evil']],
  ['a bare LF in a value', [...get, 'x-a', '1\nhost: evil']],
  ['a NUL in a value', [...get, 'x-a', '1\0']],
  ['a blank before a value', [...get, 'x-a', ' 1']],
  ['a tab behind a value', [...get, 'x-a', '1\t']],
  ['connection', [...get, 'connection', 'x-a']],
  ['keep-alive', [...get, 'keep-alive', 'timeout=1']],
  ['proxy-connection', [...get, 'proxy-connection', 'close']],
  ['transfer-encoding', [...get, 'transfer-encoding', 'chunked']],
  ['upgrade', [...get, 'upgrade', 'websocket']],
  ['te with more than trailers', [...get, 'te', 'trailers, gzip']],
  ['a Host that differs', [...get, 'host', 'other.example']],
  ['two Hosts', [...but(':authority'), 'host', 'a', 'host', 'a']],
  ['two lengths', [...get, 'content-length', '1', 'content-length', '1']],
  ['a length that is no number', [...get, 'content-length', '1,1']],
  ['an expectation', [...get, 'expect', 'magic'], 417],
  ['CONNECT', [':method', 'CONNECT', ':authority', 'gw.example:443'], 501],
];

for (const [what, fields, status = 400] of refused) {
  test(`a request is refused that has ${what}`, () => {
    assert.equal(refusal(fields, false)[0], status);
  });
}

test('limits hold as they do in HTTP/1.1, and name themselves', () => {
  const limits = { ...defaultLimits, headBytes: 1000, headerCount: 10, targetBytes: 100, bodyBytes: 5 };
  assert.equal(refusal(but(':path', `/${'a'.repeat(100)}`), true, limits)[0], 414);
  assert.equal(refusal([...get, 'x', 'y'.repeat(1000)], true, limits)[0], 431);
  assert.equal(refusal([...get, ...Array.from({ length: 20 }, () => 'x')], true, limits)[0], 431);
  assert.equal(refusal([...get, 'content-length', '6'], false, limits)[0], 413);
});

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const name = fc.oneof(
  fc.constantFrom('x', 'host', 'cookie', 'content-length', 'te', 'connection', ':path', ':method', ':scheme'),
  anyText,
);

test('whatever fields come, a head that is taken is one head of HTTP/1.1 with these fields and no other', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, anyText), { maxLength: 6 }), fc.boolean(), (extra, ended) => {
      const head = readStreamRequest([...get, ...extra.flat()], ended, defaultLimits);
      if (!('method' in head)) return;
      const bytes = Buffer.from(head.fields.text, 'latin1');
      assert.equal(bytes.indexOf('\r\n\r\n'), bytes.length - 4);
      const again = parseRequest(bytes, 0, bytes.length, defaultLimits);
      assert.ok('method' in again);
      assert.equal(again.target, '/a?b=c');
      const names = new Set([...extra.map(([one]) => one), 'host', 'transfer-encoding']);
      again.eachHeader((one) => assert.ok(names.has(one), JSON.stringify(one)));
    }),
    { numRuns: 3000 },
  );
});

test('the end of an answer is known from its head', () => {
  const framing = (fields: string[], ended: boolean, toHead = false) => {
    const head = readStreamResponse(fields, ended, defaultLimits, toHead);
    return typeof head === 'string' ? assert.fail(head) : [head.framing, head.length];
  };
  assert.deepEqual(framing([':status', '200'], false), ['chunked', -1]);
  assert.deepEqual(framing([':status', '200'], true), ['length', 0]);
  assert.deepEqual(framing([':status', '200', 'content-length', '5'], false), ['length', 5]);
  assert.deepEqual(framing([':status', '200', 'content-length', '5'], true, true), ['none', 5]);
  assert.deepEqual(framing([':status', '204'], true), ['none', -1]);
  assert.deepEqual(framing([':status', '304', 'content-length', '5'], true), ['none', 5]);
});

test('an answer is refused whose head is malformed', () => {
  for (const fields of [
    [],
    [':status', '20'],
    [':status', '2000'],
    [':status', '020'],
    [':status', '200\r\nx: y'],
    [':status', '200', ':status', '200'],
    [':path', '/', ':status', '200'],
    [':status', '200', 'transfer-encoding', 'chunked'],
    [':status', '200', 'X', 'y'],
    [':status', '200', 'x', 'a\nb'],
    [':status', '200', 'content-length', '1', 'content-length', '1'],
    [':status', '200', 'x', 'y'.repeat(defaultLimits.headBytes)],
  ])
    assert.equal(typeof readStreamResponse(fields, false, defaultLimits, false), 'string', JSON.stringify(fields));
});

test('trailers that would change what was said before are refused', () => {
  assert.deepEqual(readTrailers(['grpc-status', '0', 'x', 'a', 'x', 'b'], 100), {
    lines: 'grpc-status: 0\r\nx: a\r\nx: b\r\n',
  });
  for (const raw of [
    ['content-length', '1'],
    [':status', '200'],
    ['x', 'a\r\nb: c'],
    ['x', 'y'.repeat(100)],
    ['te', 'x'],
  ])
    assert.ok('wrong' in readTrailers(raw, 100), raw[0]);
});

test('lines go out in lower case, and nothing that speaks of a connection does', () => {
  const into: string[] = [];
  appendLines(into, 'X-A: 1\r\nConnection: close\r\nUpgrade: h2c\r\nEmpty:\r\nx-a:2\r\nT: a: b \r\n');
  assert.deepEqual(into, ['x-a', '1', 'empty', '', 'x-a', '2', 't', 'a: b']);
  assert.deepEqual({ ...trailersOf('X-A: 1\r\nx-a: 2\r\n') }, { 'x-a': ['1', '2'] });
});

test('what was read from a stream is what would be written to one', () => {
  const token = fc.stringMatching(/^x-[a-z0-9]{1,8}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(token, value)), (fields) => {
      const block = readFieldBlock(fields.flat(), new Set());
      if (typeof block === 'string') assert.fail(block);
      const into: string[] = [];
      appendLines(into, block.lines);
      assert.deepEqual(into, fields.flat());
    }),
  );
});
