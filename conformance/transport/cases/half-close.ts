import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { chunked, get, hello, ok, post, sized } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

const gateway = 'halfOpen';

/** A client that closes its sending side and waits. */
const waiting = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  ...steps: readonly Step[]
): TransportCase => ({
  id: `half-close/${id}`,
  section,
  title,
  gateway,
  unfinished: id.startsWith('half-'),
  steps: [client.sends(bytes), client.ends(), ...steps],
});

/** Clients that close their sending side and wait for their answers, where that is on; `client-gone` shows what it means where it is off. */
export const halfCloses: readonly TransportCase[] = [
  waiting(
    'get',
    'RFC 9112 §9.6',
    'a client that has said all it has to say gets no answer',
    get(),
    backend.gets(`GET ${here}`),
    backend.sends(ok('hi')),
    client.gets(200, { body: 'hi' }),
    client.isClosed('end'),
  ),
  waiting(
    'upload',
    'RFC 9112 §9.6',
    'a FIN right behind a body cuts it',
    sized('hello'),
    backend.gets(`POST ${here}`, { body: 'hello' }),
    backend.sends(ok('hi')),
    client.gets(200, { body: 'hi' }),
    client.isClosed('end'),
  ),
  waiting(
    'chunks',
    'RFC 9112 §9.6',
    'a FIN right behind the last chunk cuts the body',
    chunked(hello),
    backend.gets(`POST ${here}`, { body: 'hello' }),
    backend.sends(ok('hi')),
    client.gets(200, { body: 'hi' }),
    client.isClosed('end'),
  ),
  waiting(
    'pipelined',
    'RFC 9112 §9.3.2',
    'requests before the FIN are left without their answers',
    get('', `${here}/1`) + sized('two', 'POST', `${here}/2`) + get('', `${here}/3`),
    backend.gets(`GET ${here}/1`),
    backend.sends(ok('one')),
    client.gets(200, { body: 'one' }),
    backend.gets(`POST ${here}/2`, { body: 'two' }),
    backend.sends(ok('two')),
    client.gets(200, { body: 'two' }),
    backend.gets(`GET ${here}/3`),
    backend.sends(ok('three')),
    client.gets(200, { body: 'three' }),
    client.isClosed('end'),
  ),
  waiting(
    'streamed',
    'RFC 9112 §9.6',
    'an answer that takes its time is cut when the client has closed its side',
    get(),
    backend.gets(`GET ${here}`),
    backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    client.getsHead(200),
    ...['one', 'two'].flatMap((text) => [backend.sends(`3\r\n${text}\r\n`), client.sees(`3\r\n${text}\r\n`)]),
    backend.sends('0\r\n\r\n'),
    client.sees('0\r\n\r\n'),
    client.isClosed('end'),
  ),
  waiting(
    'half-upload',
    'RFC 9112 §8',
    'an upload that ends early is waited for',
    post('Content-Length: 10\r\n', 'hello'),
    client.isClosed(),
  ),
  waiting(
    'half-chunk',
    'RFC 9112 §8',
    'chunks that end early are taken for whole',
    chunked('5\r\nhello\r\n'),
    client.isClosed(),
  ),
  waiting('half-head', 'RFC 9112 §8', 'a head that ends early is answered', get().slice(0, -2), client.isClosed()),
  waiting(
    'nothing',
    'RFC 9112 §9.5',
    'a connection that ends before its first request is kept',
    '',
    client.isClosed('end'),
  ),
  {
    id: 'half-close/idle',
    section: 'RFC 9112 §9.5',
    title: 'a connection that ends between two requests is kept',
    gateway,
    steps: [client.goesOn(), client.ends(), client.isClosed('end')],
  },
  {
    id: 'half-close/cut-answer',
    section: 'RFC 9112 §8',
    title: 'an answer that is cut looks whole to a client that has closed its side',
    gateway,
    steps: [
      client.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      client.ends(),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      client.seesUpTo('hello'),
      backend.ends(),
      client.isCutOff('reset'),
    ],
  },
];
