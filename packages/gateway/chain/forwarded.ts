import type { Exchange } from './exchange.ts';

/** Lines that tell the backend who called the gateway and how. The client's chain of addresses is kept and its peer appended; the others say what the gateway itself saw. */
export function forwardedLines(exchange: Exchange): string {
  const { call } = exchange;
  const before = call.head.header('x-forwarded-for');
  const chain = before === undefined || before === '' ? call.remoteAddress : `${before}, ${call.remoteAddress}`;
  const host = call.head.host;
  return `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${call.secure ? 'https' : 'http'}\r\n${
    host === '' ? '' : `X-Forwarded-Host: ${host}\r\n`
  }`;
}
