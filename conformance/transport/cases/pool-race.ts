import { backend, backend2, backend3, client, second, third } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

/** A connection that has served once, and is kept. */
const warm: Step[] = [
  client.sends(get()),
  backend.gets(`GET ${here}`),
  backend.sends(ok('warm')),
  client.gets(200, { body: 'warm' }),
];

const deaths = [
  ['fin', 'ends'],
  ['rst', 'resets'],
] as const;

/** The backend gives the kept connection up as the request comes; it is sent again, once, on a new one. */
const repeated = (method: string): TransportCase[] =>
  deaths.map(([name, how]) => ({
    id: `pool-race/${method.toLowerCase()}-${name}`,
    section: 'RFC 9110 §9.2.2',
    title: `${method} without a body fails because its kept connection was just given up`,
    steps: [
      ...warm,
      client.sends(`${method} ${here} HTTP/1.1\r\nHost: a\r\nX-Once: 1\r\n\r\n`),
      backend.gets(`${method} ${here}`, { lines: { 'x-once': '1' } }),
      backend[how](),
      backend2.gets(`${method} ${here}`, { lines: { 'x-once': '1' } }),
      backend2.sends(ok(method === 'HEAD' ? '' : 'again')),
      client.gets(200, { to: method }),
      client.goesOn(),
    ],
  }));

/** The same with a request that must not be sent twice. */
const failed = (id: string, title: string, request: string, start: string, code = '101508'): TransportCase[] =>
  deaths.map(([name, how]) => ({
    id: `pool-race/${id}-${name}`,
    section: 'RFC 9110 §9.2.2',
    title,
    steps: [
      ...warm,
      client.sends(request),
      backend.gets(start),
      backend[how](),
      client.gets(502, { cause: 'backend-connection-stale', code, closes: false }),
      client.goesOn(),
    ],
  }));

