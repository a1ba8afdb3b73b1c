import type { Server } from 'node:net';

/** Where a server listens. */
export interface ListenAddress {
  /** Name or address of the interface; `0.0.0.0` and `::` are all of them. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** A port that cannot be had; the message names it and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly port: number;
  /** Node's code: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` … */
  readonly code: string;

  constructor(address: ListenAddress, code: string, options?: ErrorOptions) {
    super(`cannot listen on ${address.host} port ${address.port}: ${reasons[code] ?? code}`, options);
    this.port = address.port;
    this.code = code;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program holds it; stop that one, or move all ports with --offset',
  EACCES: 'this user may not; use a port above 1023, or move all ports with --offset',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Begins to listen and resolves with the port in use. Rejects with `ListenError`. */
export async function listen(server: Server, address: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(address, error.code ?? error.message, { cause: error }));
    server.once('error', refuse);
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      server.off('error', refuse);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
    });
  });
}
