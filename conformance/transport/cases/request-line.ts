import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok } from '../messages.ts';
import { refused, wrongVersion } from '../refusal.ts';
import { here } from '../stage.ts';

const line = (requestLine: string) => `${requestLine}\r\nHost: a.example\r\n\r\n`;

/** A request line that is taken, and the one that the backend gets. */
const taken = (id: string, section: string, title: string, sent: string, got: string): TransportCase => ({
  id: `request-line/${id}`,
  section,
  title,
  steps: [client.sends(line(sent)), backend.gets(got), backend.sends(ok('hi')), client.gets(200, { body: 'hi' })],
});

const bad = (id: string, section: string, title: string, bytes: string, expected?: Parameters<typeof refused>[4]) =>
  refused(`request-line/${id}`, section, title, bytes, expected);

/** Method, target and version of a request. */
export const requestLine: readonly TransportCase[] = [
  // The line
  bad('no-method', 'RFC 9112 §3', 'a line without a method is read as one with a default', line(`${here} HTTP/1.1`)),
  bad('no-target', 'RFC 9112 §3', 'an empty target is read as /', line('GET  HTTP/1.1')),
  bad(
    'two-blanks-before-target',
    'RFC 9112 §3',
    'two blanks shift the parts of the line',
    line(`GET  ${here} HTTP/1.1`),
  ),
  bad('two-blanks-before-version', 'RFC 9112 §3', 'two blanks hide a part of the line', line(`GET ${here}  HTTP/1.1`)),
  bad(
    'blank-in-target',
    'RFC 9112 §3.2',
    'a blank in the target makes two targets of it',
    line(`GET ${here} x HTTP/1.1`),
  ),
  bad('blank-after-version', 'RFC 9112 §3', 'blanks at the end of the line are cut off', line(`GET ${here} HTTP/1.1 `)),
  bad('blank-before-method', 'RFC 9112 §3', 'blanks before the method are cut off', line(` GET ${here} HTTP/1.1`)),
  bad('tab', 'RFC 9112 §3', 'a tab is taken for a blank', line(`GET\t${here} HTTP/1.1`)),
  bad('form-feed', 'RFC 9112 §3', 'other white space is taken for a blank', line(`GET ${here}\x0cHTTP/1.1`)),
  bad('bare-cr', 'RFC 9112 §2.2', 'a bare CR ends the line or is cut off', line(`GET ${here}\r HTTP/1.1`)),
  bad('bare-lf', 'RFC 9112 §2.2', 'a bare LF ends the line', `GET ${here} HTTP/1.1\nHost: a.example\r\n\r\n`),
  bad('two-empty-lines', 'RFC 9112 §2.2', 'any number of empty lines is skipped', `\r\n\r\n${get()}`),
  bad('bare-lf-before', 'RFC 9112 §2.2', 'a bare LF before the request is skipped', `\n${get()}`),
  bad(
    'tls-handshake',
    'RFC 9112 §3',
    'a TLS handshake on the plain port hangs',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  ),
  {
    id: 'request-line/one-empty-line',
    section: 'RFC 9112 §2.2',
    title: 'an empty line that an old client sends after its body breaks the next request',
    steps: [
      client.sends(`\r\n${get()}`),
      backend.gets(`GET ${here}`),
      backend.sends(ok()),
      client.gets(200),
      client.sends(`\r\n${get()}`),
      backend.gets(`GET ${here}`),
      backend.sends(ok()),
      client.gets(200),
    ],
  },
  // The method
  bad('method-no-token', 'RFC 9110 §9.1', 'a method that is no token is passed on', line(`G(T ${here} HTTP/1.1`)),
  bad('method-nul', 'RFC 9110 §9.1', 'a NUL ends the method for one reader alone', line(`GE\0T ${here} HTTP/1.1`)),
  bad(
    'method-obs-text',
    'RFC 9110 §9.1',
    'letters beyond ASCII are passed on in a method',
    line(`G\xc9T ${here} HTTP/1.1`),
  ),
  bad(
    'connect',
    'RFC 9110 §9.3.6',
    'a gateway becomes a tunnel to anywhere',
    'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n',
    {
      status: 501,
      cause: 'method-not-implemented',
    },
  ),
  taken(
    'method-unknown',
    'RFC 9110 §9.1',
    'a method that only the API knows is refused',
    `FROB ${here} HTTP/1.1`,
    `FROB ${here}`,
  ),
  {
    id: 'request-line/method-case',
    section: 'RFC 9110 §9.1',
    title: 'a method in lower case counts as the one in capitals',
    steps: [
      client.sends(line(`delete ${here} HTTP/1.1`)),
      client.gets(405, { cause: 'method-not-allowed', closes: false }),
      client.goesOn(),
    ],
  },
  // The target
  bad('asterisk-for-get', 'RFC 9112 §3.2.4', '* is taken for a path', line('GET * HTTP/1.1')),
  bad(
    'asterisk-with-path',
    'RFC 9112 §3.2.4',
    '* with a path behind it is taken for a path',
    line(`OPTIONS *${here} HTTP/1.1`),
  ),
  bad('authority-form', 'RFC 9112 §3.2.3', 'an authority is taken for a path', line('GET a.example:80 HTTP/1.1')),
  bad('relative', 'RFC 9112 §3.2.1', 'a target without a slash is completed', line(`GET ${here.slice(1)} HTTP/1.1`)),
  bad('fragment', 'RFC 9112 §3.2', 'a fragment reaches the backend', line(`GET ${here}#x HTTP/1.1`)),
  bad(
    'target-obs-text',
    'RFC 9112 §3.2',
    'a target beyond ASCII is decoded in two ways',
    line(`GET ${here}/\xe9 HTTP/1.1`),
  ),
  bad('target-del', 'RFC 9112 §3.2', 'a DEL is passed on in a target', line(`GET ${here}/\x7f HTTP/1.1`)),
  bad('target-nul', 'RFC 9112 §3.2', 'a NUL ends the target for one reader alone', line(`GET ${here}/\0 HTTP/1.1`)),
  bad(
    'absolute-other-scheme',
    'RFC 9112 §3.2.2',
    'a URL of another scheme is taken',
    line(`GET ftp://a.example${here} HTTP/1.1`),
  ),
  bad(
    'absolute-no-authority',
    'RFC 9110 §4.2.1',
    'an http URL without a host is taken',
    line(`GET http://${here} HTTP/1.1`),
  ),
  taken(
    'absolute',
    'RFC 9112 §3.2.2',
    'absolute-form is refused, or passed on as it is',
    `GET http://a.example${here}?b HTTP/1.1`,
    `GET ${here}?b`,
  ),
  taken(
    'absolute-scheme-case',
    'RFC 9110 §4.2.3',
    'a scheme in capitals is not known',
    `GET HTTP://A.example${here} HTTP/1.1`,
    `GET ${here}`,
  ),
  taken(
    'odd-path',
    'RFC 9110 §7.7',
    'path and query are normalized on their way',
    `GET ${here}//b%20c;d|"<>?e=f?g&%zz HTTP/1.1`,
    `GET ${here}//b%20c;d|"<>?e=f?g&%zz`,
  ),
  taken('empty-query', 'RFC 9110 §7.7', 'an empty query is lost', `GET ${here}? HTTP/1.1`, `GET ${here}?`),
  // The version
  bad('version-0.9', 'RFC 9112 §2.3', 'HTTP/0.9 is answered', `GET ${here}\r\n\r\n`),
  bad(
    'version-1.2',
    'RFC 9110 §2.5',
    'a version that nobody has defined is taken for one that is',
    line(`GET ${here} HTTP/1.2`),
    wrongVersion,
  ),
  bad('version-1.11', 'RFC 9112 §2.3', 'the version is read by its beginning alone', line(`GET ${here} HTTP/1.11`)),
  bad(
    'version-2',
    'RFC 9110 §15.6.6',
    'HTTP/2.0 in text is answered as if it were 1.1',
    line(`GET ${here} HTTP/2.0`),
    wrongVersion,
  ),
  bad(
    'version-h2-preface',
    'RFC 9113 §3.4',
    'the preface of HTTP/2 is read as a request',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    wrongVersion,
  ),
  bad('version-case', 'RFC 9112 §2.3', 'http/1.1 is taken', line(`GET ${here} http/1.1`)),
  bad('version-protocol', 'RFC 9112 §2.3', 'another protocol is taken', line(`GET ${here} ICY/1.1`)),
  bad('version-comma', 'RFC 9112 §2.3', 'any byte between the digits is taken', line(`GET ${here} HTTP/1,1`)),
  bad('version-missing', 'RFC 9112 §3', 'a line without a version is completed', line(`GET ${here} `)),
];
