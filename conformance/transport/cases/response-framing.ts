import { backend, backend2, backend3, client, second, third } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

const head = (lines: string, status = '200 OK') => `HTTP/1.1 ${status}\r\n${lines}\r\n`;
const coded = 'Transfer-Encoding: chunked\r\n';
const get10 = `GET ${here} HTTP/1.0\r\n\r\n`;

/** An answer of which a client of HTTP/1.1 gets the one framing and a client of HTTP/1.0 the other; `closes` says that the backend's FIN ends it. */
const framed = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  expected: { readonly body: string; readonly framing: 'length' | 'chunked'; readonly trailers?: readonly string[] },
  closes: boolean,
): TransportCase => {
  const other = closes ? backend2 : backend;
  const framing10 = expected.framing === 'length' ? 'length' : 'close';
  return {
    id: `response-framing/${id}`,
    section,
    title,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(bytes),
      ...(closes ? [backend.ends()] : []),
      client.gets(200, { ...expected, closes: false }),
      client.goesOn(),
      second.sends(get10),
      other.gets(`GET ${here}`),
      other.sends(bytes),
      ...(closes ? [other.ends()] : []),
      second.gets(200, { body: expected.body, framing: framing10, closes: true }),
      second.isClosed('end'),
    ],
  };
};

/** An answer without a body whatever its head says; the connections of both sides go on. */
const bodiless = (
  id: string,
  section: string,
  title: string,
  method: string,
  bytes: string,
  status: number,
  length: string | null,
): TransportCase => ({
  id: `response-framing/${id}`,
  section,
  title,
  steps: [
    client.sends(`${method} ${here} HTTP/1.1\r\nHost: a\r\n\r\n`),
    backend.gets(`${method} ${here}`),
    backend.sends(bytes),
    client.gets(status, { to: method, lines: { 'content-length': length, 'transfer-encoding': null }, closes: false }),
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(ok('next')),
    client.gets(200, { body: 'next' }),
  ],
});

/** Bytes behind an answer, in the same write and in a later one: they never answer the next request. */
const surplus = (
  id: string,
  title: string,
  answer: string,
  rest: string,
  status: number,
  method = 'GET',
): TransportCase => ({
  id: `response-framing/${id}`,
  section: 'RFC 9112 §9.2',
  title,
  steps: [
    client.sends(`${method} ${here} HTTP/1.1\r\nHost: a\r\n\r\n`),
    backend.gets(`${method} ${here}`),
    backend.sends(answer + rest),
    client.gets(status, { to: method }),
    backend.isClosed(),
    client.sends(`${method} ${here} HTTP/1.1\r\nHost: a\r\n\r\n`),
    backend2.gets(`${method} ${here}`),
    backend2.sends(answer),
    client.gets(status, { to: method }),
    backend2.sends(rest),
    backend2.isClosed(),
    client.goesOn(),
  ],
});

/**
 * A body that breaks off or breaks a rule after a good head, in a write of its own and in one with the head: neither a client of HTTP/1.1 nor one of HTTP/1.0 can take it for whole.
 * Chunks and lengths show the cut; a body that ends with the connection has only the RST to show it.
 */
const broken = (
  id: string,
  section: string,
  title: string,
  lines: string,
  body: string,
  ends = true,
): TransportCase => {
  const breaks = (actor: typeof backend): Step[] => [actor.sends(body), ...(ends ? [actor.ends()] : [])];
  return {
    id: `response-framing/${id}`,
    section,
    title,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(head(lines)),
      client.getsHead(200),
      ...breaks(backend),
      client.isCutOff(),
      backend.isClosed(),
      second.sends(get10),
      backend2.gets(`GET ${here}`),
      backend2.sends(head(lines)),
      second.getsHead(200),
      ...breaks(backend2),
      second.isCutOff('reset'),
      backend2.isClosed(),
      third.sends(get()),
      backend3.gets(`GET ${here}`),
      backend3.sends(head(lines) + body),
      ...(ends ? [backend3.ends()] : []),
      third.isCutOff(),
      backend3.isClosed(),
    ],
  };
};

