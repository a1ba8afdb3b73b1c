import { backend, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { bounds } from '../gateways.ts';
import { chunked, ok } from '../messages.ts';
import { refused } from '../refusal.ts';
import { here } from '../stage.ts';

/** A body that must not be taken for a whole one; the gateway `bounded` knows how long an extension may be. */
const bad = (id: string, section: string, title: string, bytes: string) =>
  refused(`chunked/${id}`, section, title, chunked(bytes), {
    status: 400,
    cause: 'bad-request',
    gateway: 'bounded',
    unfinished: true,
  });

/** A body that arrives with these data and trailers, in one piece and byte by byte. */
const taken = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  body: string,
  trailers: readonly string[] = [],
): TransportCase => ({
  id: `chunked/${id}`,
  section,
  title,
  steps: [
    client.sends(chunked(bytes)),
    backend.gets(`POST ${here}`, { framing: 'chunked', body, trailers }),
    backend.sends(ok()),
    client.gets(200),
    second.trickles(chunked(bytes)),
    backend.gets(`POST ${here}`, { framing: 'chunked', body, trailers }),
    backend.sends(ok()),
    second.gets(200),
    client.goesOn(),
  ],
});

/** Bodies in chunks, on their way up. */
export const chunkedBodies: readonly TransportCase[] = [
  // Sizes
  taken('empty', 'RFC 9112 §7.1', 'a body of the last chunk alone hangs', '0\r\n\r\n', ''),
  taken(
    'upper-and-lower',
    'RFC 9112 §7.1',
    'digits of one case alone are read',
    'A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n',
    '0123456789abcdefghij',
  ),
  taken('leading-zeros', 'RFC 9112 §7.1', 'leading zeros end the size', '0005\r\nhello\r\n0000\r\n\r\n', 'hello'),
  taken(
    'framing-in-data',
    'RFC 9112 §7.1',
    'data that look like framing are read as it',
    '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n',
    '0\r\n\r\n\r\n',
  ),
  bad('size-letters', 'RFC 9112 §7.1', 'a size that is not hexadecimal counts as 0', 'g\r\nhello\r\n0\r\n\r\n'),
  bad('size-empty', 'RFC 9112 §7.1', 'an empty size counts as 0', '\r\nhello\r\n0\r\n\r\n'),
  bad('size-prefix', 'RFC 9112 §7.1', '0x5 counts as 5 or as 0', '0x5\r\nhello\r\n0\r\n\r\n'),
  bad('size-plus', 'RFC 9112 §7.1', 'a plus is taken, as strtol takes it', '+5\r\nhello\r\n0\r\n\r\n'),
  bad('size-minus', 'RFC 9112 §7.1', 'a negative size wraps around', '-5\r\nhello\r\n0\r\n\r\n'),
  bad(
    'size-blank-before',
    'RFC 9112 §7.1',
    'a blank before the size is skipped by one reader alone',
    ' 5\r\nhello\r\n0\r\n\r\n',
  ),
  bad(
    'size-blank-after',
    'RFC 9112 §7.1.1',
    'a blank after the size is skipped by one reader alone',
    '5 \r\nhello\r\n0\r\n\r\n',
  ),
  bad(
    'size-tab-after',
    'RFC 9112 §7.1.1',
    'a tab after the size is skipped by one reader alone',
    '5\t\r\nhello\r\n0\r\n\r\n',
  ),
  bad('size-digits', 'RFC 9112 §7.1', 'zeros without end are taken', '0000000000000005\r\nhello\r\n0\r\n\r\n'),
  bad(
    'size-beyond-double',
    'RFC 9112 §7.1',
    'a size beyond 2^53 is rounded',
    'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
  ),
  bad('size-wraps', 'RFC 9112 §7.1', 'a size wraps 32 or 64 bits', '100000000000000005\r\nhello\r\n0\r\n\r\n'),
  bad('size-bare-lf', 'RFC 9112 §2.2', 'a bare LF ends the size for one reader alone', '5\nhello\r\n0\r\n\r\n'),
  bad('size-bare-cr', 'RFC 9112 §2.2', 'a bare CR ends the size for one reader alone', '5\rhello\r\n0\r\n\r\n'),
  bad('size-cr-cr-lf', 'RFC 9112 §2.2', 'CR CR LF ends the size for one reader alone', '5\r\r\nhello\r\n0\r\n\r\n'),
  bad(
    'size-cr-other',
    'RFC 9112 §7.1',
    'any byte after the CR of a size is taken for its LF',
    '5\rxhello\r\n0\r\n\r\n',
  ),
  // Extensions
  taken(
    'extensions',
    'RFC 9112 §7.1.1',
    'extensions that nobody knows are refused, or passed on',
    '5;a=b;c="d e";f\r\nhello\r\n0;g\r\n\r\n',
    'hello',
  ),
  bad(
    'extension-bare-lf',
    'RFC 9112 §7.1.1',
    'a bare LF in an extension ends the line for one reader alone',
    '5;a\nhello\r\n0\r\n\r\n',
  ),
  bad(
    'extension-bare-cr',
    'RFC 9112 §7.1.1',
    'a bare CR in an extension ends the line for one reader alone',
    '5;a\rb\r\nhello\r\n0\r\n\r\n',
  ),
  bad(
    'extension-nul',
    'RFC 9112 §7.1.1',
    'a NUL in an extension ends it for one reader alone',
    '5;a\0\r\nhello\r\n0\r\n\r\n',
  ),
  bad(
    'extension-long',
    'RFC 9112 §7.1.1',
    'an extension without end is read for ever',
    `5;${'a'.repeat(bounds.chunkExtensionBytes + 1)}\r\nhello\r\n0\r\n\r\n`,
  ),
  bad(
    'extensions-together',
    'RFC 9112 §7.1.1',
    'small chunks carry extensions without end',
    `${`1;${'a'.repeat(40)}\r\nx\r\n`.repeat(9)}0\r\n\r\n`,
  ),
  // Data
  bad('data-longer', 'RFC 9112 §7.1', 'data beyond their size are read as the next chunk', '4\r\nhello\r\n0\r\n\r\n'),
  bad('data-shorter', 'RFC 9112 §7.1', 'data take in the line end behind them', '6\r\nhello\r\n0\r\n\r\n'),
  bad('data-bare-lf', 'RFC 9112 §2.2', 'a bare LF after the data is taken', '5\r\nhello\n0\r\n\r\n'),
  bad('data-bare-cr', 'RFC 9112 §2.2', 'a bare CR after the data is taken', '5\r\nhello\r0\r\n\r\n'),
  bad('data-no-end', 'RFC 9112 §7.1', 'data without a line end are taken', '5\r\nhello0\r\n\r\n'),
  bad(
    'data-cr-other',
    'RFC 9112 §7.1',
    'any byte after the CR behind the data is taken for its LF',
    '5\r\nhello\rx0\r\n\r\n',
  ),
  bad(
    'data-two-bytes',
    'RFC 9112 §7.1',
    'any two bytes behind the data are taken for their line end',
    '5\r\nhelloxx0\r\n\r\n',
  ),
  // The end
  bad('last-bare-lf', 'RFC 9112 §2.2', 'a bare LF after the last size is taken', '5\r\nhello\r\n0\n\r\n'),
  bad('end-bare-lf', 'RFC 9112 §2.2', 'a bare LF for the last empty line is taken', '5\r\nhello\r\n0\r\n\n'),
  bad('second-last', 'RFC 9112 §7.1', 'a second last chunk is read as a trailer', '5\r\nhello\r\n0\r\n0\r\n\r\n'),
  // Trailers
  taken('trailer', 'RFC 9110 §6.5', 'a trailer is lost', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', 'hello', ['X-Sum: 1']),
  taken(
    'trailers',
    'RFC 9110 §6.5',
    'of several trailers some are lost, joined or renamed',
    '5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-sum:\r\nGrpc-Status: 0\r\n\r\n',
    'hello',
    ['X-Sum: 1', 'x-sum: ', 'Grpc-Status: 0'],
  ),
  bad(
    'trailer-bare-lf',
    'RFC 9112 §2.2',
    'a bare LF ends a trailer for one reader alone',
    '5\r\nhello\r\n0\r\nA: b\n\r\n',
  ),
  bad('trailer-folded', 'RFC 9112 §5.2', 'a folded trailer is passed on', '5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n'),
  bad(
    'trailer-blank-before-colon',
    'RFC 9112 §5.1',
    'a blank before the colon hides the name of a trailer',
    '5\r\nhello\r\n0\r\nA : b\r\n\r\n',
  ),
  bad(
    'trailer-no-colon',
    'RFC 9112 §7.1.2',
    'a request line is read as a trailer',
    '5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n',
  ),
  bad('trailer-nul', 'RFC 9110 §5.5', 'a NUL in a trailer is passed on', '5\r\nhello\r\n0\r\nA: \0\r\n\r\n'),
  bad(
    'trailer-long',
    'RFC 9112 §7.1.2',
    'a trailer without end is read for ever',
    `5\r\nhello\r\n0\r\nA: ${'a'.repeat(200)}\r\n\r\n`,
  ),
  bad(
    'trailers-together',
    'RFC 9112 §7.1.2',
    'trailers without end are read for ever',
    `5\r\nhello\r\n0\r\n${'A: aaaaaaa\r\n'.repeat(20)}\r\n`,
  ),
  ...[
    ['content-length', 'Content-Length: 5', 'a trailer gives the body another length'],
    ['transfer-encoding', 'transfer-encoding: chunked', 'a trailer gives the body another framing'],
    ['host', 'Host: b', 'a trailer sends the request elsewhere'],
    ['connection', 'Connection: close', 'a trailer controls the connection'],
    ['authorization', 'Authorization: a', 'a trailer proves somebody else than the one that was checked'],
    ['cookie', 'Cookie: a=b', 'a trailer brings in a session that was not checked'],
    ['content-type', 'Content-Type: a', 'a trailer changes what the body is'],
    ['trailer', 'Trailer: A', 'a trailer announces others'],
  ].map(([name, line, title]) =>
    bad(`trailer-forbidden-${name}`, 'RFC 9110 §6.5.1', title as string, `5\r\nhello\r\n0\r\n${line}\r\n\r\n`),
  ),
];
