import { backend, backend2, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, hello, ok, post } from '../messages.ts';
import { here } from '../stage.ts';

const ask = (lines: string, version: string) => `GET ${here} HTTP/${version}\r\nHost: a\r\n${lines}\r\n`;

/** A request after which the client's connection stays, or does not. `says` is the `Connection` of the answer. */
const client11 = (
  id: string,
  section: string,
  title: string,
  bytes: string,
  stays: boolean,
  says: string | null = stays ? null : 'close',
): TransportCase => ({
  id: `connection/${id}`,
  section,
  title,
  steps: [
    client.sends(stays ? bytes : bytes + get('', `${here}/unread`)),
    backend.gets(`GET ${here}`, { lines: { connection: null } }),
    backend.sends(ok('hi')),
    client.gets(200, { body: 'hi', lines: { connection: says } }),
    stays ? client.goesOn() : client.isClosed('end'),
  ],
});

/** An answer after which the backend's connection is used again, or is not. */
const kept = (id: string, section: string, title: string, answer: string, stays: boolean): TransportCase => ({
  id: `connection/backend-${id}`,
  section,
  title,
  steps: [
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(answer),
    client.gets(200, { body: 'hi', lines: { connection: null, 'keep-alive': null } }),
    ...(stays ? [] : [backend.isClosed()]),
    client.sends(get()),
    (stays ? backend : backend2).gets(`GET ${here}`),
    (stays ? backend : backend2).sends(ok('next')),
    client.gets(200, { body: 'next' }),
  ],
});

