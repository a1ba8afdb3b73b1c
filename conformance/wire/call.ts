import { exchange, type WireResponse } from './exchange.ts';

/** One call through the gateway on a connection of its own. */
export function call(
  gateway: string,
  path: string,
  {
    method = 'GET',
    token,
    headers = {},
    body = '',
  }: { method?: string; token?: string | undefined; headers?: Record<string, string>; body?: string } = {},
): Promise<WireResponse> {
  const lines = {
    Host: new URL(gateway).host,
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}),
    ...headers,
    Connection: 'close',
  };
  const head = Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return exchange(gateway, Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`, 'utf8'));
}
