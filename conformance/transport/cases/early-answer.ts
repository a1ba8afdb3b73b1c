import { backend, backend2, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { bounds } from '../gateways.ts';
import { chunked, get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

const start = `POST ${here}`;
/** 100 bytes, of which 5 are sent at once. */
const byLength = post('Content-Length: 100\r\n', 'hello');
const byChunks = chunked('5\r\nhello\r\n');
/** A body in which a request stands. */
const poisoned = get('', `${here}/smuggled`).padEnd(95, ' ');

/** The backend answers in the middle of the upload; `rest` is what the client does then. */
const early = (
  id: string,
  title: string,
  upload: string,
  answer: string,
  ends: boolean,
  framing: 'length' | 'chunked',
  ...rest: Step[]
): TransportCase => ({
  id: `early-answer/${id}`,
  section: 'RFC 9112 §9.3',
  title,
  steps: [
    client.sends(upload),
    backend.getsHead(start),
    backend.seesUpTo('hello'),
    backend.sends(answer),
    ...(ends ? [backend.ends()] : []),
    client.gets(413, { body: 'early', framing }),
    // Half a request is on it: nobody else may get this connection.
    backend.isCutOff(),
    ...rest,
  ],
});

const sized413 = 'HTTP/1.1 413 No\r\nContent-Length: 5\r\n\r\nearly';
const chunked413 = 'HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n0\r\n\r\n';
const closed413 = 'HTTP/1.1 413 No\r\n\r\nearly';

const next: Step[] = [
  client.sends(get('', `${here}/next`)),
  backend2.gets(`GET ${here}/next`),
  backend2.sends(ok('next')),
  client.gets(200, { body: 'next' }),
];

/** Answers that come while the request is still going up. */
export const earlyAnswers: readonly TransportCase[] = [
  early(
    'length',
    'the rest of a body by length is read as a request',
    byLength,
    sized413,
    false,
    'length',
    client.sends(poisoned),
    ...next,
  ),
  early(
    'chunks',
    'the rest of a body in chunks is read as a request',
    byChunks,
    sized413,
    false,
    'length',
    client.sends(`5f\r\n${poisoned}\r\n0\r\n\r\n`),
    ...next,
  ),
  early(
    'length-chunked',
    'an early answer in chunks is not passed on',
    byLength,
    chunked413,
    false,
    'chunked',
    client.sends(poisoned),
    ...next,
  ),
  early(
    'length-closes',
    'a backend that answers and closes counts as one that failed',
    byLength,
    sized413,
    true,
    'length',
    client.sends(poisoned),
    ...next,
  ),
  early(
    'length-close-delimited',
    'an early answer up to the end of the connection counts as a cut',
    byLength,
    closed413,
    true,
    'chunked',
    client.sends(poisoned),
    ...next,
  ),
  early(
    'chunks-closes',
    'a backend that answers chunks and closes counts as one that failed',
    byChunks,
    sized413,
    true,
    'length',
    client.sends('0\r\n\r\n'),
    ...next,
  ),
  early(
    'malformed-rest',
    'a malformed rest is answered a second time',
    byChunks,
    sized413,
    false,
    'length',
    client.sends('x\r\n'),
    client.isClosed('end'),
  ),
  {
    id: 'early-answer/reset',
    section: 'RFC 9112 §9.6',
    title: 'an answer before a RST, as of a server that closes with unread input, is lost',
    steps: [
      client.sends(byLength),
      backend.getsHead(start),
      backend.seesUpTo('hello'),
      backend.sends(sized413),
      client.gets(413, { body: 'early' }),
      backend.resets(),
      client.sends(poisoned),
      ...next,
    ],
  },
  {
    id: 'early-answer/head-first',
    section: 'RFC 9112 §9.3',
    title: 'the head of an early answer waits for the end of the upload',
    steps: [
      client.sends(byLength),
      backend.getsHead(start),
      backend.seesUpTo('hello'),
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      client.getsHead(200),
      client.sends('x'.repeat(95)),
      backend.sees('x'.repeat(95)),
      backend.sends('early'),
      client.sees('early'),
      client.goesOn(),
    ],
  },
  {
    id: 'early-answer/echo',
    section: 'RFC 9112 §9.3',
    title: 'a backend that answers as it reads waits for the end of the upload',
    steps: [
      client.sends(chunked('')),
      backend.getsHead(start),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      client.getsHead(200, { 'transfer-encoding': 'chunked' }),
      ...['one', 'two', 'three'].flatMap((text) => {
        const chunk = `${text.length}\r\n${text}\r\n`;
        return [client.sends(chunk), backend.sees(chunk), backend.sends(chunk), client.sees(chunk)];
      }),
      client.sends('0\r\n\r\n'),
      backend.sees('0\r\n\r\n'),
      backend.sends('0\r\n\r\n'),
      client.sees('0\r\n\r\n'),
      client.goesOn(),
    ],
  },
  {
    id: 'early-answer/too-much-left',
    section: 'RFC 9112 §9.6',
    title: 'what is left of a body is read without end',
    gateway: 'bounded',
    steps: [
      client.sends(post('Content-Length: 1000\r\n', 'hello', '/nowhere')),
      client.gets(404, { cause: 'no-api', closes: false }),
      client.sends('x'.repeat(995)),
      client.goesOn(),
      client.sends(chunked('5\r\nhello\r\n').replace(here, '/nowhere')),
      client.gets(404, { cause: 'no-api', closes: true }),
      client.sends('x'.repeat(bounds.discardBytes + 1)),
      client.isClosed('end'),
      client.isGone(),
    ],
  },
  {
    id: 'early-answer/gateway',
    section: 'RFC 9112 §9.3',
    title: 'the body of a request that the gateway answers itself is read as a request',
    steps: [
      client.sends(post('Content-Length: 100\r\n', 'hello', '/nowhere')),
      client.gets(404, { cause: 'no-api', closes: false }),
      client.sends(poisoned),
      client.goesOn(),
    ],
  },
  {
    id: 'early-answer/gateway-chunks',
    section: 'RFC 9112 §9.6',
    title: 'a body of unknown length keeps the connection of a refused request',
    steps: [
      client.sends(chunked('5\r\nhello\r\n').replace(here, '/nowhere')),
      client.gets(404, { cause: 'no-api', closes: true }),
      client.sends(`5f\r\n${poisoned}\r\n0\r\n\r\n`),
      client.isClosed('end'),
    ],
  },
];
