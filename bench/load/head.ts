import type { Case } from '../cases.ts';
import { loadKey, type RunningProxy } from '../proxies/proxy.ts';

/** As long as a token of Sluice, so that every program reads heads of the same size. */
const standIn = `Bearer ${'eyJ0'.repeat(232)}`;

/** The head that a case sends, with the places that load/request.lua fills: path and trace id. */
export function head({ bodyBytes, connectionPerRequest }: Case, { authorization = standIn }: RunningProxy): string {
  const lines = [
    `${bodyBytes > 0 ? 'POST' : 'GET'} {path} HTTP/1.1`,
    'Host: localhost',
    'User-Agent: bench',
    'Accept: application/json',
    'Accept-Encoding: gzip',
    'traceparent: 00-{trace}-00f067aa0ba902b7-01',
    `apikey: ${loadKey}`,
    `Authorization: ${authorization}`,
    ...(bodyBytes > 0 ? ['Content-Type: application/json', `Content-Length: ${bodyBytes}`] : []),
    ...(connectionPerRequest ? ['Connection: close'] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
