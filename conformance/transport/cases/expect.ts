import { backend, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { prompt } from '../gateways.ts';
import { get, hello, ok, smuggled } from '../messages.ts';
import { refused } from '../refusal.ts';
import { here } from '../stage.ts';
import { after } from '../timing.ts';

const start = `POST ${here}`;
const head = (lines = 'Content-Length: 5\r\n', version = '1.1') =>
  `${start} HTTP/${version}\r\nHost: a\r\nExpect: 100-continue\r\n${lines}\r\n`;
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';

/** `Expect: 100-continue`: the backend's own word, or a bounded wait. */
export const expectation: readonly TransportCase[] = [
  {
    id: 'expect/by-length',
    section: 'RFC 9110 §10.1.1',
    title: 'the expectation is not passed on, or the 100 of the backend not passed back',
    steps: [
      client.sends(head()),
      backend.getsHead(start, { expect: '100-continue' }),
      backend.sends(goOn),
      client.gets(100),
      client.sends('hello'),
      backend.sees('hello'),
      backend.sends(ok('done')),
      client.gets(200, { body: 'done' }),
      client.goesOn(),
    ],
  },
  {
    id: 'expect/by-chunks',
    section: 'RFC 9110 §10.1.1',
    title: 'a body in chunks is not waited for',
    steps: [
      client.sends(head('Transfer-Encoding: chunked\r\n')),
      backend.getsHead(start, { expect: '100-continue' }),
      backend.sends(goOn),
      client.gets(100),
      client.sends(hello),
      backend.sees(hello),
      backend.sends(ok('done')),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'expect/case',
    section: 'RFC 9110 §10.1.1',
    title: '100-Continue in another case is not known',
    steps: [
      client.sends(head().replace('100-continue', '100-CONTINUE')),
      backend.getsHead(start),
      backend.sends(goOn),
      client.gets(100),
      client.sends('hello'),
      backend.sees('hello'),
      backend.sends(ok()),
      client.gets(200),
    ],
  },
  {
    id: 'expect/silent-backend',
    section: 'RFC 9110 §10.1.1',
    title: 'a backend that never says 100 keeps the client waiting, and its own comes twice',
    gateway: 'prompt',
    steps: [
      client.sends(head()),
      after(prompt.continueWait, backend.getsHead(start), client.gets(100)),
      client.sends('hello'),
      backend.sees('hello'),
      backend.sends(goOn + ok('done')),
      client.gets(200, { body: 'done' }),
      client.goesOn(),
    ],
  },
  {
    id: 'expect/body-at-once',
    section: 'RFC 9110 §10.1.1',
    title: 'a client that does not wait is told to go on',
    gateway: 'prompt',
    steps: [
      client.sends(`${head()}hello`),
      backend.gets(start, { body: 'hello' }),
      backend.sends(ok('done')),
      client.gets(200),
    ],
  },
  {
    id: 'expect/no-body',
    section: 'RFC 9110 §10.1.1',
    title: 'a client without a body is told to go on',
    gateway: 'prompt',
    steps: [
      client.sends(head('')),
      backend.gets(start, { body: '' }),
      backend.sends(ok('done')),
      client.gets(200),
      client.sends(head('Content-Length: 0\r\n')),
      backend.gets(start, { body: '' }),
      backend.sends(ok('done')),
      client.gets(200),
    ],
  },
  {
    id: 'expect/1.0',
    section: 'RFC 9110 §10.1.1',
    title: 'a client of HTTP/1.0, which knows no 100, gets one',
    gateway: 'prompt',
    steps: [
      client.sends(head(undefined, '1.0')),
      backend.getsHead(start),
      backend.sends(goOn),
      client.sends('hello'),
      backend.sees('hello'),
      backend.sends(ok('done')),
      client.gets(200, { body: 'done' }),
      client.isClosed('end'),
    ],
  },
  {
    id: 'expect/final-of-backend',
    section: 'RFC 9110 §10.1.1',
    title: 'a final answer instead of 100 lets the body be read as a request',
    steps: [
      client.sends(head(`Content-Length: ${smuggled.length}\r\n`)),
      backend.getsHead(start),
      backend.sends('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno'),
      client.gets(401, { body: 'no' }),
      backend.isClosed(),
      client.sends(smuggled),
    ],
  },
  {
    id: 'expect/final-of-gateway',
    section: 'RFC 9110 §10.1.1',
    title: 'a refusal of the gateway leaves open whether the body comes',
    steps: [
      client.sends(head().replace(start, 'POST /nowhere')),
      client.gets(404, { cause: 'no-api', closes: true }),
      client.isClosed('end'),
    ],
  },
  {
    id: 'expect/refused-backend',
    section: 'RFC 9110 §10.1.1',
    title: 'a client is told to go on though its backend cannot be reached',
    backend: 'refusing',
    steps: [
      client.sends(head()),
      client.gets(502, { cause: 'backend-connection-refused', closes: true }),
      client.isClosed('end'),
    ],
  },
  refused(
    'expect/unknown',
    'RFC 9110 §10.1.1',
    'an expectation that nobody knows is passed over',
    get('Expect: wonders\r\n'),
    {
      status: 417,
      cause: 'expectation-failed',
    },
  ),
  refused(
    'expect/list',
    'RFC 9110 §10.1.1',
    'an unknown expectation hides behind a known one',
    get('Expect: 100-continue, wonders\r\n'),
    {
      status: 417,
      cause: 'expectation-failed',
    },
  ),
  {
    id: 'expect/pipelined',
    section: 'RFC 9112 §9.3.2',
    title: 'the 100 of a request overtakes the answer to the one before',
    steps: [
      second.sends(get() + head()),
      backend.gets(`GET ${here}`),
      second.waits(),
      backend.sends(ok('first')),
      second.gets(200, { body: 'first' }),
      backend.getsHead(start),
      backend.sends(goOn),
      second.gets(100),
      second.sends('hello'),
      backend.sees('hello'),
      backend.sends(ok('second')),
      second.gets(200, { body: 'second' }),
    ],
  },
];
