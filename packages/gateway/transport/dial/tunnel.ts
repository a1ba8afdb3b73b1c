import type { Socket } from 'node:net';
import type { Limits } from '../options.ts';
import { parseResponse } from '../response-head.ts';
import { authority, type OutgoingProxy } from './proxies.ts';

/** Who wants a tunnel. One of the two is called, once. */
export interface TunnelUser {
  tunnelOpened(): void;
  /** `reason` in words, without the proxy's name. */
  tunnelRefused(reason: string): void;
}

/**
 * Asks `proxy`, at the other end of `socket`, for a tunnel to a backend (RFC 9110 section 9.3.6). When it is opened the socket is
 * paused and belongs to its user again; when it is refused, or breaks, it is destroyed.
 */
export function openTunnel(
  socket: Socket,
  proxy: OutgoingProxy,
  host: string,
  port: number,
  limits: Limits,
  user: TunnelUser,
): void {
  const target = authority(host, port);
  let seen: Buffer = Buffer.alloc(0);
  const take = (bytes: Buffer): void => {
    seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes]);
    const verdict = readVerdict(seen, limits);
    if (verdict !== null) finish(verdict);
  };
  const ended = (): void => finish('it closed the connection before it answered CONNECT');
  const broke = (error: NodeJS.ErrnoException): void =>
    finish(`the connection to it broke before it answered CONNECT (${error.code ?? error.message})`);
  const finish = (verdict: string): void => {
    socket.off('data', take).off('end', ended).off('close', ended).off('error', broke);
    if (verdict === '') {
      socket.pause();
      user.tunnelOpened();
      return;
    }
    // What still comes of it is nobody's.
    socket.on('error', () => {});
    socket.destroy();
    user.tunnelRefused(verdict);
  };
  socket.on('data', take).on('end', ended).on('close', ended).on('error', broke);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${proxy.authorization}\r\n`, 'latin1');
}

/** Null while the answer is not whole; empty when the tunnel stands; else why it does not. */
export function readVerdict(bytes: Buffer, limits: Limits): string | null {
  for (let at = 0; ; ) {
    const mark = bytes.indexOf('\r\n\r\n', at, 'latin1');
    const end = mark < 0 ? bytes.length : mark + 4;
    if (end > limits.headBytes) return `the head of its answer to CONNECT is larger than ${limits.headBytes} bytes`;
    if (mark < 0) return null;
    const head = parseResponse(bytes, at, end, limits.headerCount, true);
    if (typeof head === 'string') return `its answer to CONNECT is not HTTP: ${head}`;
    if (head.status >= 200) {
      if (head.status === 407) return 'it wants other credentials (407)';
      if (head.status >= 300) return `it answered CONNECT with ${`${head.status} ${head.reason}`.trim().slice(0, 100)}`;
      // The backend of a TLS connection does not speak first.
      return end < bytes.length ? 'it sent more than its answer to CONNECT' : '';
    }
    at = end;
  }
}
