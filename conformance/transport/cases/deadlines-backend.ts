import { backend, backend2, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { idleTime, lifespan, poolWait, prompt } from '../gateways.ts';
import { get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';
import { after, passes, stalls } from '../timing.ts';

const gateway = 'prompt';
const asked = [client.sends(get()), backend.gets(`GET ${here}`)];
const duration = 200;

/** A body that stops after these bytes: both sides are cut off. */
const body = (id: string, title: string, lines: string, bytes: string): TransportCase => ({
  id: `deadlines-backend/body-${id}`,
  section: 'WSO2 2.3 http.socket.timeout',
  title,
  gateway,
  steps: [
    ...asked,
    after(
      prompt.socket,
      backend.sends(`HTTP/1.1 200 OK\r\n${lines}\r\n${bytes}`),
      client.getsHead(200),
      client.isCutOff(),
    ),
    backend.isClosed(),
  ],
});

/** A head that stops after these bytes. */
const head = (id: string, title: string, bytes: string): TransportCase => ({
  id: `deadlines-backend/head-${id}`,
  section: 'WSO2 2.3 http.socket.timeout',
  title,
  gateway,
  steps: [
    ...asked,
    after(prompt.socket, backend.sends(bytes), client.gets(504, { cause: 'backend-socket-timeout', code: '101507' })),
    backend.isClosed(),
    client.goesOn(),
  ],
});

/** A kept connection that may not be used again after a while. */
const retired = (id: string, section: string, title: string, lines: string, millis: number): TransportCase => ({
  id: `deadlines-backend/${id}`,
  section,
  title,
  gateway: 'fleeting',
  steps: [
    ...asked,
    backend.sends(ok('one', lines)),
    client.gets(200, { body: 'one' }),
    passes(millis + 20),
    client.sends(get()),
    backend2.gets(`GET ${here}`),
    backend2.sends(ok('two')),
    client.gets(200, { body: 'two' }),
    backend.isClosed(),
  ],
});

const flood = 'x'.repeat(65_536);

/** Backends that are slow, or stop. */
export const backendDeadlines: readonly TransportCase[] = [
  // Connecting
  {
    id: 'deadlines-backend/connect',
    section: 'WSO2 2.3 http.connection.timeout',
    title: 'a connect that neither succeeds nor fails is waited for',
    gateway,
    backend: 'swallowing',
    steps: [
      after(
        prompt.connect,
        client.sends(get()),
        client.gets(504, { cause: 'backend-connect-timeout', code: '101508' }),
      ),
      client.goesOn(),
    ],
  },
  {
    id: 'deadlines-backend/connect-duration',
    section: 'WSO2 3',
    title: 'the duration of an endpoint does not run while its connection is made',
    gateway,
    backend: 'swallowing',
    endpoint: { duration, action: 'fault' },
    steps: [
      after(duration, client.sends(get()), client.gets(504, { cause: 'endpoint-timeout', code: '101504' })),
      client.goesOn(),
    ],
  },
  {
    id: 'deadlines-backend/connect-upload',
    section: 'WSO2 2.3 http.connection.timeout',
    title: 'an upload to a backend that cannot be reached is taken without end',
    gateway,
    backend: 'swallowing',
    steps: [
      after(
        prompt.connect,
        client.sends(post('Content-Length: 100000000\r\n', 'hello')),
        client.floods(flood),
        client.gets(504, { cause: 'backend-connect-timeout', closes: true }),
      ),
    ],
  },
  {
    id: 'deadlines-backend/handshake',
    section: 'WSO2 2.3 http.connection.timeout',
    title: 'a TLS handshake that the backend does not answer is waited for',
    gateway,
    backend: 'scripted-tls',
    connections: 1,
    steps: [
      after(
        prompt.tlsHandshake,
        client.sends(get()),
        client.gets(504, { cause: 'backend-connect-timeout', code: '101508' }),
      ),
      backend.isCutOff(),
      client.goesOn(),
    ],
  },
  // The answer's head
  {
    id: 'deadlines-backend/duration',
    section: 'WSO2 3',
    title: 'a backend that does not answer within the duration of its endpoint is waited for',
    gateway,
    endpoint: { duration, action: 'fault' },
    steps: [
      after(duration, client.sends(get()), client.gets(504, { cause: 'endpoint-timeout', code: '101504' })),
      backend.gets(`GET ${here}`),
      backend.isClosed(),
      client.goesOn(),
    ],
  },
  {
    id: 'deadlines-backend/duration-discard',
    section: 'WSO2 3 (discard)',
    title: 'a message that is discarded leaves its client waiting',
    gateway,
    endpoint: { duration, action: 'discard' },
    steps: [after(duration, client.sends(get()), client.isClosed()), backend.gets(`GET ${here}`), backend.isClosed()],
  },
  {
    id: 'deadlines-backend/duration-over',
    section: 'WSO2 3',
    title: 'the duration of an endpoint cuts an answer that has begun',
    gateway,
    endpoint: { duration, action: 'fault' },
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      client.getsHead(200),
      passes(duration + 60),
      backend.sends('hello'),
      client.sees('hello'),
      client.goesOn(),
    ],
  },
  {
    id: 'deadlines-backend/duration-longer',
    section: 'WSO2 3',
    title: 'the global limit holds where the endpoint has a longer duration of its own',
    gateway,
    endpoint: { duration: prompt.global + 200, action: 'fault' },
    steps: [
      ...asked,
      ...[1, 2].flatMap(() => [
        passes(prompt.global / 2 + 30),
        backend.sends('HTTP/1.1 102 Processing\r\n\r\n'),
        client.gets(102),
      ]),
      backend.sends(ok('late')),
      client.gets(200, { body: 'late' }),
    ],
  },
  {
    id: 'deadlines-backend/silence',
    section: 'WSO2 2.3 http.socket.timeout',
    title: 'a backend that takes the request and says nothing is waited for',
    gateway,
    steps: [
      after(prompt.socket, client.sends(get()), client.gets(504, { cause: 'backend-socket-timeout', code: '101507' })),
      backend.gets(`GET ${here}`),
      backend.isClosed(),
      client.goesOn(),
    ],
  },
  {
    id: 'deadlines-backend/silence-after-upload',
    section: 'WSO2 2.3 http.socket.timeout',
    title: 'the silence of a backend is counted from the head of an upload, not from its end',
    gateway,
    endpoint: { duration: 3000, action: 'fault' },
    steps: [
      client.sends(post('Content-Length: 5\r\n', 'hell')),
      passes(prompt.socket / 2),
      after(
        prompt.socket,
        client.sends('o'),
        backend.gets(`POST ${here}`, { body: 'hello' }),
        client.gets(504, { cause: 'backend-socket-timeout', code: '101507' }),
      ),
      backend.isClosed(),
    ],
  },
  {
    id: 'deadlines-backend/global',
    section: 'WSO2 3 synapse.global_timeout_interval',
    title: 'interim answers put off the global limit without end',
    gateway,
    steps: [
      ...asked,
      backend.dripsOn('HTTP/1.1 102 Processing\r\n\r\n', 40),
      client.getsPast(102, 504, { cause: 'global-timeout', code: '101504' }),
    ],
  },
  {
    id: 'deadlines-backend/global-storm',
    section: 'WSO2 3 synapse.global_timeout_interval',
    title: 'a storm of interim answers keeps a call alive, and all others waiting',
    gateway,
    steps: [
      ...asked,
      backend.dripsOn('HTTP/1.1 102 Processing\r\n\r\n'.repeat(50), 4),
      client.getsPast(102, 504, { cause: 'global-timeout', code: '101504' }),
    ],
  },
  {
    id: 'deadlines-backend/head-drips',
    section: 'WSO2 3 synapse.global_timeout_interval',
    title: 'a byte now and then keeps the head of an answer alive for ever',
    gateway,
    steps: [
      after(
        prompt.global,
        ...asked,
        backend.sends('HTTP/1.1 200 OK\r\nX-Long: '),
        backend.dripsOn('x', 40),
        client.gets(504, { cause: 'global-timeout', code: '101504' }),
      ),
    ],
  },
  head('status-line', 'an answer that stops in its status line is waited for', 'HTTP/1.1 20'),
  head('lines', 'an answer that stops in its head is waited for', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'),
  {
    id: 'deadlines-backend/head-interim',
    section: 'WSO2 2.3 http.socket.timeout',
    title: 'a backend that says nothing after an interim answer is waited for',
    gateway,
    steps: [
      ...asked,
      after(
        prompt.socket,
        backend.sends('HTTP/1.1 103 Early Hints\r\n\r\n'),
        client.getsPast(103, 504, { cause: 'backend-socket-timeout', code: '101507' }),
      ),
      backend.isClosed(),
    ],
  },
  // Its body
  body('length', 'a body by length that stops is waited for', 'Content-Length: 10\r\n', 'hello'),
  body('first-byte', 'a body that never begins is waited for', 'Content-Length: 10\r\n', ''),
  body('chunks', 'chunks that stop are waited for', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'),
  body('trailers', 'trailers that stop are waited for', 'Transfer-Encoding: chunked\r\n', '0\r\nX-Sum: 1\r\n'),
  body('close', 'a body up to the end of the connection that stops is waited for', '', 'hello'),
  {
    id: 'deadlines-backend/body-slow',
    section: 'WSO2 2.3 http.socket.timeout',
    title: 'a body that goes on slowly is cut, by one limit or another',
    gateway,
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      client.getsHead(200),
      backend.drips('hello', prompt.socket / 2),
      client.sees('hello'),
      client.goesOn(),
    ],
  },
  // The request
  {
    id: 'deadlines-backend/upload-not-taken',
    section: 'WSO2 2.3 http.socket.timeout',
    title: 'a backend that stops taking an upload holds its connections for ever',
    gateway,
    endpoint: { duration: 3000, action: 'fault' },
    steps: [
      client.sends(post('Content-Length: 100000000000\r\n')),
      backend.getsHead(`POST ${here}`),
      backend.pauses(),
      client.floods(flood),
      stalls(
        prompt.socket,
        client,
        client.gets(504, { cause: 'backend-socket-timeout', code: '101506', closes: true }),
      ),
    ],
  },
  // The pool
  {
    id: 'deadlines-backend/pool-wait',
    section: 'WSO2 1.5',
    title: 'a call waits for a connection without end',
    gateway: 'narrow',
    steps: [
      ...asked,
      after(
        poolWait,
        second.sends(get('', `${here}/2`)),
        second.gets(503, { cause: 'backend-pool-full', code: '101504', lines: { 'retry-after': '1' } }),
      ),
      second.goesOn(),
      backend.sends(ok('first')),
      client.gets(200, { body: 'first' }),
    ],
  },
  {
    id: 'deadlines-backend/pool-wait-duration',
    section: 'WSO2 3',
    title: 'the duration of an endpoint does not run while its call waits for a connection',
    gateway: 'narrow',
    endpoint: { duration, action: 'fault' },
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      client.getsHead(200),
      after(duration, second.sends(get('', `${here}/2`)), second.gets(504, { cause: 'endpoint-timeout' })),
      second.goesOn(),
      backend.sends('hello'),
      client.sees('hello'),
    ],
  },
  retired(
    'pool-idle',
    'WSO2 1.2 transport.sender.connection.idle.time',
    'a connection that was unused for too long is used again',
    '',
    idleTime,
  ),
  retired(
    'pool-hint',
    'WSO2 1.5',
    "the backend's own word on how long it keeps a connection is not heard",
    'Keep-Alive: timeout=1, max=100\r\n',
    100,
  ),
  {
    id: 'deadlines-backend/pool-lifespan',
    section: 'WSO2 1.2 transport.sender.connection.maximum.lifespan',
    title: 'a connection that is always in use lives for ever',
    gateway: 'fleeting',
    steps: [
      ...[1, 2, 3].flatMap((): Step[] => [
        client.sends(get()),
        backend.gets(`GET ${here}`),
        backend.sends(ok('one')),
        client.gets(200, { body: 'one' }),
        passes(lifespan / 3 + 10),
      ]),
      client.sends(get()),
      backend2.gets(`GET ${here}`),
      backend2.sends(ok('two')),
      client.gets(200, { body: 'two' }),
      backend.isClosed(),
    ],
  },
];
