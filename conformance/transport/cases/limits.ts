import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { bounds } from '../gateways.ts';
import { chunked, get, ok, post } from '../messages.ts';
import { refused } from '../refusal.ts';
import { here } from '../stage.ts';

const gateway = 'bounded';
const headers = { status: 431, cause: 'headers-too-large', tells: String(bounds.headBytes), gateway } as const;
const lines = { ...headers, tells: String(bounds.headerCount) };
const target = { status: 414, cause: 'uri-too-long', tells: String(bounds.targetBytes), gateway } as const;
const body = { status: 413, cause: 'request-body-too-large', tells: String(bounds.bodyBytes), gateway } as const;

/** A request head of exactly this many bytes. */
const headOf = (bytes: number) => get(`A: ${'x'.repeat(bytes - get('A: \r\n').length)}\r\n`);
/** A request whose target has exactly this many bytes. */
const targetOf = (bytes: number) => get('', here.padEnd(bytes, '/x'));

/** An answer beyond a limit: the client gets the gateway's own instead. */
const answer = (id: string, title: string, bytes: string): TransportCase => ({
  id: `limits/${id}`,
  section: 'RFC 9110 §5.4',
  title,
  gateway,
  steps: [
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(bytes),
    client.gets(502, { cause: 'backend-protocol-violation', code: '101509' }),
    backend.isClosed(),
    client.goesOn(),
  ],
});

/** An answer that is taken. */
const taken = (id: string, section: string, title: string, bytes: string, start: string): TransportCase => ({
  id: `limits/${id}`,
  section,
  title,
  gateway,
  steps: [client.sends(bytes), backend.gets(start), backend.sends(ok()), client.gets(200), client.goesOn()],
});

