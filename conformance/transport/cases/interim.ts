import { backend, client, second } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok } from '../messages.ts';
import { here } from '../stage.ts';

const asked = [client.sends(get()), backend.gets(`GET ${here}`)];

/** 1xx answers of backends. */
export const interim: readonly TransportCase[] = [
  {
    id: 'interim/early-hints',
    section: 'RFC 9110 §15.2',
    title: 'an interim answer is held back until the final one, or its fields are lost',
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n'),
      client.gets(103, { lines: { link: ['</a>', '</b>'] }, reason: 'Early Hints' }),
      backend.sends(ok('done')),
      client.gets(200, { body: 'done', lines: { link: null } }),
    ],
  },
  {
    id: 'interim/many',
    section: 'RFC 9110 §15.2',
    title: 'of several interim answers some are lost, or one counts as final',
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 102 Processing\r\n\r\n'.repeat(3) + ok('done')),
      client.gets(102),
      client.gets(102),
      client.gets(102),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'interim/storm',
    section: 'RFC 9110 §15.2',
    title: 'thousands of interim answers in one write exhaust the stack or the memory',
    steps: [
      ...asked,
      backend.sends('HTTP/1.1 102 Processing\r\n\r\n'.repeat(5000) + ok('done')),
      client.getsPast(102, 200, { body: 'done' }),
      client.goesOn(),
    ],
  },
  {
    id: 'interim/unknown',
    section: 'RFC 9110 §15.2',
    title: 'an interim status that nobody has registered ends the exchange',
    steps: [
      ...asked,
      backend.sends(`HTTP/1.1 199 \r\n\r\n${ok('done')}`),
      client.gets(199),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'interim/with-length',
    section: 'RFC 9110 §8.6',
    title: 'a length or coding in an interim answer is waited for, or passed on',
    steps: [
      ...asked,
      backend.sends(`HTTP/1.1 102 Processing\r\nContent-Length: 1000\r\n\r\n${ok('done')}`),
      client.gets(102, { lines: { 'content-length': null } }),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'interim/hop-by-hop',
    section: 'RFC 9110 §7.6.1',
    title: 'fields of the connection to the backend pass in an interim answer',
    steps: [
      ...asked,
      backend.sends(
        `HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nLink: </a>\r\n\r\n${ok('done')}`,
      ),
      client.gets(103, { lines: { connection: null, 'x-hop': null, 'keep-alive': null, link: '</a>' } }),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'interim/1.0',
    section: 'RFC 9110 §15.2',
    title: 'a client of HTTP/1.0 gets an interim answer, which it takes for the final one',
    steps: [
      second.sends(`GET ${here} HTTP/1.0\r\n\r\n`),
      backend.gets(`GET ${here}`),
      backend.sends(`HTTP/1.1 103 Early Hints\r\n\r\n${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(3)}${ok('done')}`),
      second.gets(200, { body: 'done' }),
      second.isClosed('end'),
    ],
  },
  {
    id: 'interim/head-request',
    section: 'RFC 9110 §9.3.2',
    title: 'an interim answer counts as the answer to HEAD',
    steps: [
      client.sends(`HEAD ${here} HTTP/1.1\r\nHost: a\r\n\r\n`),
      backend.gets(`HEAD ${here}`),
      backend.sends('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'),
      client.gets(102, { to: 'HEAD' }),
      client.gets(200, { to: 'HEAD', lines: { 'content-length': '7' } }),
      client.goesOn(),
    ],
  },
  {
    id: 'interim/byte-by-byte',
    section: 'RFC 9110 §15.2',
    title: 'an interim answer in pieces is lost, or mixed with the next',
    steps: [
      ...asked,
      backend.trickles(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok('done')}`),
      client.gets(103),
      client.gets(102),
      client.gets(200, { body: 'done' }),
    ],
  },
  {
    id: 'interim/unasked-continue',
    section: 'RFC 9110 §15.2.1',
    title: 'a 100 that the client did not ask for ends the exchange',
    steps: [
      ...asked,
      backend.sends(`HTTP/1.1 100 Continue\r\n\r\n${ok('done')}`),
      client.gets(100),
      client.gets(200, { body: 'done' }),
      client.goesOn(),
    ],
  },
];