/** How long connections last, on both sides. */
export const connections: readonly TransportCase[] = [
  client11('1.1', 'RFC 9112 §9.3', 'a connection of HTTP/1.1 ends after one request', ask('', '1.1'), true),
  client11(
    '1.1-keep-alive',
    'RFC 9112 §9.3',
    'keep-alive in HTTP/1.1 is answered as if it were 1.0',
    ask('Connection: keep-alive\r\n', '1.1'),
    true,
  ),
  client11(
    '1.1-close',
    'RFC 9112 §9.6',
    'a client that closes is kept waiting, or its next request is read',
    ask('Connection: close\r\n', '1.1'),
    false,
  ),
  client11('close-case', 'RFC 9110 §7.6.1', 'CLOSE is not known', ask('Connection: CLOSE\r\n', '1.1'), false),
  client11(
    'close-in-list',
    'RFC 9110 §7.6.1',
    'close in a list is not seen',
    ask('Connection: x , close , y\r\n', '1.1'),
    false,
  ),
  client11(
    'close-in-second-line',
    'RFC 9110 §5.3',
    'close in a second line is not seen',
    ask('Connection: x\r\nConnection: close\r\n', '1.1'),
    false,
  ),
  client11(
    'close-wins',
    'RFC 9112 §9.3',
    'keep-alive beside close wins',
    ask('Connection: keep-alive, close\r\n', '1.1'),
    false,
  ),
  client11(
    'not-close',
    'RFC 9110 §7.6.1',
    'an option that begins like close counts as it',
    ask('Connection: closed\r\n', '1.1'),
    true,
  ),
  client11(
    'empty-members',
    'RFC 9110 §5.6.1',
    'empty members of a list are refused',
    ask('Connection: , keep-alive,,\r\n', '1.1'),
    true,
  ),
  client11(
    '1.0',
    'RFC 9112 §9.3',
    'a client of HTTP/1.0, which waits for the end, is kept waiting',
    ask('', '1.0'),
    false,
  ),
  client11(
    '1.0-keep-alive',
    'RFC 9112 §9.3',
    'a client of HTTP/1.0 that wants to stay is not told that it may',
    ask('Connection: keep-alive\r\n', '1.0'),
    true,
    'keep-alive',
  ),
  client11(
    '1.0-keep-alive-case',
    'RFC 9110 §7.6.1',
    'Keep-Alive in capitals is not known',
    ask('Connection: Keep-Alive\r\n', '1.0'),
    true,
    'keep-alive',
  ),
  client11(
    '1.0-close-wins',
    'RFC 9112 §9.3',
    'keep-alive beside close wins in HTTP/1.0',
    ask('Connection: keep-alive, close\r\n', '1.0'),
    false,
  ),
  client11(
    'proxy-connection',
    'RFC 9112 §9.3',
    'Proxy-Connection keeps a connection of HTTP/1.0',
    ask('Proxy-Connection: keep-alive\r\n', '1.0'),
    false,
  ),
  {
    id: 'connection/refusal-stays',
    section: 'RFC 9112 §9.3',
    title: 'an error of the gateway that has nothing to do with framing ends the connection',
    steps: [client.sends(get('', '/nowhere')), client.gets(404, { cause: 'no-api', closes: false }), client.goesOn()],
  },
  {
    id: 'connection/many',
    section: 'RFC 9112 §9.3',
    title: 'requests one after the other open more than one connection to the backend',
    steps: Array.from({ length: 20 }, (_, index) => [
      client.sends(index % 2 ? post('Content-Length: 5\r\n', 'hello') : get()),
      backend.gets(index % 2 ? `POST ${here}` : `GET ${here}`),
      backend.sends(ok(`answer ${index}`)),
      client.gets(200, { body: `answer ${index}` }),
    ]).flat(),
  },
  {
    id: 'connection/backend-shared',
    section: 'RFC 9112 §9.3',
    title: 'clients each open a connection to the backend though one is free',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(ok('first')),
      client.gets(200, { body: 'first' }),
      second.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(ok('second')),
      second.gets(200, { body: 'second' }),
    ],
  },
  {
    id: 'connection/backend-concurrent',
    section: 'RFC 9112 §9.4',
    title: 'a second request is put on a connection that still owes an answer',
    steps: [
      client.sends(get()),
      backend.gets(`GET ${here}`),
      second.sends(post('Content-Length: 5\r\n', 'hello')),
      backend2.gets(`POST ${here}`, { body: 'hello' }),
      backend.waits(),
      backend2.sends(ok('second')),
      second.gets(200, { body: 'second' }),
      backend.sends(ok('first')),
      client.gets(200, { body: 'first' }),
    ],
  },
  {
    id: 'connection/backend-version',
    section: 'RFC 9110 §2.5',
    title: 'a backend is asked in the version of the client',
    steps: [
      client.sends(ask('Connection: keep-alive\r\n', '1.0')),
      backend.gets(`GET ${here}`, { lines: { connection: null } }),
      backend.sends(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${hello}`),
      client.gets(200, { framing: 'close', body: 'hello' }),
      client.isClosed('end'),
    ],
  },
  kept('1.1', 'RFC 9112 §9.3', 'a connection to a backend of HTTP/1.1 is used once', ok('hi'), true),
  kept('close', 'RFC 9112 §9.6', 'a backend that closes is asked again', ok('hi', 'Connection: close\r\n'), false),
  kept(
    'close-in-list',
    'RFC 9110 §7.6.1',
    'close of a backend in a list is not seen',
    ok('hi', 'Connection: x, Close\r\n'),
    false,
  ),
  kept(
    'close-in-second-line',
    'RFC 9110 §5.3',
    'close of a backend in a second line is not seen',
    ok('hi', 'Connection: x\r\nConnection: close\r\n'),
    false,
  ),
  kept(
    '1.0',
    'RFC 9112 §9.3',
    'a backend of HTTP/1.0 is asked again on the same connection',
    ok('hi').replace('1.1', '1.0'),
    false,
  ),
  kept(
    '1.0-keep-alive',
    'RFC 9112 §9.3',
    'a backend of HTTP/1.0 that stays is not used again',
    ok('hi', 'Connection: Keep-Alive\r\n').replace('1.1', '1.0'),
    true,
  ),
  kept(
    '1.0-close-wins',
    'RFC 9112 §9.3',
    'keep-alive of a backend beside close wins',
    ok('hi', 'Connection: keep-alive, close\r\n').replace('1.1', '1.0'),
    false,
  ),
];