/** Bounds of what one message may be, each refused by its name. */
export const limits: readonly TransportCase[] = [
  refused('limits/head', 'RFC 9110 §5.4', 'a head of any size is gathered', headOf(bounds.headBytes + 1), headers),
  refused(
    'limits/head-endless',
    'RFC 9110 §5.4',
    'a head without an end is gathered',
    `GET ${here} HTTP/1.1\r\nA: ${'x'.repeat(4000)}`,
    headers,
  ),
  refused(
    'limits/name-endless',
    'RFC 9110 §5.4',
    'a field name without an end is gathered',
    `GET ${here} HTTP/1.1\r\n${'x'.repeat(4000)}`,
    headers,
  ),
  refused(
    'limits/lines',
    'RFC 9110 §5.4',
    'header lines of any number are gathered',
    get('A: b\r\n'.repeat(bounds.headerCount)),
    lines,
  ),
  refused(
    'limits/target',
    'RFC 9110 §15.5.15',
    'a target of any length is taken',
    targetOf(bounds.targetBytes + 1),
    target,
  ),
  refused(
    'limits/target-endless',
    'RFC 9112 §3',
    'a target without an end is gathered',
    `GET ${here}${'x'.repeat(4000)}`,
    target,
  ),
  refused('limits/method-endless', 'RFC 9112 §3', 'a method without an end is gathered', 'G'.repeat(4000), target),
  refused(
    'limits/length',
    'WSO2 1.2 message.size.validation',
    'a body is taken though its length is known to be too large',
    post(`Content-Length: ${bounds.bodyBytes + 1}\r\n`),
    body,
  ),
  refused(
    'limits/chunks',
    'WSO2 1.2 message.size.validation',
    'chunks without end are passed on',
    chunked('190\r\n'.concat('a'.repeat(400), '\r\n').repeat(3)),
    { ...body, unfinished: true },
  ),
  taken(
    'head-at-limit',
    'RFC 9110 §5.4',
    'a head as large as allowed is refused',
    headOf(bounds.headBytes),
    `GET ${here}`,
  ),
  taken(
    'lines-at-limit',
    'RFC 9110 §5.4',
    'as many lines as allowed are refused',
    get('A: b\r\n'.repeat(bounds.headerCount - 1)),
    `GET ${here}`,
  ),
  taken(
    'target-at-limit',
    'RFC 9110 §15.5.15',
    'a target as long as allowed is refused',
    targetOf(bounds.targetBytes),
    `GET ${here.padEnd(bounds.targetBytes, '/x')}`,
  ),
  taken(
    'length-at-limit',
    'WSO2 1.2 message.size.validation',
    'a body as large as allowed is refused',
    post(`Content-Length: ${bounds.bodyBytes}\r\n`, 'x'.repeat(bounds.bodyBytes)),
    `POST ${here}`,
  ),
  taken(
    'chunks-at-limit',
    'WSO2 1.2 message.size.validation',
    'chunks as large as allowed are refused',
    chunked(`3e8\r\n${'x'.repeat(1000)}\r\n0\r\n\r\n`),
    `POST ${here}`,
  ),
  taken(
    'extension-at-limit',
    'RFC 9112 §7.1.1',
    'an extension as long as allowed is refused',
    chunked(`1;${'a'.repeat(bounds.chunkExtensionBytes)}\r\nx\r\n0\r\n\r\n`),
    `POST ${here}`,
  ),
  {
    id: 'limits/pipelined-head',
    section: 'RFC 9112 §9.3.2',
    title: 'what stands behind a head counts as a part of it',
    gateway,
    steps: [
      client.sends(headOf(bounds.headBytes - 1).repeat(3)),
      ...[1, 2, 3].flatMap(() => [backend.gets(`GET ${here}`), backend.sends(ok()), client.gets(200)]),
    ],
  },
  answer(
    'answer-head',
    'the head of an answer is gathered at any size',
    `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(bounds.headBytes)}\r\nContent-Length: 0\r\n\r\n`,
  ),
  answer(
    'answer-head-endless',
    'the head of an answer is gathered without end',
    `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(bounds.headBytes)}`,
  ),
  answer(
    'answer-lines',
    'header lines of an answer are gathered in any number',
    `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(bounds.headerCount)}Content-Length: 0\r\n\r\n`,
  ),
  answer(
    'interim-head',
    'the head of an interim answer is gathered without end',
    `HTTP/1.1 103 Early Hints\r\nA: ${'x'.repeat(bounds.headBytes)}`,
  ),
  {
    id: 'limits/answer-extension',
    section: 'RFC 9112 §7.1.1',
    title: 'an extension in an answer is read without end',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      client.getsHead(200),
      backend.sends(`5;${'a'.repeat(bounds.chunkExtensionBytes + 1)}`),
      client.isCutOff(),
      backend.isClosed(),
    ],
  },
  {
    id: 'limits/answer-trailers',
    section: 'RFC 9112 §7.1.2',
    title: 'trailers of an answer are gathered without end',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      client.getsHead(200),
      backend.sends(`0\r\nA: ${'a'.repeat(bounds.chunkExtensionBytes + 1)}`),
      client.isCutOff(),
      backend.isClosed(),
    ],
  },
  {
    id: 'limits/answer-length',
    section: 'WSO2 2.2',
    title: 'an answer is passed on though its length is known to be too large',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(`HTTP/1.1 200 OK\r\nContent-Length: ${bounds.bodyBytes + 1}\r\n\r\n`),
      client.gets(502, { cause: 'backend-response-too-large' }),
      backend.isClosed(),
      client.goesOn(),
    ],
  },
  {
    id: 'limits/answer-chunks',
    section: 'WSO2 2.2',
    title: 'an answer in chunks is passed on without end',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      client.getsHead(200),
      backend.sends(`${(bounds.bodyBytes + 1).toString(16)}\r\n${'x'.repeat(bounds.bodyBytes + 1)}\r\n0\r\n\r\n`),
      client.isCutOff(),
      backend.isClosed(),
    ],
  },
];
