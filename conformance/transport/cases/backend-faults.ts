import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

const asked = [client.sends(get()), backend.gets(`GET ${here}`)];

/** A backend that goes away after these steps by FIN or RST: the base code tells how, and the phase is added to it. */
const dies = (id: string, title: string, phase: number, ...before: readonly Step[]): TransportCase[] =>
  (['ends', 'resets'] as const).map((how) => ({
    id: `backend-faults/${id}-${how === 'ends' ? 'fin' : 'rst'}`,
    section: 'WSO2 2.3, 2.4',
    title,
    steps: [
      ...before,
      backend[how](),
      client.gets(502, {
        // What breaks while the request is on its way has a name of its own.
        cause: how === 'ends' ? 'backend-closed' : phase === 2 ? 'backend-write-failed' : 'backend-reset',
        code: String((how === 'ends' ? 101505 : 101500) + phase),
      }),
      ...(how === 'ends' ? [backend.isCutOff()] : []),
    ],
  }));

/** A backend that goes away in the body of its answer. */
const cut = (id: string, title: string, lines: string, body: string): TransportCase[] =>
  (['ends', 'resets'] as const)
    .filter((how) => how === 'resets' || lines !== '')
    .map((how) => ({
      id: `backend-faults/${id}-${how === 'ends' ? 'fin' : 'rst'}`,
      section: 'RFC 9112 §8',
      title,
      steps: [
        ...asked,
        backend.sends(`HTTP/1.1 200 OK\r\n${lines}\r\n${body}`),
        client.seesUpTo('hello'),
        backend[how](),
        client.isCutOff(),
      ],
    }));

/** No connection: the client gets a fault of the catalogue, and its own connection goes on. */
const unreachable = (
  id: string,
  title: string,
  backendKind: 'refusing' | 'unknown',
  cause: string,
  gateway?: 'wso2',
): TransportCase => ({
  id: `backend-faults/${id}`,
  section: 'WSO2 2.3, 2.6',
  title,
  backend: backendKind,
  ...(gateway ? { gateway } : {}),
  steps: [
    client.sends(get()),
    client.gets(gateway ? 500 : 502, { cause, code: '101503', closes: false }),
    client.sends(post('Content-Length: 5\r\n', 'hello')),
    client.gets(gateway ? 500 : 502, { cause, code: '101503', closes: false }),
    client.goesOn(),
  ],
});

/** Backends that cannot be reached, or go away. */
export const backendFaults: readonly TransportCase[] = [
  unreachable(
    'refused',
    'a backend that refuses is told as something else, or costs the connection',
    'refusing',
    'backend-connection-refused',
  ),
  unreachable(
    'unknown-name',
    'a name without an address is told as something else',
    'unknown',
    'backend-name-unresolved',
  ),
  unreachable(
    'refused-wso2',
    'the status of WSO2 is not given where it is asked for',
    'refusing',
    'backend-connection-refused',
    'wso2',
  ),
  {
    id: 'backend-faults/refused-xml',
    section: 'WSO2 2.6',
    title: 'a client that reads XML gets JSON',
    backend: 'refusing',
    steps: [
      client.sends(get('Accept: application/xml\r\n')),
      client.gets(502, {
        cause: 'backend-connection-refused',
        lines: { 'content-type': 'application/xml; charset=UTF-8' },
        body: '<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>101503</am:code><am:type>Status report</am:type><am:message>Runtime Error</am:message><am:description>Error connecting to the back end</am:description></am:fault>',
      }),
    ],
  },
  {
    id: 'backend-faults/refused-head',
    section: 'RFC 9110 §9.3.2',
    title: 'a fault that answers HEAD has a body',
    backend: 'refusing',
    steps: [
      client.sends(`HEAD ${here} HTTP/1.1\r\nHost: a\r\n\r\n`),
      client.gets(502, { to: 'HEAD', cause: 'backend-connection-refused' }),
      client.goesOn(),
    ],
  },
  {
    id: 'backend-faults/refused-1.0',
    section: 'RFC 9112 §9.3',
    title: 'a fault that answers HTTP/1.0 keeps the client waiting',
    backend: 'refusing',
    steps: [
      client.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      client.gets(502, { cause: 'backend-connection-refused', closes: true }),
      client.isClosed('end'),
    ],
  },
  {
    id: 'backend-faults/not-tls',
    section: 'WSO2 2.3',
    title: 'a backend that does not speak TLS is told as one that closed',
    backend: 'scripted-tls',
    steps: [
      client.sends(get()),
      backend.takes(1),
      backend.sends('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
      client.gets(502, { cause: 'backend-tls-failed' }),
      backend.isCutOff(),
      client.goesOn(),
    ],
  },
  ...dies(
    'at-once',
    'a connection that ends before the request was read is told as something else',
    3,
    client.sends(get()),
    backend.seesUpTo('\r\n\r\n'),
  ),
  ...dies(
    'after-post',
    'a request that may have been done is sent again',
    3,
    client.sends(post('Content-Length: 5\r\n', 'hello')),
    backend.gets(`POST ${here}`),
  ),
  ...dies(
    'in-upload',
    'the rest of an upload is sent to a connection that is gone',
    2,
    client.sends(post('Content-Length: 10\r\n', 'hello')),
    backend.getsHead(`POST ${here}`),
    backend.sees('hello'),
  ),
  ...dies('in-status-line', 'half a status line is passed on', 3, ...asked, backend.sends('HTTP/1.1 20')),
  ...dies(
    'in-head',
    'half a head is passed on',
    3,
    ...asked,
    backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'),
  ),
  ...dies(
    'after-interim',
    'an interim answer counts as the answer',
    3,
    ...asked,
    backend.sends('HTTP/1.1 103 Early Hints\r\n\r\n'),
    client.gets(103),
  ),
  ...cut('body-length', 'a body by length whose backend is gone looks whole', 'Content-Length: 10\r\n', 'hello'),
  ...cut('body-chunks', 'chunks whose backend is gone look whole', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'),
  ...cut('body-close', 'a body up to the end of the connection looks whole after a RST', '', 'hello'),
  {
    id: 'backend-faults/answer-then-rst',
    section: 'RFC 9112 §9.6',
    title: 'a RST after a whole answer takes the answer away',
    steps: [
      ...asked,
      backend.sends(ok('whole')),
      client.gets(200, { body: 'whole' }),
      backend.resets(),
      client.goesOn(),
    ],
  },
  {
    id: 'backend-faults/half-close',
    section: 'RFC 9112 §9.6',
    title: 'a FIN of the backend behind its answer counts as a cut',
    steps: [
      ...asked,
      backend.sends(ok('whole')),
      backend.ends(),
      client.gets(200, { body: 'whole' }),
      backend.isClosed(),
      client.goesOn(),
    ],
  },
];
