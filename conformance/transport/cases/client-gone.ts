import { backend, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { chunked, get, ok, post } from '../messages.ts';
import { here } from '../stage.ts';
import type { Step } from '../step.ts';

/** A client that goes away by FIN or RST after these steps: its call ends, and the backend's connection with it. */
const gone = (id: string, title: string, ...before: readonly Step[]): TransportCase[] =>
  (['ends', 'resets'] as const).map((how) => ({
    id: `client-gone/${id}-${how === 'ends' ? 'fin' : 'rst'}`,
    section: 'RFC 9112 §9.5',
    title,
    steps: [
      ...before,
      client[how](),
      backend.isClosed(),
      ...(how === 'ends' ? [client.isCutOff()] : []),
      // Nothing of it comes back to another client.
      second.goesOn(),
    ],
  }));

/** A client that closes its sending side in the middle of a message: nothing is answered. */
const halfway = (id: string, title: string, bytes: string, ...rest: Step[]): TransportCase => ({
  id: `client-gone/${id}`,
  section: 'RFC 9112 §8',
  title,
  steps: [client.sends(bytes), ...rest, client.ends(), client.isClosed()],
});

const asked = [client.sends(get()), backend.gets(`GET ${here}`)];

/** Clients that go away. */
export const clientsGone: readonly TransportCase[] = [
  ...gone('before-answer', 'a backend works on for a client that is gone', ...asked),
  ...gone(
    'upload',
    'half an upload waits for its other half for ever',
    client.sends(post('Content-Length: 10\r\n', 'hello')),
    backend.getsHead(`POST ${here}`),
    backend.sees('hello'),
  ),
  ...gone(
    'chunked-upload',
    'half an upload in chunks is ended as if it were whole',
    client.sends(chunked('5\r\nhello\r\n')),
    backend.getsHead(`POST ${here}`),
    backend.sees('5\r\nhello\r\n'),
  ),
  ...gone(
    'answer-head',
    'an answer whose client is gone is read to its end',
    ...asked,
    backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'),
    client.getsHead(200),
  ),
  ...gone(
    'answer-body',
    'half an answer whose client is gone is kept for another',
    ...asked,
    backend.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
    client.seesUpTo('hello'),
  ),
  ...gone(
    'answer-chunks',
    'chunks whose client is gone are kept for another',
    ...asked,
    backend.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
    client.seesUpTo('hello\r\n'),
  ),
  ...gone(
    'interim',
    'a backend works on after an interim answer to a client that is gone',
    ...asked,
    backend.sends('HTTP/1.1 102 Processing\r\n\r\n'),
    client.gets(102),
  ),
  halfway('in-method', 'half a head is answered', 'GE'),
  halfway('in-head', 'a head without its end is answered', `GET ${here} HTTP/1.1\r\nHost: a\r\n`),
  halfway('empty-line', 'an empty line alone is answered', '\r\n'),
  halfway('nothing', 'a connection without a byte is answered', ''),
  {
    id: 'client-gone/pipelined',
    section: 'RFC 9112 §9.3.2',
    title: 'requests of a client that is gone are sent on',
    steps: [
      client.sends(get() + get('', `${here}/2`)),
      backend.gets(`GET ${here}`),
      client.resets(),
      backend.isClosed(),
    ],
  },
  {
    id: 'client-gone/between',
    section: 'RFC 9112 §9.5',
    title: 'a client that closes between two requests leaves its connection open',
    steps: [
      ...asked,
      backend.sends(ok('hi')),
      client.gets(200),
      client.ends(),
      client.isClosed('end'),
      // The backend's connection is as good as before.
      second.sends(get()),
      backend.gets(`GET ${here}`),
      backend.sends(ok('hi')),
      second.gets(200),
    ],
  },
  {
    id: 'client-gone/waiting',
    section: 'WSO2 1.5',
    title: 'a client that is gone while its call waits for a connection takes one all the same',
    gateway: 'narrow',
    steps: [
      ...asked,
      second.sends(get('', `${here}/2`)),
      second.waits(),
      second.resets(),
      backend.sends(ok('hi')),
      client.gets(200, { body: 'hi' }),
      client.sends(get('', `${here}/3`)),
      backend.gets(`GET ${here}/3`),
      backend.sends(ok('hi')),
      client.gets(200),
    ],
  },
];
