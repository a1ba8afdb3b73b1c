import { here } from './stage.ts';

const host = 'Host: a.example\r\n';

/** A request without a body; `lines` are whole header lines after `Host`. */
export const get = (lines = '', target = here): string => `GET ${target} HTTP/1.1\r\n${host}${lines}\r\n`;

/** A request head that a body may follow, and the body. */
export const post = (lines: string, body = '', target = here): string =>
  `POST ${target} HTTP/1.1\r\n${host}${lines}\r\n${body}`;

/** A request with a body by length. */
export const sized = (body: string, method = 'POST', target = here): string =>
  `${method} ${target} HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`;

/** A request whose body is these very bytes, said to be chunks. */
export const chunked = (bytes: string, lines = ''): string => post(`${lines}Transfer-Encoding: chunked\r\n`, bytes);

/** `hello` in one chunk. */
export const hello = '5\r\nhello\r\n0\r\n\r\n';

/** A 200 with this text; `lines` are whole header lines. */
export const ok = (text = '', lines = ''): string =>
  `HTTP/1.1 200 OK\r\n${lines}Content-Length: ${text.length}\r\n\r\n${text}`;

/** A request that must never be read as one: it stands where only the reader of a wrong framing finds it. */
export const smuggled = `GET ${here}/smuggled HTTP/1.1\r\n${host}\r\n`;
