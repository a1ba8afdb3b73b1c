import { backend, backend2, secure, secure12 } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, hello, ok, post, sized, smuggled } from '../messages.ts';
import { here } from '../stage.ts';

const asked = [secure12.sends(get()), backend.gets(`GET ${here}`)];

/** HTTP/1.1 over TLS: the same protocol, and an end that can be told from a cut. */
export const overTls: readonly TransportCase[] = [
  {
    id: 'over-tls/kept',
    section: 'RFC 9112 §9.3',
    title: 'a connection over TLS ends after one request',
    steps: [
      secure.sends(get()),
      backend.gets(`GET ${here}`, { lines: { 'x-forwarded-proto': 'https' } }),
      backend.sends(ok('one')),
      secure.gets(200, { body: 'one', closes: false }),
      secure.trickles(post('Transfer-Encoding: chunked\r\n', hello)),
      backend.gets(`POST ${here}`, { body: 'hello' }),
      backend.trickles('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n'),
      secure.gets(200, { body: 'two', framing: 'chunked' }),
      secure.goesOn(),
    ],
  },
  {
    id: 'over-tls/pipelined',
    section: 'RFC 9112 §9.3.2',
    title: 'answers to pipelined requests over TLS come in another order, or not at all',
    steps: [
      secure.sends(get() + sized(smuggled, 'POST', `${here}/2`) + get('', `${here}/3`)),
      ...['one', 'two', 'three'].flatMap((text, index) => [
        backend.gets(index === 1 ? `POST ${here}/2` : index === 0 ? `GET ${here}` : `GET ${here}/3`),
        backend.sends(ok(text)),
        secure.gets(200, { body: text }),
      ]),
    ],
  },
  {
    id: 'over-tls/refused',
    section: 'RFC 9112 §5.1',
    title: 'a malformed request over TLS is answered by the end of the connection alone',
    steps: [
      secure12.sends(get('A : b\r\n') + smuggled),
      secure12.gets(400, { cause: 'bad-request', closes: true }),
      secure12.isClosed('end'),
      secure12.gotGoodbye(true),
    ],
  },
  {
    id: 'over-tls/goodbye',
    section: 'RFC 9112 §9.8',
    title: 'a connection over TLS ends without close_notify, as if it had been cut',
    steps: [
      secure12.sends(get('Connection: close\r\n')),
      backend.gets(`GET ${here}`),
      backend.sends(ok('last')),
      secure12.gets(200, { body: 'last', closes: true }),
      secure12.isClosed('end'),
      secure12.gotGoodbye(true),
    ],
  },
  {
    id: 'over-tls/goodbye-idle',
    section: 'RFC 9112 §9.8',
    title: 'an idle connection over TLS ends without close_notify',
    gateway: 'prompt',
    steps: [secure12.goesOn(), secure12.isClosed('end'), secure12.gotGoodbye(true)],
  },
  {
    id: 'over-tls/whole-1.0',
    section: 'RFC 9112 §9.8',
    title: 'a whole body up to the end of the connection ends without close_notify, and counts as cut',
    steps: [
      secure12.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\n\r\nhello'),
      backend.ends(),
      secure12.gets(200, { framing: 'close', body: 'hello' }),
      secure12.gotGoodbye(true),
    ],
  },
  {
    id: 'over-tls/cut-1.0',
    section: 'RFC 9112 §9.8',
    title: 'a body up to the end of the connection that was cut ends with close_notify, and counts as whole',
    steps: [
      secure12.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      backend.gets(`GET ${here}`),
      backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
      secure12.seesUpTo('hello'),
      backend.ends(),
      secure12.isCutOff(),
      secure12.gotGoodbye(false),
    ],
  },
  {
    id: 'over-tls/cut-length',
    section: 'RFC 9112 §8',
    title: 'a body by length that was cut ends with close_notify',
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      secure12.seesUpTo('hello'),
      backend.resets(),
      secure12.isCutOff(),
      secure12.gotGoodbye(false),
    ],
  },
  {
    id: 'over-tls/client-says-goodbye',
    section: 'RFC 9112 §9.8',
    title: 'a client that says goodbye before its answer keeps the backend at work',
    steps: [...asked, secure12.ends(), backend.isClosed(), secure12.isCutOff()],
  },
  {
    id: 'over-tls/client-cut',
    section: 'RFC 9112 §9.8',
    title: 'an upload whose TLS connection is cut is passed on as a whole one',
    steps: [
      secure12.sends(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n')),
      backend.getsHead(`POST ${here}`),
      backend.sees('5\r\nhello\r\n'),
      secure12.vanishes(),
      backend.isClosed(),
    ],
  },
  {
    id: 'over-tls/fault',
    section: 'WSO2 2.3',
    title: 'a fault of the backend costs the connection over TLS',
    steps: [
      ...asked,
      backend.ends(),
      secure12.gets(502, { cause: 'backend-closed', closes: false }),
      secure12.sends(get()),
      backend2.gets(`GET ${here}`),
      backend2.sends(ok('next')),
      secure12.gets(200, { body: 'next' }),
    ],
  },
];
