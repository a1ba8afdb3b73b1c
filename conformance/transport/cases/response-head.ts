import { backend, backend2, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, hello, ok } from '../messages.ts';
import { here } from '../stage.ts';

const head = (lines: string, status = '200 OK') => `HTTP/1.1 ${status}\r\n${lines}\r\n`;

/**
 * An answer that no client may see, sent at once and byte by byte: the client gets the gateway's own, its connection goes on, and
 * that of the backend ends, so that nothing behind the answer can answer another request.
 */
const bad = (id: string, section: string, title: string, bytes: string): TransportCase => ({
  id: `response-head/${id}`,
  section,
  title,
  steps: [
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(bytes + ok('poison')),
    client.gets(502, { cause: 'backend-protocol-violation', code: '101509', closes: false }),
    backend.isClosed(),
    client.sends(get()),
    backend2.gets(`GET ${here}`),
    backend2.trickles(bytes + ok('poison')),
    client.gets(502, { cause: 'backend-protocol-violation', code: '101509', closes: false }),
    backend2.isClosed(),
    client.goesOn(),
  ],
});

/** An answer that reaches the client so. */
const taken = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  status: number,
  expected: Parameters<typeof client.gets>[1],
): TransportCase => ({
  id: `response-head/${id}`,
  section,
  title,
  steps: [
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(bytes),
    client.gets(status, expected),
    client.goesOn(),
  ],
});

