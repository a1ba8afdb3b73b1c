import { lookup } from 'node:dns/promises';
import net, { isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { type BoundSocket, PortInUseError } from '@sluice/gateway';

/** A port that this process has, and lends to its workers. */
export interface ReservedPort {
  readonly host: string;
  readonly port: number;
  readonly socket: BoundSocket;
  /** Gives this process's hold up; workers keep theirs. */
  close(): void;
}

/** What `node:net` and `node:cluster` make of a bound socket. */
interface Handle extends BoundSocket {
  /** Fills in the address; returns an error number, also one that `bind` found. */
  getsockname(out: { port?: number }): number;
}

/** The call with which `node:cluster` makes the sockets that its workers share; every other way to a bound socket also accepts from it. */
const { _createServerHandle: createHandle } = net as unknown as {
  _createServerHandle(address: string, port: number, type: 4 | 6, fd?: number, flags?: number): Handle | number;
};

/**
 * Binds a port for this process alone; 0 takes a free one. This process never accepts from it: it holds the socket, so that connections
 * wait in its queue, and are not lost, while workers come and go. Rejects with `PortInUseError` when another program has the port.
 */
export async function reservePort(host: string, port: number): Promise<ReservedPort> {
  const address = isIP(host) ? host : (await lookup(host)).address;
  const handle = createHandle(address, port, isIP(address) === 6 ? 6 : 4, undefined, 0);
  if (typeof handle === 'number') throw failure(host, port, handle);
  const bound: { port?: number } = {};
  const error = handle.getsockname(bound);
  if (error !== 0 || (port !== 0 && bound.port !== port)) {
    handle.close();
    throw failure(host, port, error);
  }
  return { host, port: bound.port as number, socket: handle, close: () => handle.close() };
}

function failure(host: string, port: number, error: number): Error {
  const code = error < 0 ? getSystemErrorName(error) : 'EADDRINUSE';
  if (code === 'EADDRINUSE') return new PortInUseError(host, port);
  return Object.assign(new Error(`cannot listen on port ${port} of ${host}: ${code}`), { code, port });
}
