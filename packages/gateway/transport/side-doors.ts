import { createServer, type Server } from 'node:net';
import { backlog } from './entrance.ts';
import type { BoundSocket } from './options.ts';
import { acceptHandles, type TcpHandle } from './socket/handles.ts';

/** Beyond three little is won; and where connections come one at a time, each is looked through in vain. */
const most = 3;

/**
 * Further handles on the socket of a listener. libuv accepts one connection by each handle in a turn of the event loop: where every call
 * comes on a connection of its own, with one handle a turn has one call to pay for it, and whatever turns do for all of
 * their calls at once is done for that one.
 */
export class SideDoors {
  readonly #another: () => Promise<BoundSocket | undefined>;
  readonly #arrived: (handle: TcpHandle) => void;
  readonly #servers: Server[] = [];
  #closed = false;

  /** `another` hands over a further handle on the socket, or none when the process has no descriptor left for it. */
  constructor(another: () => Promise<BoundSocket | undefined>, arrived: (handle: TcpHandle) => void) {
    this.#another = another;
    this.#arrived = arrived;
  }

  /** Fetches them, one after the other. Resolves when all are open that can be had. */
  async open(): Promise<void> {
    while (this.#servers.length < most) {
      const socket = await this.#another().catch(() => undefined);
      if (socket === undefined) return;
      if (this.#closed) {
        socket.close();
        return;
      }
      const server = createServer();
      // Running out of descriptors must not end the process; accepting goes on when some are free again.
      server.on('error', () => {});
      server.listen(socket, backlog);
      if (!server.listening) return;
      acceptHandles(server, this.#arrived);
      this.#servers.push(server);
    }
  }

  close(): void {
    this.#closed = true;
    for (const server of this.#servers) server.close();
  }
}