/** How the end of an answer is known, and what becomes of it on its way to each kind of client. */
export const responseFraming: readonly TransportCase[] = [
  framed(
    'length',
    'RFC 9112 §6.3',
    'a body by length is framed anew',
    `${head('Content-Length: 5\r\n')}hello`,
    { body: 'hello', framing: 'length' },
    false,
  ),
  framed(
    'length-0',
    'RFC 9112 §6.3',
    'an empty body keeps the client waiting',
    head('Content-Length: 0\r\n'),
    { body: '', framing: 'length' },
    false,
  ),
  framed(
    'chunks',
    'RFC 9112 §7.1',
    'chunks are not undone for HTTP/1.0, or lost',
    `${head(coded)}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`,
    { body: 'hello', framing: 'chunked' },
    false,
  ),
  framed(
    'no-chunks',
    'RFC 9112 §7.1',
    'a body of the last chunk alone keeps the client waiting',
    `${head(coded)}0\r\n\r\n`,
    { body: '', framing: 'chunked' },
    false,
  ),
  framed(
    'trailers',
    'RFC 9110 §6.5',
    'trailers are lost, or reach HTTP/1.0 as data',
    `${head(coded)}5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-End:\r\n\r\n`,
    { body: 'hello', framing: 'chunked', trailers: ['X-Sum: 1', 'X-End: '] },
    false,
  ),
  framed(
    'extensions',
    'RFC 9112 §7.1.1',
    'extensions of chunks are passed on, or refused',
    `${head(coded)}5;a="b;c"\r\nhello\r\n0;d\r\n\r\n`,
    { body: 'hello', framing: 'chunked' },
    false,
  ),
  framed(
    'close',
    'RFC 9112 §6.3',
    'a body up to the end of the connection ends that of the client',
    `${head('')}hello`,
    { body: 'hello', framing: 'chunked' },
    true,
  ),
  framed(
    'close-1.0',
    'RFC 9112 §6.3',
    'an answer of HTTP/1.0 up to the end of the connection is not taken',
    'HTTP/1.0 200 OK\r\n\r\nhello',
    { body: 'hello', framing: 'chunked' },
    true,
  ),
  framed(
    'close-empty',
    'RFC 9112 §6.3',
    'an empty body up to the end of the connection counts as a cut',
    head(''),
    { body: '', framing: 'chunked' },
    true,
  ),
  framed(
    'close-with-length',
    'RFC 9112 §9.6',
    'an answer by length on a connection that closes counts as a cut',
    `${head('Connection: close\r\nContent-Length: 5\r\n')}hello`,
    { body: 'hello', framing: 'length' },
    true,
  ),
  framed(
    'length-1.0',
    'RFC 9112 §2.3',
    'the version of the backend is passed on',
    'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    { body: 'hello', framing: 'length' },
    true,
  ),
  {
    id: 'response-framing/forbidden-1.0',
    section: 'RFC 9112 §6.1',
    title: 'a client of HTTP/1.0 that wants to stay gets chunks',
    steps: [
      client.sends(`GET ${here} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`),
      backend.gets(`GET ${here}`),
      backend.sends(`${head(coded)}5\r\nhello\r\n0\r\n\r\n`),
      client.gets(200, { body: 'hello', framing: 'close', closes: true, lines: { 'transfer-encoding': null } }),
      client.isClosed('end'),
    ],
  },
  // No body
  bodiless(
    'head-length',
    'RFC 9110 §9.3.2',
    'the body that HEAD does not have is waited for',
    'HEAD',
    head('Content-Length: 1000\r\n'),
    200,
    '1000',
  ),
  bodiless(
    'head-chunks',
    'RFC 9110 §9.3.2',
    'the chunks that HEAD does not have are waited for',
    'HEAD',
    head(coded),
    200,
    null,
  ),
  bodiless(
    'head-close',
    'RFC 9110 §9.3.2',
    'HEAD without framing waits for the end of the connection',
    'HEAD',
    head(''),
    200,
    null,
  ),
  bodiless('204', 'RFC 9110 §15.3.5', '204 waits for a body', 'GET', head('', '204 No Content'), 204, null),
  bodiless(
    '204-length',
    'RFC 9110 §8.6',
    'a length in 204 is passed on, or waited for',
    'GET',
    head('Content-Length: 5\r\n', '204 No Content'),
    204,
    null,
  ),
  bodiless(
    '204-chunks',
    'RFC 9112 §6.1',
    'a coding in 204 is passed on, or waited for',
    'GET',
    head(coded, '204 No Content'),
    204,
    null,
  ),
  bodiless(
    '304-length',
    'RFC 9110 §15.4.5',
    'the length of what was not sent is waited for, or lost',
    'GET',
    head('Content-Length: 1000\r\nETag: "a"\r\n', '304 Not Modified'),
    304,
    '1000',
  ),
  bodiless(
    '304',
    'RFC 9110 §15.4.5',
    '304 waits for a body',
    'GET',
    head('ETag: "a"\r\n', '304 Not Modified'),
    304,
    null,
  ),
  bodiless(
    '205',
    'RFC 9110 §15.3.6',
    '205 with a length of 0 waits for more',
    'GET',
    head('Content-Length: 0\r\n', '205 Reset Content'),
    205,
    '0',
  ),
  // Too much
  surplus('after-length', 'bytes after a body by length answer the next request', ok('good'), ok('poison'), 200),
  surplus(
    'after-chunks',
    'bytes after chunks answer the next request',
    `${head(coded)}4\r\ngood\r\n0\r\n\r\n`,
    ok('poison'),
    200,
  ),
  surplus(
    'after-head',
    'the body of an answer to HEAD answers the next request',
    head(`Content-Length: ${ok('poison').length}\r\n`),
    ok('poison'),
    200,
    'HEAD',
  ),
  surplus('after-204', 'bytes after 204 answer the next request', head('', '204 No Content'), ok('poison'), 204),
  surplus('after-304', 'bytes after 304 answer the next request', head('', '304 Not Modified'), ok('poison'), 304),
  // Too little, and against the rules
  broken(
    'length-short',
    'RFC 9112 §8',
    'a body that is shorter than its length looks whole',
    'Content-Length: 10\r\n',
    'hello',
  ),
  broken('length-none', 'RFC 9112 §8', 'a body that never began looks whole', 'Content-Length: 10\r\n', ''),
  broken('no-last-chunk', 'RFC 9112 §8', 'chunks without the last look whole', coded, '5\r\nhello\r\n'),
  broken('chunk-short', 'RFC 9112 §8', 'a chunk that is cut looks whole', coded, '6\r\nhello'),
  broken('size-cut', 'RFC 9112 §8', 'a size that is cut counts', coded, '5\r\nhello\r\n0'),
  broken(
    'no-final-line',
    'RFC 9112 §8',
    'a last chunk without its empty line looks whole',
    coded,
    '5\r\nhello\r\n0\r\n',
  ),
  broken('trailers-cut', 'RFC 9112 §8', 'trailers without an end look whole', coded, '5\r\nhello\r\n0\r\nA: b\r\n'),
  broken('size-prefix', 'RFC 9112 §7.1', '0x5 counts as 5 or as 0', coded, '0x5\r\nhello\r\n0\r\n\r\n', false),
  broken('size-plus', 'RFC 9112 §7.1', 'a signed size is taken', coded, '+5\r\nhello\r\n0\r\n\r\n', false),
  broken(
    'size-blank',
    'RFC 9112 §7.1.1',
    'a blank after the size is skipped by one reader alone',
    coded,
    '5 \r\nhello\r\n0\r\n\r\n',
    false,
  ),
  broken(
    'size-bare-lf',
    'RFC 9112 §2.2',
    'a bare LF ends the size for one reader alone',
    coded,
    '5\nhello\r\n0\r\n\r\n',
    false,
  ),
  broken(
    'size-overflow',
    'RFC 9112 §7.1',
    'a size beyond 2^53 is rounded',
    coded,
    'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    false,
  ),
  broken(
    'chunk-long',
    'RFC 9112 §7.1',
    'data beyond their size are read as the next chunk',
    coded,
    '4\r\nhello\r\n0\r\n\r\n',
    false,
  ),
  broken(
    'second-chunk',
    'RFC 9112 §7.1',
    'a malformed chunk after a good one is taken',
    coded,
    '5\r\nhello\r\nx\r\n0\r\n\r\n',
    false,
  ),
  broken(
    'trailer-length',
    'RFC 9110 §6.5.1',
    'a trailer gives the body another length',
    coded,
    '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n',
    false,
  ),
  broken(
    'trailer-cookie',
    'RFC 9110 §6.5.1',
    'a trailer sets a cookie',
    coded,
    '5\r\nhello\r\n0\r\nSet-Cookie: a=b\r\n\r\n',
    false,
  ),
  broken(
    'trailer-nul',
    'RFC 9110 §5.5',
    'a NUL in a trailer is passed on',
    coded,
    '5\r\nhello\r\n0\r\nA: \0\r\n\r\n',
    false,
  ),
];
