import { backend, client } from '../actors.ts';
import type { TransportCase } from '../case.ts';
import { get, ok } from '../messages.ts';
import { refused } from '../refusal.ts';
import { here } from '../stage.ts';

const bad = (id: string, section: string, title: string, bytes: string) =>
  refused(`field-syntax/${id}`, section, title, bytes);

/** A GET with these lines is passed on with them. */
const kept = (
  id: string,
  section: string,
  title: string,
  lines: string,
  seen: Record<string, string | readonly string[]>,
) => ({
  id: `field-syntax/${id}`,
  section,
  title,
  steps: [
    client.sends(get(lines)),
    backend.gets(`GET ${here}`, { lines: seen }),
    backend.sends(ok()),
    client.gets(200),
  ],
});

/** The lines of a head. */
export const fieldSyntax: readonly TransportCase[] = [
  bad('bare-lf', 'RFC 9112 §2.2', 'a bare LF ends a line for one reader alone', get('A: b\nC: d\r\n')),
  bad(
    'bare-lf-only',
    'RFC 9112 §2.2',
    'a head with bare LF only is taken',
    `GET ${here} HTTP/1.1\nHost: a.example\n\n`,
  ),
  bad(
    'bare-lf-last',
    'RFC 9112 §2.2',
    'a bare LF is taken for the empty line',
    `GET ${here} HTTP/1.1\r\nHost: a.example\r\n\n`,
  ),
  bad('bare-cr', 'RFC 9112 §2.2', 'a bare CR ends a line for one reader alone', get('A: b\rC: d\r\n')),
  bad('cr-cr-lf', 'RFC 9112 §2.2', 'CR CR LF is a line end for one reader alone', get('A: b\r\r\n')),
  bad('cr-cr-lf-end', 'RFC 9112 §2.2', 'CR CR LF CR LF ends the head for one reader alone', get('A: b\r\r\n\r\n')),
  bad(
    'blank-before-colon',
    'RFC 9112 §5.1',
    'a blank before the colon hides the name from one reader',
    get('A : b\r\n'),
  ),
  bad('tab-before-colon', 'RFC 9112 §5.1', 'a tab before the colon hides the name from one reader', get('A\t: b\r\n')),
  bad('fold', 'RFC 9112 §5.2', 'a folded line is a line of its own for one reader', get('A: b\r\n c\r\n')),
  bad('fold-tab', 'RFC 9112 §5.2', 'a line folded by a tab is passed on', get('A: b\r\n\tc\r\n')),
  bad(
    'fold-empty',
    'RFC 9112 §5.2',
    'a folded line of blanks alone ends the head for one reader',
    get('A: b\r\n \r\n'),
  ),
  bad(
    'blank-before-first',
    'RFC 9112 §2.2',
    'a blank before the first line is skipped with its line',
    `GET ${here} HTTP/1.1\r\n Host: a.example\r\n\r\n`,
  ),
  bad('no-colon', 'RFC 9112 §5', 'a line without a colon is skipped', get('garbage\r\n')),
  bad('no-name', 'RFC 9112 §5', 'a line without a name is skipped', get(': b\r\n')),
  bad('nul-in-value', 'RFC 9110 §5.5', 'a NUL ends a value for one reader alone', get('A: b\0c\r\n')),
  bad('nul-in-name', 'RFC 9110 §5.1', 'a NUL ends a name for one reader alone', get('A\0B: c\r\n')),
  bad('control-in-value', 'RFC 9110 §5.5', 'a control byte reaches logs and terminals', get('A: b\x01c\r\n')),
  bad('escape-in-value', 'RFC 9110 §5.5', 'an escape sequence reaches logs and terminals', get('A: \x1b[2J\r\n')),
  bad('del-in-value', 'RFC 9110 §5.5', 'a DEL reaches logs and terminals', get('A: b\x7fc\r\n')),
  bad('control-in-name', 'RFC 9110 §5.1', 'a control byte stands in a name', get('A\x1b: c\r\n')),
  bad('obs-text-in-name', 'RFC 9110 §5.1', 'letters beyond ASCII stand in a name', get('\xe9: c\r\n')),
  bad('brackets-in-name', 'RFC 9110 §5.1', 'a delimiter stands in a name', get('(A): c\r\n')),
  bad('slash-in-name', 'RFC 9110 §5.1', 'a slash stands in a name', get('A/B: c\r\n')),
  kept('token-name', 'RFC 9110 §5.6.2', 'a name of odd but legal characters is refused', "!#$%&'*+-.^_`|~09az: 1\r\n", {
    "!#$%&'*+-.^_`|~09az": '1',
  }),
  kept('empty-value', 'RFC 9110 §5.5', 'a field without a value is lost', 'X-Empty:\r\n', { 'x-empty': '' }),
  kept(
    'white-space',
    'RFC 9112 §5.1',
    'white space around a value is taken for a part of it',
    'X-One:\t 1 \t\r\nX-Two:2\r\n',
    {
      'x-one': '1',
      'x-two': '2',
    },
  ),
  kept('inner-white-space', 'RFC 9110 §5.5', 'white space in a value is squeezed', 'X-One: a  b\tc\r\n', {
    'x-one': 'a  b\tc',
  }),
  kept('obs-text', 'RFC 9110 §5.5', 'bytes beyond ASCII in a value are decoded or refused', 'X-One: \x80\xff\xe9\r\n', {
    'x-one': '\x80\xff\xe9',
  }),
  kept(
    'order',
    'RFC 9110 §5.3',
    'lines of one name change their order or are joined',
    'X-One: 1\r\nx-one: 2\r\nX-ONE: 3\r\n',
    {
      'x-one': ['1', '2', '3'],
    },
  ),
  kept('quoted', 'RFC 9110 §5.6.4', 'a quoted value is taken apart', 'X-One: "a, \\"b\\"", c\r\n', {
    'x-one': '"a, \\"b\\"", c',
  }),
  {
    id: 'field-syntax/case-kept',
    section: 'RFC 9110 §5.1',
    title: 'names arrive in another case than they were sent in',
    steps: [
      client.sends(get('x-One: 1\r\n')),
      backend.seesUpTo('\r\nx-One: 1\r\n'),
      backend.seesUpTo('\r\n\r\n'),
      backend.sends('HTTP/1.1 200 OK\r\nx-TWO: 2\r\nContent-Length: 0\r\n\r\n'),
      client.seesUpTo('\r\nx-TWO: 2\r\n'),
      client.seesUpTo('\r\n\r\n'),
    ],
  },
];
