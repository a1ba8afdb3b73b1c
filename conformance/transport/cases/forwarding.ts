import { backend, client, secure } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import type { Lines } from '../expectation.ts';
import { get, hello, ok, post, smuggled } from '../messages.ts';
import { here } from '../stage.ts';
import { backendAddress } from '../world.ts';

/** What becomes of header lines of a request. */
const request = (
  id: string,
  section: string,
  title: string,
  lines: string,
  seen: Lines,
  gateway?: TransportCase['gateway'],
): TransportCase => ({
  id: `forwarding/${id}`,
  section,
  title,
  ...(gateway ? { gateway } : {}),
  steps: [
    client.sends(get(lines)),
    backend.gets(`GET ${here}`, { lines: seen }),
    backend.sends(ok()),
    client.gets(200),
  ],
});

/** What becomes of header lines of an answer. */
const answer = (id: string, section: string, title: string, lines: string, seen: Lines): TransportCase => ({
  id: `forwarding/answer-${id}`,
  section,
  title,
  steps: [
    client.sends(get()),
    backend.gets(`GET ${here}`),
    backend.sends(ok('hi', lines)),
    client.gets(200, { body: 'hi', lines: seen }),
  ],
});

/** `Max-Forwards`, which counts down for TRACE and OPTIONS. */
const forwards = (id: string, title: string, method: string, sent: string, seen: string): TransportCase => ({
  id: `forwarding/max-forwards-${id}`,
  section: 'RFC 9110 §7.6.2',
  title,
  steps: [
    client.sends(`${method} ${here} HTTP/1.1\r\nHost: a\r\nMax-Forwards: ${sent}\r\n\r\n`),
    backend.gets(`${method} ${here}`, { lines: { 'max-forwards': seen } }),
    backend.sends(ok()),
    client.gets(200),
  ],
});

