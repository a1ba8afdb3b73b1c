import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { ok } from '../messages.ts';
import { refused } from '../refusal.ts';
import { here } from '../stage.ts';

const get = (lines: string, target = here, version = '1.1') => `GET ${target} HTTP/${version}\r\n${lines}\r\n`;

const bad = (id: string, section: string, title: string, bytes: string) => refused(`host/${id}`, section, title, bytes);

/** A request that is taken; the backend is told this host, or none. */
const taken = (id: string, section: string, title: string, bytes: string, forwarded: string | null): TransportCase => ({
  id: `host/${id}`,
  section,
  title,
  steps: [
    client.sends(bytes),
    backend.gets(`GET ${here}`, { lines: { 'x-forwarded-host': forwarded } }),
    backend.sends(ok()),
    client.gets(200),
  ],
});

/** Host, and the authority of an absolute target. */
export const host: readonly TransportCase[] = [
  bad('missing', 'RFC 9112 §3.2', 'a request of HTTP/1.1 without Host is taken', get('A: b\r\n')),
  bad('no-lines', 'RFC 9112 §3.2', 'a request without any line is taken', get('')),
  bad(
    'twice',
    'RFC 9112 §3.2',
    'of two hosts each reader takes another',
    get('Host: a.example\r\nHost: b.example\r\n'),
  ),
  bad('twice-equal', 'RFC 9112 §3.2', 'two lines that agree are taken', get('Host: a.example\r\nHost: a.example\r\n')),
  bad(
    'twice-1.0',
    'RFC 9112 §3.2',
    'two hosts in HTTP/1.0 are taken',
    get('Host: a.example\r\nHost: b.example\r\n', here, '1.0'),
  ),
  bad('blank-before-colon', 'RFC 9112 §5.1', 'a blank before its colon hides Host', get('Host : a.example\r\n')),
  bad('blank', 'RFC 9110 §7.2', 'a host with a blank is cut there', get('Host: a.example b.example\r\n')),
  bad('list', 'RFC 9110 §7.2', 'a list of hosts is taken', get('Host: a.example, b.example\r\n')),
  bad('path', 'RFC 9110 §7.2', 'a path in Host reaches what is built from it', get('Host: a.example/b\r\n')),
  bad('user', 'RFC 9110 §7.2', 'user information hides the real host', get('Host: a@b.example\r\n')),
  bad('query', 'RFC 9110 §7.2', 'a query in Host reaches what is built from it', get('Host: a.example?b\r\n')),
  bad('fragment', 'RFC 9110 §7.2', 'a fragment in Host reaches what is built from it', get('Host: a.example#b\r\n')),
  bad('obs-text', 'RFC 9110 §7.2', 'a host beyond ASCII is decoded in two ways', get('Host: \xe9.example\r\n')),
  bad('two-ports', 'RFC 9110 §7.2', 'of two ports each reader takes another', get('Host: a.example:80:1\r\n')),
  bad('port-letters', 'RFC 9110 §7.2', 'a port that is no number is taken', get('Host: a.example:http\r\n')),
  bad('open-bracket', 'RFC 9110 §7.2', 'an address whose bracket is open is taken', get('Host: [::1\r\n')),
  bad('behind-bracket', 'RFC 9110 §7.2', 'text behind the bracket of an address is taken', get('Host: [::1]x:80\r\n')),
  bad(
    'absolute-other',
    'RFC 9112 §3.2.2',
    'Host and target name two hosts, and each reader takes another',
    get('Host: a.example\r\n', `http://b.example${here}`),
  ),
  bad(
    'absolute-other-port',
    'RFC 9112 §3.2.2',
    'Host and target name two ports',
    get('Host: a.example\r\n', `http://a.example:81${here}`),
  ),
  bad(
    'absolute-user',
    'RFC 9110 §4.2.4',
    'user information in the target is passed on',
    get('Host: a.example\r\n', `http://u@a.example${here}`),
  ),
  bad(
    'absolute-user-both',
    'RFC 9110 §4.2.4',
    'user information is taken where Host has it too',
    get('Host: u@a.example\r\n', `http://u@a.example${here}`),
  ),
  bad(
    'absolute-missing',
    'RFC 9112 §3.2',
    'absolute-form of HTTP/1.1 without Host is taken',
    get('A: b\r\n', `http://a.example${here}`),
  ),
  taken('name', 'RFC 9110 §7.2', 'the host is changed on its way', get('Host: A.example\r\n'), 'A.example'),
  taken('port', 'RFC 9110 §7.2', 'the port of the host is lost', get('Host: a.example:8280\r\n'), 'a.example:8280'),
  taken(
    'empty-port',
    'RFC 9110 §4.2.1',
    'a host with an empty port, which the grammar allows, is refused',
    get('Host: a.example:\r\n'),
    'a.example:',
  ),
  taken('ipv4', 'RFC 9110 §7.2', 'an address is refused', get('Host: 127.0.0.1:80\r\n'), '127.0.0.1:80'),
  taken('ipv6', 'RFC 9110 §7.2', 'an address in brackets is refused', get('Host: [::1]:8280\r\n'), '[::1]:8280'),
  taken(
    'empty',
    'RFC 9112 §3.2',
    'an empty Host, which says that there is no authority, is refused or passed on',
    get('Host:\r\n'),
    null,
  ),
  taken('absent-1.0', 'RFC 9112 §3.2', 'HTTP/1.0 without Host is refused', get('', here, '1.0'), null),
  taken(
    'absolute-1.0',
    'RFC 9112 §3.2.2',
    'the authority of a target in HTTP/1.0 is lost',
    get('', `http://a.example${here}`, '1.0'),
    'a.example',
  ),
  taken(
    'absolute-case',
    'RFC 9110 §4.2.3',
    'a host in another case counts as another',
    get('Host: A.EXAMPLE\r\n', `http://a.example${here}`),
    'A.EXAMPLE',
  ),
];
