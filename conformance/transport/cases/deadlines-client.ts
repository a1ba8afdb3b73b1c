import { backend, client, second, secure, tcp } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { prompt } from '../gateways.ts';
import { chunked, get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';
import { after, passes, stalls } from '../timing.ts';

const gateway = 'prompt';
const timeout = { cause: 'request-timeout', closes: true } as const;

/** A head that stops after these bytes. */
const head = (id: string, title: string, bytes: string, ...before: Step[]): TransportCase => ({
  id: `deadlines-client/head-${id}`,
  section: 'RFC 9112 §9.5',
  title,
  gateway,
  steps: [...before, after(prompt.clientHead, client.sends(bytes), client.gets(408, timeout)), client.isClosed('end')],
});

/** A body that stops after these bytes. */
const body = (id: string, title: string, bytes: string): TransportCase => ({
  id: `deadlines-client/body-${id}`,
  section: 'WSO2 2.2 http.socket.timeout',
  title,
  gateway,
  unfinished: true,
  steps: [after(prompt.socket, client.sends(bytes), client.gets(408, timeout)), client.isClosed('end')],
});

const flood = 'x'.repeat(65_536);
const endless = 'HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n';

/** Clients that are slow, or stop. */
export const clientDeadlines: readonly TransportCase[] = [
  // No request
  {
    id: 'deadlines-client/idle-new',
    section: 'RFC 9112 §9.5',
    title: 'a connection that never brings a request is kept for ever',
    gateway,
    steps: [after(prompt.keepAliveIdle, client.connects(), client.isClosed('end'))],
  },
  {
    id: 'deadlines-client/idle-kept',
    section: 'RFC 9112 §9.5',
    title: 'a connection that brings no further request is kept for ever, or told of it by a 408 that answers nothing',
    gateway,
    steps: [after(prompt.keepAliveIdle, client.goesOn(), client.isClosed('end'))],
  },
  {
    id: 'deadlines-client/idle-not-in-call',
    section: 'RFC 9112 §9.5',
    title: 'a connection ends because its answer takes longer than it may be idle',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      passes(prompt.keepAliveIdle + 40),
      backend.sends(ok('late')),
      client.gets(200, { body: 'late' }),
    ],
  },
  {
    id: 'deadlines-client/idle-tls',
    section: 'RFC 9112 §9.8',
    title: 'an idle connection over TLS is kept for ever',
    gateway,
    steps: [after(prompt.keepAliveIdle, secure.goesOn(), secure.isClosed())],
  },
  {
    id: 'deadlines-client/handshake',
    section: 'RFC 9112 §9.5',
    title: 'a connection that never begins its TLS handshake is kept for ever',
    gateway,
    steps: [after(prompt.tlsHandshake, tcp.connects(), tcp.isClosed())],
  },
  // Heads
  head('method', 'a head that stops in its method is waited for', 'GE'),
  head('line', 'a head that stops in its request line is waited for', `GET ${here} HTT`),
  head('name', 'a head that stops in a field name is waited for', `GET ${here} HTTP/1.1\r\nHo`),
  head('value', 'a head that stops in a value is waited for', `GET ${here} HTTP/1.1\r\nHost: a`),
  head('last-byte', 'a head without its last byte is waited for', get().slice(0, -1)),
  head('empty-line', 'an empty line alone is waited on', '\r\n'),
  head('kept', 'a head on a connection that has served before is waited for', get().slice(0, -1), client.goesOn()),
  {
    id: 'deadlines-client/head-drips',
    section: 'RFC 9112 §9.5',
    title: 'a byte now and then keeps a head alive for ever (Slowloris)',
    gateway,
    steps: [
      client.sends(`GET ${here} HTTP/1.1\r\nHost: a\r\nX-Long: `),
      client.dripsOn('x', 25),
      after(prompt.clientHead, client.gets(408, timeout)),
    ],
  },
  {
    id: 'deadlines-client/head-pipelined',
    section: 'RFC 9112 §9.5',
    title: 'the time of a pipelined head runs while the answer before it is on its way',
    gateway,
    steps: [
      client.sends(get() + get('', `${here}/2`).slice(0, -1)),
      backend.gets(`GET ${here}`),
      passes(prompt.clientHead + 40),
      backend.sends(ok('one')),
      client.gets(200, { body: 'one' }),
      client.sends('\n'),
      backend.gets(`GET ${here}/2`),
      backend.sends(ok('two')),
      client.gets(200, { body: 'two' }),
    ],
  },
  {
    id: 'deadlines-client/head-many',
    section: 'RFC 9112 §9.5',
    title: 'many slow heads at once put off each other, or those who are served',
    gateway,
    steps: [
      after(prompt.clientHead, client.sends('GET /'), second.sends('GET /'), client.gets(408, timeout)),
      second.gets(408, timeout),
    ],
  },
  // Bodies
  body('length', 'an upload by length that stops is waited for', post('Content-Length: 100\r\n', 'hello')),
  body('first-byte', 'an upload that never begins is waited for', post('Content-Length: 100\r\n')),
  body('last-byte', 'an upload without its last byte is waited for', post('Content-Length: 6\r\n', 'hello')),
  body('chunk', 'an upload that stops in a chunk is waited for', chunked('5\r\nhel')),
  body('chunk-size', 'an upload that stops in a size is waited for', chunked('5\r\nhello\r\n1')),
  body('last-chunk', 'an upload without its last chunk is waited for', chunked('5\r\nhello\r\n')),
  body('trailers', 'an upload that stops in its trailers is waited for', chunked('5\r\nhello\r\n0\r\nX-Sum: 1\r\n')),
  {
    id: 'deadlines-client/body-slow',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'an upload that goes on slowly is cut, or the backend that waits for its end',
    gateway,
    endpoint: { duration: 3000, action: 'fault' },
    steps: [
      client.sends(post('Content-Length: 4\r\n')),
      client.drips('slow', prompt.socket / 2),
      backend.gets(`POST ${here}`, { body: 'slow' }),
      backend.sends(ok('done')),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'deadlines-client/body-after-100',
    section: 'RFC 9110 §10.1.1',
    title: 'a client that was told to go on and does not is waited for',
    gateway,
    unfinished: true,
    steps: [
      client.sends(post('Expect: 100-continue\r\nContent-Length: 5\r\n')),
      client.gets(100),
      client.gets(408, timeout),
      client.isClosed('end'),
    ],
  },
  // Answers
  {
    id: 'deadlines-client/reader-length',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that stops reading a body by length holds its connections for ever',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(endless),
      client.getsHead(200),
      client.pauses(),
      backend.floods(flood),
      stalls(prompt.socket, backend, backend.isClosed()),
    ],
  },
  {
    id: 'deadlines-client/reader-chunks',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that stops reading chunks holds its connections for ever',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      client.getsHead(200),
      client.pauses(),
      backend.floods(`10000\r\n${flood}\r\n`),
      stalls(prompt.socket, backend, backend.isClosed()),
    ],
  },
  {
    id: 'deadlines-client/reader-tls',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that stops reading over TLS holds its connections for ever',
    gateway,
    steps: [
      secure.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(endless),
      secure.getsHead(200),
      secure.pauses(),
      backend.floods(flood),
      stalls(prompt.socket, backend, backend.isClosed()),
    ],
  },
  {
    id: 'deadlines-client/reader-interim',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that does not read the interim answers of a storm holds its connections for ever',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      client.pauses(),
      backend.floods(`HTTP/1.1 102 Processing\r\nX-Note: ${'x'.repeat(1000)}\r\n\r\n`.repeat(20)),
      stalls(prompt.socket, backend, backend.isClosed()),
    ],
  },
  {
    id: 'deadlines-client/reader-pipelines',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that asks on and on and never reads its answers is kept for as long again as it may be idle',
    gateway,
    steps: [
      client.pauses(),
      client.floods(get('', '/nowhere').repeat(100)),
      stalls(prompt.socket, client, client.isBroken()),
    ],
  },
  {
    id: 'deadlines-client/reader-slow',
    section: 'WSO2 2.2 http.socket.timeout',
    title: 'a client that reads slowly is cut off',
    gateway,
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(`HTTP/1.1 200 OK\r\nContent-Length: ${320 * flood.length}\r\n\r\n`),
      client.getsHead(200),
      client.pauses(),
      backend.sends(...Array.from({ length: 320 }, () => flood)),
      ...[1, 2, 3].flatMap(() => [
        passes(prompt.socket / 2),
        client.resumes(),
        client.takes(20 * flood.length),
        client.pauses(),
      ]),
      client.resumes(),
      client.takes(260 * flood.length),
      client.goesOn(),
    ],
  },
  // The rest of what was refused
  {
    id: 'deadlines-client/discard',
    section: 'RFC 9112 §9.6',
    title: 'what is left of a request that was answered is waited for without end',
    gateway,
    steps: [
      after(
        prompt.discard,
        client.sends(post('Content-Length: 100\r\n', 'hello', '/nowhere')),
        client.gets(404, { cause: 'no-api' }),
        client.isClosed(),
      ),
    ],
  },
  {
    id: 'deadlines-client/discard-late',
    section: 'RFC 9112 §9.6',
    title: 'the time for what is left of a request begins before its answer',
    gateway,
    steps: [
      client.sends(post('Content-Length: 100\r\n', 'hello')),
      backend.getsHead(`POST ${here}`),
      backend.sees('hello'),
      passes(prompt.socket - 100),
      after(prompt.discard, backend.sends(ok('early')), client.gets(200, { body: 'early' }), client.isClosed()),
      backend.isClosed(),
    ],
  },
  {
    id: 'deadlines-client/discard-refused',
    section: 'RFC 9112 §9.6',
    title: 'a client that sends on after a refusal is listened to without end',
    gateway,
    steps: [
      client.sends(get('A : b\r\n')),
      after(prompt.discard, client.gets(400, { cause: 'bad-request' }), client.isClosed('end'), client.isGone()),
    ],
  },
  {
    id: 'deadlines-client/discard-closed',
    section: 'RFC 9112 §9.6',
    title: 'a client that said that it ends its connection, and does not, keeps it',
    gateway,
    steps: [
      client.sends(get('Connection: close\r\n')),
      backend.gets(`GET ${here}`),
      backend.sends(ok('last')),
      client.gets(200, { closes: true }),
      client.isClosed('end'),
      client.isGone(),
    ],
  },
];