/** What a gateway passes on, what it keeps back, and what it writes itself. */
export const forwarding: readonly TransportCase[] = [
  // One connection's own fields
  request(
    'connection-option',
    'RFC 9110 §7.6.1',
    'a field that Connection names reaches the backend',
    'Connection: keep-alive, X-Hop, x-other\r\nX-Hop: 1\r\nX-OTHER: 2\r\nX-Stay: 3\r\n',
    { connection: null, 'x-hop': null, 'x-other': null, 'x-stay': '3' },
  ),
  request(
    'connection-option-before',
    'RFC 9110 §7.6.1',
    'a field that stands before the Connection that names it is kept',
    'X-Hop: 1\r\nConnection: x-hop\r\n',
    { 'x-hop': null },
  ),
  request('keep-alive', 'RFC 9110 §7.6.1', 'Keep-Alive reaches the backend', 'Keep-Alive: timeout=5\r\n', {
    'keep-alive': null,
  }),
  request(
    'proxy-connection',
    'RFC 9110 §7.6.1',
    'Proxy-Connection reaches the backend',
    'Proxy-Connection: keep-alive\r\n',
    { 'proxy-connection': null },
  ),
  request(
    'te',
    'RFC 9110 §10.1.4',
    'TE reaches the backend, which answers in a coding that the client does not know',
    'TE: deflate\r\nConnection: TE\r\n',
    { te: null, connection: null },
  ),
  request(
    'upgrade',
    'RFC 9110 §7.8',
    'an upgrade that the gateway does not make reaches the backend',
    'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n',
    { upgrade: null, connection: null, 'http2-settings': null },
  ),
  request(
    'proxy-authorization',
    'RFC 9110 §11.7.2',
    'credentials for a proxy reach the backend',
    'Proxy-Authorization: Basic YTpi\r\n',
    { 'proxy-authorization': null },
  ),
  {
    id: 'forwarding/connection-names-length',
    section: 'RFC 9110 §7.6.1',
    title: 'Connection takes the length away, and the body is read as a request',
    steps: [
      client.sends(post(`Connection: Content-Length, Host\r\nContent-Length: ${smuggled.length}\r\n`, smuggled)),
      backend.gets(`POST ${here}`, { framing: 'length', body: smuggled }),
      backend.sends(ok()),
      client.gets(200),
    ],
  },
  {
    id: 'forwarding/connection-names-coding',
    section: 'RFC 9110 §7.6.1',
    title: 'Connection takes the coding away, and the chunks are read as a request',
    steps: [
      client.sends(post('Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n', hello)),
      backend.gets(`POST ${here}`, { framing: 'chunked', body: 'hello' }),
      backend.sends(ok()),
      client.gets(200),
    ],
  },
  request(
    'connection-names-forwarded',
    'RFC 9110 §7.6.1',
    'Connection takes away what the gateway says of the client',
    'Connection: X-Forwarded-For, X-Forwarded-Proto\r\n',
    { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
  ),
  answer(
    'connection-option',
    'RFC 9110 §7.6.1',
    'a field that Connection of an answer names reaches the client',
    'Connection: X-Hop\r\nX-Hop: 1\r\nX-Stay: 2\r\n',
    { connection: null, 'x-hop': null, 'x-stay': '2' },
  ),
  answer(
    'connection-names-length',
    'RFC 9110 §7.6.1',
    'Connection of an answer takes its length away',
    'Connection: Content-Length, Date\r\nDate: now\r\n',
    { 'content-length': '2', date: 'now' },
  ),
  answer(
    'keep-alive',
    'RFC 9110 §7.6.1',
    'Keep-Alive of the backend reaches the client',
    'Keep-Alive: timeout=60\r\n',
    { 'keep-alive': null },
  ),
  answer(
    'upgrade',
    'RFC 9110 §7.8',
    'an upgrade that the gateway does not make is offered to the client',
    'Upgrade: h2c\r\nConnection: Upgrade\r\n',
    { upgrade: null, connection: null },
  ),
  answer(
    'proxy-authenticate',
    'RFC 9110 §11.7.1',
    'a challenge for a proxy reaches the client',
    'Proxy-Authenticate: Basic realm="a"\r\n',
    { 'proxy-authenticate': null },
  ),
  // End to end
  request(
    'end-to-end',
    'RFC 9110 §7.7',
    'fields of the message change on their way',
    'Accept: a/b;q=0.5\r\nAuthorization: Bearer x\r\nCookie: a=b\r\nCookie: c=d\r\nRange: bytes=0-1\r\n',
    { accept: 'a/b;q=0.5', authorization: 'Bearer x', cookie: ['a=b', 'c=d'], range: 'bytes=0-1' },
  ),
  request(
    'accept-encoding',
    'RFC 9110 §7.7',
    'codings that the gateway knows nothing of are kept back',
    'Accept-Encoding: br, zstd\r\n',
    { 'accept-encoding': 'br, zstd' },
  ),
  answer(
    'end-to-end',
    'RFC 9110 §7.7',
    'fields of the answer change on their way',
    'Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Encoding: br\r\nETag: W/"a"\r\nVary: *\r\nServer: x/1\r\n',
    { 'set-cookie': ['a=b', 'c=d'], 'content-encoding': 'br', etag: 'W/"a"', vary: '*' },
  ),
  {
    id: 'forwarding/not-modified',
    section: 'WSO2 2.2',
    title: 'an answer whose ETag fits If-None-Match is turned into 304, as WSO2 turns it',
    steps: [
      client.sends(get('If-None-Match: "a"\r\n')),
      backend.gets(`GET ${here}`, { lines: { 'if-none-match': '"a"' } }),
      backend.sends(ok('hi', 'ETag: "a"\r\n')),
      client.gets(200, { body: 'hi' }),
    ],
  },
  // Where it goes, and from whom it comes
  request('host', 'RFC 9110 §7.2', 'the backend is asked for the host of the gateway', '', {
    host: backendAddress,
    'x-forwarded-host': 'a.example',
  }),
  request(
    'host-preserved',
    'WSO2 1.2 http.headers.preserve',
    'the host is rewritten though it is preserved',
    '',
    { host: 'a.example' },
    'telling',
  ),
  request(
    'forwarded-for',
    'WSO2 1.2',
    'the addresses before the client are lost',
    'X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n',
    { 'x-forwarded-for': '10.0.0.1, 10.0.0.2, 127.0.0.1' },
  ),
  request(
    'forwarded-for-lines',
    'RFC 9110 §5.3',
    'of addresses in two lines some are lost',
    'X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n',
    { 'x-forwarded-for': '10.0.0.1, 10.0.0.2, 127.0.0.1' },
  ),
  request(
    'forwarded-proto',
    'WSO2 1.2',
    'a client says that it came by TLS, and is believed',
    'X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n',
    { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'a.example' },
  ),
  {
    id: 'forwarding/forwarded-proto-tls',
    section: 'WSO2 1.2',
    title: 'the backend is not told that the client came by TLS',
    steps: [
      secure.sends(get()),
      backend.gets(`GET ${here}`, { lines: { 'x-forwarded-proto': 'https' } }),
      backend.sends(ok('hi')),
      secure.gets(200, { body: 'hi' }),
      secure.goesOn(),
    ],
  },
  request(
    'user-agent',
    'WSO2 1.2 http.user.agent.preserve',
    'the agent of the client is passed on though it is not preserved',
    'User-Agent: curl/8\r\n',
    { 'user-agent': 'Sluice' },
  ),
  request(
    'user-agent-preserved',
    'WSO2 1.2 http.user.agent.preserve',
    'the agent of the client is replaced though it is preserved',
    'User-Agent: curl/8\r\n',
    { 'user-agent': 'curl/8' },
    'telling',
  ),
  request(
    'headers-preserved',
    'WSO2 1.2 http.headers.preserve',
    'a header that is preserved is written anew',
    'X-Forwarded-For: 10.0.0.1\r\n',
    { 'x-forwarded-for': '10.0.0.1' },
    'telling',
  ),
  request(
    'via',
    'RFC 9110 §7.6.3',
    'the backend is not told of the gateway, so that loops are not seen',
    'Via: 1.0 fred\r\n',
    { via: ['1.0 fred', '1.1 gateway.example'] },
    'telling',
  ),
  {
    id: 'forwarding/via-1.0',
    section: 'RFC 9110 §7.6.3',
    title: 'Via tells another version than the one in which the request came',
    gateway: 'telling',
    steps: [
      client.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      backend.gets(`GET ${here}`, { lines: { via: '1.0 gateway.example' } }),
      backend.sends(ok()),
      client.gets(200),
    ],
  },
  request(
    'forwarded',
    'RFC 7239 §4',
    'Forwarded is replaced, or not written',
    'Forwarded: for=10.0.0.1\r\n',
    { forwarded: ['for=10.0.0.1', 'for=127.0.0.1;host="a.example";proto=http'] },
    'telling',
  ),
  ...[
    ['replaced', 'the server behind the gateway shows its name', 'wso2', 'WSO2-PassThrough-HTTP'],
    ['preserved', 'the name of the server is replaced though it is preserved', 'telling', 'x/1'],
  ].map(
    ([name, title, gateway, server]): TransportCase => ({
      id: `forwarding/server-${name}`,
      section: 'WSO2 1.2 http.server.preserve',
      title: title as string,
      gateway: gateway as 'wso2' | 'telling',
      steps: [
        client.sends(get()),
        backend.gets(`GET ${here}`),
        backend.sends(ok('hi', 'Server: x/1\r\n')),
        client.gets(200, { lines: { server: server as string } }),
      ],
    }),
  ),
  // Dates
  answer('no-date', 'RFC 9110 §6.6.1', 'an answer without a date is passed on without one', '', {
    'content-length': '2',
  }),
  answer(
    'date',
    'RFC 9110 §6.6.1',
    'the date of the backend is replaced, or doubled',
    'Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n',
    { date: 'Sat, 01 Jan 2000 00:00:00 GMT' },
  ),
  // Nobody's path
  {
    id: 'forwarding/asterisk',
    section: 'RFC 9110 §9.3.7',
    title: 'OPTIONS for the gateway itself reaches a backend, or costs the connection',
    steps: [
      client.sends('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'),
      client.gets(404, { cause: 'no-api', closes: false }),
      client.goesOn(),
    ],
  },
  // Methods that say how far they go
  forwards('trace', 'TRACE goes round in circles', 'TRACE', '2', '1'),
  forwards('options', 'OPTIONS goes round in circles', 'OPTIONS', '10', '9'),
  forwards('get', 'Max-Forwards of other methods is changed', 'GET', '2', '2'),
  {
    id: 'forwarding/max-forwards-over',
    section: 'RFC 9110 §7.6.2',
    title: 'OPTIONS that may go no further reaches the backend',
    steps: [
      client.sends(`OPTIONS ${here} HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n`),
      client.gets(200),
      client.goesOn(),
    ],
  },
  // Bodies
  {
    id: 'forwarding/length-kept',
    section: 'RFC 9110 §8.6',
    title: 'a body whose length is known is sent in chunks',
    steps: [
      client.sends(post('Content-Length: 5\r\n', 'hello')),
      backend.gets(`POST ${here}`, { framing: 'length', body: 'hello' }),
      backend.sends(ok('hi')),
      client.gets(200, { framing: 'length' }),
    ],
  },
  {
    id: 'forwarding/bytes',
    section: 'WSO2 1 (pass-through)',
    title: 'bytes of a body are decoded on their way',
    steps: [
      client.sends(post('Content-Length: 256\r\nContent-Type: application/json; charset=utf-8\r\n', everyByte())),
      backend.gets(`POST ${here}`, { body: everyByte(), lines: { 'content-type': 'application/json; charset=utf-8' } }),
      backend.sends(ok(everyByte(), 'Content-Type: text/xml; charset=ascii\r\n')),
      client.gets(200, { body: everyByte(), lines: { 'content-type': 'text/xml; charset=ascii' } }),
    ],
  },
];

function everyByte(): string {
  return Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
}
