import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultLimits } from '../options.ts';
import { readVerdict } from './tunnel.ts';

const verdict = (text: string) => readVerdict(Buffer.from(text, 'latin1'), { ...defaultLimits, headBytes: 200 });

test('only one reading of the answer to CONNECT opens a tunnel', () => {
  const rows: [answer: string, verdict: RegExp | null][] = [
    ['HTTP/1.1 200 OK\r\n\r\n', /^$/],
    ['HTTP/1.0 200 Connection established\r\nProxy-Agent: x\r\n\r\n', /^$/],
    ['HTTP/1.1 204\r\n\r\n', /^$/],
    // A length of a tunnel means nothing (RFC 9110 section 9.3.6).
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', /^$/],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', /^$/],
    ['', null],
    ['HTTP/1.1 200 OK\r\n', null],
    ['HTTP/1.1 100 Continue\r\n\r\n', null],
    ['HTTP/1.1 200 OK\r\n\r\nSSH-2.0', /more than its answer/],
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /credentials \(407\)/],
    ['HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 2\r\n\r\nno', /403 Forbidden by policy$/],
    ['HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n', /302 Found$/],
    ['SSH-2.0-OpenSSH\r\n\r\n', /not HTTP/],
    ['HTTP/1.1 200 OK\nX: y\r\n\r\n', /not HTTP/],
    ['HTTP/1.1 200 OK\r\nX : y\r\n\r\n', /not HTTP/],
    [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(200)}`, /larger than 200 bytes/],
    [`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10)}`, /larger than 200 bytes/],
  ];
  for (const [answer, expected] of rows) {
    if (expected === null) assert.equal(verdict(answer), null, JSON.stringify(answer));
    else assert.match(verdict(answer) ?? 'none yet', expected, JSON.stringify(answer));
  }
});

test('an answer says the same however it is cut, and nothing before it is whole', () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nVia: p\r\n\r\n',
    'HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 407 No\r\n\r\n',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.nat(), (answer, cut) => {
      assert.equal(verdict(answer.slice(0, cut % answer.length)), null);
      assert.notEqual(verdict(answer), null);
    }),
  );
});
