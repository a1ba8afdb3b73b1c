import { backend, backend2, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { chunked, get, hello, ok, sized, smuggled } from '../messages.ts';
import { here } from '../stage.ts';

/** A refused request between good ones. */
const between = (id: string, title: string, bad: string, status: number, cause: string): TransportCase => ({
  id: `pipelining/${id}`,
  section: 'RFC 9112 §9.3.2',
  title,
  steps: [
    client.sends(get('', `${here}/1`) + sized('two', 'POST', `${here}/2`) + bad + smuggled),
    backend.gets(`GET ${here}/1`),
    backend.sends(ok('one')),
    client.gets(200, { body: 'one', closes: false }),
    backend.gets(`POST ${here}/2`, { body: 'two' }),
    backend.sends(ok('two')),
    client.gets(200, { body: 'two', closes: false }),
    client.gets(status, { cause, closes: true }),
    client.isClosed('end'),
  ],
});

/** Several requests before the first answer. */
export const pipelining: readonly TransportCase[] = [
  {
    id: 'pipelining/order',
    section: 'RFC 9112 §9.3.2',
    title: 'answers to pipelined requests come in another order',
    steps: [
      client.sends(get('', `${here}/1`) + sized(smuggled, 'POST', `${here}/2`) + chunked(hello) + get('', `${here}/4`)),
      backend.gets(`GET ${here}/1`),
      client.waits(),
      backend.sends(ok('one')),
      client.gets(200, { body: 'one' }),
      backend.gets(`POST ${here}/2`, { body: smuggled }),
      backend.sends(ok('two')),
      client.gets(200, { body: 'two' }),
      backend.gets(`POST ${here}`, { body: 'hello' }),
      backend.sends(ok('three')),
      client.gets(200, { body: 'three' }),
      backend.gets(`GET ${here}/4`),
      backend.sends(ok('four')),
      client.gets(200, { body: 'four' }),
    ],
  },
  {
    id: 'pipelining/own-answer-waits',
    section: 'RFC 9112 §9.3.2',
    title: 'an answer of the gateway itself overtakes one of a backend',
    steps: [
      client.sends(get() + get('', '/nowhere') + get('', `${here}/3`)),
      backend.gets(`GET ${here}`),
      client.waits(),
      backend.sends(ok('slow')),
      client.gets(200, { body: 'slow' }),
      client.gets(404, { cause: 'no-api' }),
      backend.gets(`GET ${here}/3`),
      backend.sends(ok('last')),
      client.gets(200, { body: 'last' }),
    ],
  },
  {
    id: 'pipelining/byte-by-byte',
    section: 'RFC 9112 §9.3.2',
    title: 'the border between two requests depends on how they arrive',
    steps: [
      client.trickles(chunked(hello) + get('', `${here}/2`)),
      backend.gets(`POST ${here}`, { body: 'hello' }),
      backend.sends(ok('one')),
      client.gets(200, { body: 'one' }),
      backend.gets(`GET ${here}/2`),
      backend.sends(ok('two')),
      client.gets(200, { body: 'two' }),
    ],
  },
  {
    id: 'pipelining/head-behind-body',
    section: 'RFC 9112 §6.3',
    title: 'the beginning of a head that comes with the end of a body is lost',
    steps: [
      client.sends(sized('hello') + get('', `${here}/2`).slice(0, 3)),
      backend.gets(`POST ${here}`, { body: 'hello' }),
      backend.sends(ok('one')),
      client.gets(200, { body: 'one' }),
      client.sends(get('', `${here}/2`).slice(3)),
      backend.gets(`GET ${here}/2`),
      backend.sends(ok('two')),
      client.gets(200, { body: 'two' }),
    ],
  },
  {
    id: 'pipelining/hundreds',
    section: 'RFC 9112 §9.3.2',
    title: 'hundreds of requests in one write exhaust the stack, or are sent all at once',
    steps: [
      client.sends(Array.from({ length: 300 }, (_, index) => get('', `${here}/${index}`)).join('')),
      ...Array.from({ length: 300 }, (_, index) => [
        backend.gets(`GET ${here}/${index}`),
        backend.sends(ok(String(index))),
        client.gets(200, { body: String(index) }),
      ]).flat(),
    ],
  },
  {
    id: 'pipelining/own-hundreds',
    section: 'RFC 9112 §9.3.2',
    title: 'hundreds of answers of the gateway itself exhaust the stack',
    steps: [
      client.sends(get('', '/nowhere').repeat(500)),
      ...Array.from({ length: 500 }, () => client.gets(404, { cause: 'no-api' })),
      client.goesOn(),
    ],
  },
  {
    id: 'pipelining/after-close',
    section: 'RFC 9112 §9.6',
    title: 'a request behind one that closes is answered, or sent to the backend',
    steps: [
      client.sends(get('', `${here}/1`) + get('Connection: x, Close\r\n', `${here}/2`) + smuggled),
      backend.gets(`GET ${here}/1`),
      backend.sends(ok('one')),
      client.gets(200, { closes: false }),
      backend.gets(`GET ${here}/2`),
      backend.sends(ok('two')),
      client.gets(200, { closes: true }),
      client.isClosed('end'),
    ],
  },
  {
    id: 'pipelining/cut-answer',
    section: 'RFC 9112 §9.3.2',
    title: 'the next answer is read as the rest of one that was cut',
    steps: [
      client.sends(get() + smuggled),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      client.seesUpTo('hello'),
      backend.ends(),
      client.isCutOff(),
    ],
  },
  {
    id: 'pipelining/fault-between',
    section: 'RFC 9112 §9.3.2',
    title: 'a backend that fails costs the requests behind the one that it failed',
    steps: [
      second.sends(sized('one') + get('', `${here}/2`)),
      backend.gets(`POST ${here}`),
      backend.ends(),
      second.gets(502, { cause: 'backend-closed', closes: false }),
      backend2.gets(`GET ${here}/2`),
      backend2.sends(ok('two')),
      second.gets(200, { body: 'two' }),
    ],
  },
  between(
    'bad-head',
    'a malformed head behind good ones costs them their answers',
    get('A : b\r\n'),
    400,
    'bad-request',
  ),
  between(
    'bad-version',
    'another version behind good ones is skipped',
    `GET ${here} HTTP/3.0\r\nHost: a\r\n\r\n`,
    505,
    'http-version-not-supported',
  ),
  between(
    'bad-framing',
    'both lengths behind good ones are read in the wrong place',
    chunked('0\r\n\r\n', 'Content-Length: 3\r\n'),
    400,
    'bad-request',
  ),
];