/** Status lines and header lines of backends. */
export const responseHeads: readonly TransportCase[] = [
  // The status line
  bad(
    'status-two-digits',
    'RFC 9112 §4',
    'a status of two digits is completed',
    head('Content-Length: 0\r\n', '20 OK'),
  ),
  bad(
    'status-four-digits',
    'RFC 9112 §4',
    'a status is read by its first three digits',
    head('Content-Length: 0\r\n', '2000 OK'),
  ),
  bad(
    'status-letters',
    'RFC 9112 §4',
    'a status that is no number is passed on',
    head('Content-Length: 0\r\n', '2x0 OK'),
  ),
  bad(
    'status-below-100',
    'RFC 9110 §15',
    'a status below 100 counts as an interim one',
    head('Content-Length: 0\r\n', '099 OK'),
  ),
  bad('two-blanks', 'RFC 9112 §4', 'two blanks hide the status', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n'),
  bad(
    'control-in-reason',
    'RFC 9112 §4',
    'a control byte in the reason reaches logs and terminals',
    head('Content-Length: 0\r\n', '200 O\x01K'),
  ),
  bad(
    'bare-cr-in-reason',
    'RFC 9112 §2.2',
    'a bare CR in the reason splits the answer',
    head('Content-Length: 0\r\n', '200 O\rK'),
  ),
  bad('version-2', 'RFC 9112 §2.3', 'another version is passed on', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'),
  bad(
    'version-1.2',
    'RFC 9112 §2.3',
    'a version that nobody has defined is passed on',
    'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
  ),
  bad('version-case', 'RFC 9112 §2.3', 'http/1.1 is passed on', 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  bad(
    'other-protocol',
    'RFC 9112 §4',
    'the greeting of another protocol is passed on',
    'SSH-2.0-OpenSSH_9.2p1\r\n\r\n',
  ),
  bad('version-0.9', 'RFC 9112 §4', 'a body without a head is passed on', '<html>\r\n\r\n</html>'),
  bad('empty-line-first', 'RFC 9112 §4', 'an empty line before the answer is skipped', `\r\n${ok()}`),
  bad(
    'switch',
    'RFC 9110 §15.2.2',
    'a switch of protocols that nobody asked for opens a tunnel',
    head('Upgrade: x\r\nConnection: upgrade\r\n', '101 Switching Protocols'),
  ),
  taken(
    'no-reason',
    'RFC 9112 §4',
    'an empty reason is filled in, or refused',
    head('Content-Length: 2\r\n', '200 ').concat('hi'),
    200,
    { reason: '', body: 'hi' },
  ),
  taken(
    'no-blank',
    'RFC 9112 §4',
    'a status line without a blank at its end, as old servers write it, is refused',
    head('Content-Length: 2\r\n', '200').concat('hi'),
    200,
    { reason: '', body: 'hi' },
  ),
  taken(
    'reason',
    'RFC 9112 §4',
    'the reason of the backend is replaced',
    ok('hi').replace('200 OK', '200 Sp\xe4ter  noch'),
    200,
    { reason: 'Sp\xe4ter  noch' },
  ),
  taken(
    'unknown-status',
    'RFC 9110 §15',
    'a status that nobody has registered is replaced',
    head('Content-Length: 0\r\n', '299 Odd'),
    299,
    { reason: 'Odd' },
  ),
  taken(
    'error-status',
    'RFC 9110 §15.6',
    'an error of the backend is replaced by one of the gateway',
    head('Content-Length: 2\r\n', '503 Busy').concat('no'),
    503,
    { body: 'no', reason: 'Busy' },
  ),
  taken(
    'status-999',
    'RFC 9110 §15',
    'a status beyond 599, which some backends send, is replaced',
    head('Content-Length: 0\r\n', '999 Denied'),
    999,
    { reason: 'Denied' },
  ),
  // Header lines
  bad(
    'bare-lf-status',
    'RFC 9112 §2.2',
    'a bare LF after the status line is taken',
    'HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello',
  ),
  bad('bare-lf', 'RFC 9112 §2.2', 'a bare LF after a line is taken', `${head('A: b\nContent-Length: 5\r\n')}hello`),
  bad(
    'bare-cr',
    'RFC 9112 §2.2',
    'a bare CR in a value splits the answer',
    `${head('A: b\rC: d\r\nContent-Length: 5\r\n')}hello`,
  ),
  bad('fold', 'RFC 9112 §5.2', 'a folded line is passed on', `${head('A: b\r\n c\r\nContent-Length: 5\r\n')}hello`),
  bad(
    'blank-before-colon',
    'RFC 9112 §5.1',
    'a blank before a colon is passed on',
    `${head('Content-Length : 5\r\n')}hello`,
  ),
  bad(
    'no-colon',
    'RFC 9112 §5',
    'a line without a colon is passed on',
    `${head('garbage\r\nContent-Length: 5\r\n')}hello`,
  ),
  bad('no-name', 'RFC 9112 §5', 'a line without a name is passed on', `${head(': b\r\nContent-Length: 5\r\n')}hello`),
  bad('nul', 'RFC 9110 §5.5', 'a NUL in a value is passed on', `${head('A: \0\r\nContent-Length: 5\r\n')}hello`),
  bad(
    'control-in-name',
    'RFC 9110 §5.1',
    'a control byte in a name is passed on',
    `${head('A\x01: b\r\nContent-Length: 5\r\n')}hello`,
  ),
  // Its framing
  bad(
    'length-and-coding',
    'RFC 9112 §6.3',
    'of both length headers each reader believes another',
    `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}${hello}`,
  ),
  bad(
    'coding-and-length',
    'RFC 9112 §6.3',
    'the order of both length headers decides',
    `${head('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}${hello}`,
  ),
  bad(
    'two-lengths',
    'RFC 9112 §6.3',
    'of two lengths each reader takes another',
    `${head('Content-Length: 5\r\nContent-Length: 6\r\n')}hello`,
  ),
  bad(
    'two-equal-lengths',
    'RFC 9112 §6.3',
    'two lengths that agree are repaired',
    `${head('Content-Length: 5\r\nContent-Length: 5\r\n')}hello`,
  ),
  bad('length-list', 'RFC 9110 §8.6', 'a list of lengths is repaired', `${head('Content-Length: 5, 5\r\n')}hello`),
  bad('length-plus', 'RFC 9110 §8.6', 'a signed length is taken', `${head('Content-Length: +5\r\n')}hello`),
  bad('length-negative', 'RFC 9110 §8.6', 'a negative length counts as none', `${head('Content-Length: -1\r\n')}hello`),
  bad('length-empty', 'RFC 9110 §8.6', 'an empty length counts as none', `${head('Content-Length:\r\n')}hello`),
  bad('length-hexadecimal', 'RFC 9110 §8.6', '0x5 is read as 5 or as 0', `${head('Content-Length: 0x5\r\n')}hello`),
  bad(
    'length-beyond-double',
    'RFC 9110 §8.6',
    'a length beyond 2^53 is rounded',
    `${head('Content-Length: 9007199254740993\r\n')}hello`,
  ),
  bad(
    'length-of-head-answer',
    'RFC 9110 §8.6',
    'a malformed length is passed on where there is no body',
    head('Content-Length: 5x\r\n', '304 Not Modified'),
  ),
  bad(
    'gzip-chunked',
    'RFC 9112 §6.1',
    'a coding that nobody here knows is passed on',
    `${head('Transfer-Encoding: gzip, chunked\r\n')}${hello}`,
  ),
  bad(
    'gzip',
    'RFC 9112 §6.3',
    'a coding without chunks is passed on as plain data',
    `${head('Transfer-Encoding: gzip\r\n')}hello`,
  ),
  bad(
    'identity',
    'RFC 9112 §6.3',
    'identity, which RFC 9112 dropped, means no coding to one reader',
    `${head('Transfer-Encoding: identity\r\n')}hello`,
  ),
  bad(
    'chunked-twice',
    'RFC 9112 §6.1',
    'chunks in chunks are unwrapped once',
    `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')}${hello}`,
  ),
  bad(
    'chunked-1.0',
    'RFC 9112 §6.1',
    'chunks of HTTP/1.0, which knows none, are unwrapped',
    `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`,
  ),
  taken(
    'coding-case',
    'RFC 9112 §7',
    'Chunked is not known',
    `${head('Transfer-Encoding: Chunked\r\n')}${hello}`,
    200,
    { body: 'hello' },
  ),
];
