import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way of one gateway to Redis, which can be cut. */
export interface Wire {
  readonly port: number;
  cut(): void;
  mend(): void;
  /** Connections from now on lead elsewhere; those that stand stay. */
  turn(to: number): void;
  close(): void;
}

/** Opens a way to that port. */
export async function openWire(port: number): Promise<Wire> {
  let to = port;
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => {
      whole = true;
    },
    turn: (port) => {
      to = port;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