/** Kept connections, and backends that close them in the very moment of the next request. */
export const poolRaces: readonly TransportCase[] = [
  ...['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'].flatMap(repeated),
  ...failed('post', 'POST without a body is sent twice', post(''), `POST ${here}`),
  ...failed('post-body', 'POST is sent twice', post('Content-Length: 5\r\n', 'hello'), `POST ${here}`),
  ...failed('patch', 'PATCH is sent twice', `PATCH ${here} HTTP/1.1\r\nHost: a\r\n\r\n`, `PATCH ${here}`),
  ...failed(
    'unknown-method',
    'a method of which nobody knows what it does is sent twice',
    `FROB ${here} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `FROB ${here}`,
  ),
  ...failed(
    'put-body',
    'PUT is sent again without its body, which is gone',
    `PUT ${here} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`,
    `PUT ${here}`,
  ),
  {
    id: 'pool-race/once',
    section: 'RFC 9112 §9.3.1',
    title: 'a request is sent again and again',
    steps: [
      ...warm,
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.resets(),
      backend2.gets(`GET ${here}`),
      backend2.resets(),
      client.gets(502, { cause: 'backend-reset' }),
      client.goesOn(),
    ],
  },
  {
    id: 'pool-race/fresh',
    section: 'RFC 9112 §9.3.1',
    title: 'a request that failed on a new connection is sent again',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.ends(),
      client.gets(502, { cause: 'backend-closed', code: '101508' }),
      client.goesOn(),
    ],
  },
  {
    id: 'pool-race/past-others',
    section: 'RFC 9112 §9.3.1',
    title: 'a request is sent again on another kept connection, which may be as dead',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      second.sends(get()),
      backend2.gets(`GET ${here}`),
      backend.sends(ok()),
      client.gets(200),
      backend2.sends(ok()),
      second.gets(200),
      // The one used last is taken first.
      client.sends(get()),
      backend2.gets(`GET ${here}`),
      backend2.resets(),
      backend3.gets(`GET ${here}`),
      backend3.sends(ok('again')),
      client.gets(200, { body: 'again' }),
    ],
  },
  {
    id: 'pool-race/begun',
    section: 'RFC 9112 §9.3.1',
    title: 'a request whose answer had begun is sent again',
    steps: [
      ...warm,
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
      client.seesUpTo('hello'),
      backend.resets(),
      client.isCutOff(),
    ],
  },
  {
    id: 'pool-race/interim',
    section: 'RFC 9112 §9.3.1',
    title: 'a request to which the backend has said something is sent again',
    steps: [
      ...warm,
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 102 Processing\r\n\r\n'),
      client.gets(102),
      backend.resets(),
      client.gets(502, { cause: 'backend-reset' }),
      client.goesOn(),
    ],
  },
  {
    id: 'pool-race/half-a-head',
    section: 'RFC 9112 §9.3.1',
    title: 'a request to which half an answer has come is sent again',
    steps: [
      ...warm,
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 20'),
      backend.ends(),
      client.gets(502, { cause: 'backend-closed' }),
      client.goesOn(),
    ],
  },
  ...deaths.map(
    ([name, how]): TransportCase => ({
      id: `pool-race/idle-${name}`,
      section: 'RFC 9112 §9.5',
      title: 'a kept connection that the backend has closed is used all the same',
      steps: [
        ...warm,
        backend[how](),
        ...(how === 'ends' ? [backend.isClosed()] : []),
        // A round trip later the gateway has seen it.
        second.goesOn(),
        client.sends(post('Content-Length: 5\r\n', 'hello')),
        backend2.gets(`POST ${here}`, { body: 'hello' }),
        backend2.sends(ok('next')),
        client.gets(200, { body: 'next' }),
      ],
    }),
  ),
  {
    id: 'pool-race/speaks-first',
    section: 'RFC 9112 §9.2',
    title: 'what a backend sends while nobody asks it answers the next request',
    steps: [
      ...warm,
      backend.sends('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
      backend.isClosed(),
      client.sends(get()),
      backend2.gets(`GET ${here}`),
      backend2.sends(ok('next')),
      client.gets(200, { body: 'next' }),
    ],
  },
  {
    id: 'pool-race/narrow',
    section: 'RFC 9112 §9.3.1',
    title: 'a request is not sent again because its route has room for one connection alone',
    gateway: 'narrow',
    steps: [
      ...warm,
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.resets(),
      backend2.gets(`GET ${here}`),
      backend2.sends(ok('again')),
      client.gets(200, { body: 'again' }),
    ],
  },
  // The pool's bounds
  {
    id: 'pool-race/queue-full',
    section: 'WSO2 1.5 http.max.messages.per.host.port',
    title: 'calls pile up before a backend that has no room for them',
    gateway: 'narrow',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      second.sends(get('', `${here}/2`)),
      second.waits(),
      third.sends(get('', `${here}/3`)),
      third.gets(503, { cause: 'backend-queue-full', code: '101504', lines: { 'retry-after': '1' }, closes: false }),
      third.goesOn(),
      backend.sends(ok('one')),
      client.gets(200, { body: 'one' }),
      backend.gets(`GET ${here}/2`),
      backend.sends(ok('two')),
      second.gets(200, { body: 'two' }),
    ],
  },
  {
    id: 'pool-race/queue-after-close',
    section: 'WSO2 1.5 http.max.connection.per.host.port',
    title: 'a call that waits is forgotten when the connection that it waits for ends',
    gateway: 'narrow',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      second.sends(get('', `${here}/2`)),
      second.waits(),
      backend.sends(ok('one', 'Connection: close\r\n')),
      client.gets(200, { body: 'one' }),
      backend.isClosed(),
      backend2.gets(`GET ${here}/2`),
      backend2.sends(ok('two')),
      second.gets(200, { body: 'two' }),
    ],
  },
  {
    id: 'pool-race/queue-after-fault',
    section: 'WSO2 1.5 http.max.connection.per.host.port',
    title: 'a call that waits is forgotten when the call before it fails',
    gateway: 'narrow',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      second.sends(get('', `${here}/2`)),
      second.waits(),
      backend.ends(),
      client.gets(502, { cause: 'backend-closed' }),
      backend2.gets(`GET ${here}/2`),
      backend2.sends(ok('two')),
      second.gets(200, { body: 'two' }),
    ],
  },
];
