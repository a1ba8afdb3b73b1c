import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { ownAddress } from './own-address.ts';

/** A port on an address of one's own, which servers may leave and come back to. */
export class OwnPlace {
  readonly #host = ownAddress();
  #port = 0;
  #server: Server | null = null;

  get url(): string {
    return `http://${this.#host}:${this.#port}`;
  }

  /** Resolves when the server listens here. */
  async take(server: Server): Promise<void> {
    this.#server = server;
    server.listen(this.#port, this.#host);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Nothing listens any more; resolves when the last connection is gone, which the owner ends. */
  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.close();
    await once(server, 'close');
  }
}
