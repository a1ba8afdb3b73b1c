import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, hello, ok, post, smuggled } from '../messages.ts';
import { notImplementedCoding, type Refused, refused } from '../refusal.ts';
import { here } from '../stage.ts';

const bad = (id: string, section: string, title: string, bytes: string, expected?: Refused) =>
  refused(`request-framing/${id}`, section, title, bytes, expected);

const length = (value: string, body = 'hello') => post(`Content-Length:${value}\r\n`, body);
const coding = (value: string) => post(`Transfer-Encoding:${value}\r\n`, hello);

/** A request that is taken with this body, and whose connection goes on. */
const taken = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  start: string,
  body: string,
): TransportCase => ({
  id: `request-framing/${id}`,
  section,
  title,
  steps: [client.sends(bytes), backend.gets(start, { body }), backend.sends(ok()), client.gets(200), client.goesOn()],
});

/** How the length of a request's body is known. */
export const requestFraming: readonly TransportCase[] = [
  // Both
  bad(
    'length-then-coding',
    'RFC 9112 §6.1',
    'of both length headers each reader believes another',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', hello),
  ),
  bad(
    'coding-then-length',
    'RFC 9112 §6.1',
    'the order of both length headers decides',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', hello),
  ),
  bad(
    'length-0-and-coding',
    'RFC 9112 §6.1',
    'a length of 0 beside chunks counts as none',
    post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', hello),
  ),
  // Content-Length
  bad(
    'two-lengths',
    'RFC 9112 §6.3',
    'of two lengths each reader takes another',
    post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'),
  ),
  bad(
    'two-equal-lengths',
    'RFC 9112 §6.3',
    'two lengths that agree are repaired',
    post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'),
  ),
  bad(
    'two-lengths-cases',
    'RFC 9110 §5.1',
    'names in two cases count as two fields',
    post('content-length: 5\r\nCONTENT-LENGTH: 5\r\n', 'hello'),
  ),
  bad('list-equal', 'RFC 9110 §8.6', 'a list of equal lengths is repaired', length(' 5, 5')),
  bad('list-differs', 'RFC 9110 §8.6', 'a list of lengths is read by its first or its last', length(' 5,6', 'hello!')),
  bad('trailing-comma', 'RFC 9110 §8.6', 'a length is read up to the comma', length(' 5,')),
  bad('plus', 'RFC 9110 §8.6', 'a plus is taken, as strtol takes it', length(' +5')),
  bad('negative', 'RFC 9110 §8.6', 'a negative length wraps around', length(' -5')),
  bad('negative-zero', 'RFC 9110 §8.6', '-0 counts as 0', length(' -0', '')),
  bad('empty', 'RFC 9110 §8.6', 'an empty length counts as 0', length('')),
  bad('blank', 'RFC 9110 §8.6', 'a length of blanks counts as 0', length(' \t ')),
  bad('hexadecimal', 'RFC 9110 §8.6', '0x5 is read as 5 or as 0', length(' 0x5')),
  bad('letters', 'RFC 9110 §8.6', 'a length is read up to its first letter', length(' 5a')),
  bad('fraction', 'RFC 9110 §8.6', 'a fraction is rounded', length(' 5.0')),
  bad('exponent', 'RFC 9110 §8.6', 'an exponent is worked out, as Number does', length(' 5e0')),
  bad('inner-blank', 'RFC 9110 §8.6', 'a length is read up to a blank', length(' 1 0')),
  bad('underscore', 'RFC 9110 §8.6', 'digits are grouped, as Python groups them', length(' 1_0')),
  bad('quoted', 'RFC 9110 §8.6', 'a length in quotes is taken', length(' "5"')),
  bad('beyond-double', 'RFC 9110 §8.6', 'a length beyond 2^53 is rounded', length(' 9007199254740993', '')),
  bad('wraps-64', 'RFC 9110 §8.6', 'a length wraps 64 bits', length(' 18446744073709551621')),
  bad('vertical-tab', 'RFC 9110 §5.5', 'a vertical tab before the digits is skipped', length(' \x0b5')),
  bad(
    'no-break-space',
    'RFC 9110 §8.6',
    'a no-break space before the digits is trimmed, as trim() does',
    length(' \xa05'),
  ),
  bad('full-width', 'RFC 9110 §8.6', 'digits of other alphabets count', length(' \xef\xbc\x95')),
  // Transfer-Encoding
  bad(
    'gzip-chunked',
    'RFC 9112 §6.1',
    'a coding that nobody here knows is passed on',
    coding(' gzip, chunked'),
    notImplementedCoding,
  ),
  bad(
    'unknown-chunked',
    'RFC 9112 §6.1',
    'a coding that is not even registered is passed on',
    coding(' xyz, chunked'),
    notImplementedCoding,
  ),
  bad('gzip', 'RFC 9112 §6.3', 'a body that does not end with chunks has no known end', coding(' gzip')),
  bad(
    'identity',
    'RFC 9112 §6.3',
    'identity, which RFC 9112 dropped, means no coding to one reader',
    coding(' identity'),
  ),
  bad('chunked-gzip', 'RFC 9112 §6.3', 'chunked is found anywhere in the list', coding(' chunked, gzip')),
  bad('chunked-chunked', 'RFC 9112 §6.1', 'chunks in chunks are unwrapped once', coding(' chunked, chunked')),
  bad(
    'chunked-lines',
    'RFC 9112 §6.1',
    'two lines with chunked count as one',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', hello),
  ),
  bad(
    'chunked-identity-lines',
    'RFC 9112 §6.3',
    'of two lines the first counts',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', hello),
  ),
  bad(
    'identity-chunked-lines',
    'RFC 9112 §6.1',
    'of two lines the last counts',
    post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', hello),
  ),
  bad('longer-name', 'RFC 9112 §6.1', 'a coding that begins with chunked counts as it', coding(' chunkedx')),
  bad('prefixed-name', 'RFC 9112 §6.1', 'a coding that ends with chunked counts as it', coding(' xchunked')),
  bad('parameter', 'RFC 9112 §7.1', 'chunked with a parameter is taken', coding(' chunked;q=1')),
  bad('coding-quoted', 'RFC 9112 §7', 'chunked in quotes is taken', coding(' "chunked"')),
  bad(
    'coding-comma-after',
    'RFC 9112 §6.1',
    'an empty member after chunked is skipped by one reader alone',
    coding(' chunked,'),
  ),
  bad(
    'coding-comma-before',
    'RFC 9112 §6.1',
    'an empty member before chunked is skipped by one reader alone',
    coding(' ,chunked'),
  ),
  bad('coding-empty', 'RFC 9112 §6.1', 'an empty coding counts as none', coding('')),
  bad(
    'coding-vertical-tab',
    'RFC 9110 §5.5',
    'a vertical tab before chunked is skipped by one reader alone',
    coding(' \x0bchunked'),
  ),
  bad('coding-nul', 'RFC 9110 §5.5', 'a NUL after chunked ends it for one reader alone', coding(' chunked\0')),
  bad('coding-folded', 'RFC 9112 §5.2', 'chunked on a folded line is seen by one reader alone', coding('\r\n chunked')),
  bad(
    'coding-blank-before-colon',
    'RFC 9112 §5.1',
    'a blank before the colon hides the coding',
    post('Transfer-Encoding : chunked\r\n', hello),
  ),
  bad(
    'coding-nul-name',
    'RFC 9110 §5.1',
    'a NUL in the name hides the coding',
    post('Transfer-Encoding\0: chunked\r\n', hello),
  ),
  bad(
    'coding-1.0',
    'RFC 9112 §6.1',
    'chunks in HTTP/1.0, which knows none, are unwrapped',
    `POST ${here} HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`,
  ),
  // What is taken
  taken(
    'length',
    'RFC 9112 §6.3',
    'a body that looks like a request is read as one',
    post(`Content-Length: ${smuggled.length}\r\n`, smuggled),
    `POST ${here}`,
    smuggled,
  ),
  taken(
    'leading-zeros',
    'RFC 9110 §8.6',
    'leading zeros, which the grammar allows, are read as octal',
    post('Content-Length: 010\r\n', '0123456789'),
    `POST ${here}`,
    '0123456789',
  ),
  taken(
    'length-0',
    'RFC 9112 §6.3',
    'a request waits for a body of length 0',
    post('Content-Length: 0\r\n'),
    `POST ${here}`,
    '',
  ),
  taken('no-length', 'RFC 9112 §6.3', 'a POST without any length waits for a body', post(''), `POST ${here}`, ''),
  taken(
    'get-with-body',
    'RFC 9110 §9.3.1',
    'the body of a GET is read as the next request',
    `${get('Content-Length: 5\r\n')}hello`,
    `GET ${here}`,
    'hello',
  ),
  taken('coding-case', 'RFC 9112 §7', 'CHUNKED is not known', coding(' CHUNKED'), `POST ${here}`, 'hello'),
];
