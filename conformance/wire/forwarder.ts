import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A loopback port that stays while the server behind it comes, goes and changes ports; `cut` breaks every connection. */
export async function forwarder(t: TestContext) {
  let target: URL | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    if (!target) return inbound.destroy();
    const outbound = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    target = undefined;
    for (const socket of sockets) socket.destroy();
  };
  t.after(() => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Connections through it. */
    get open() {
      return sockets.size / 2;
    },
    /** Leads new connections to this base URL. */
    leadTo(url: string) {
      target = new URL(url);
      if (target.hostname === 'localhost') target.hostname = '127.0.0.1';
    },
    /** Breaks all connections and refuses new ones. */
    cut,
  };
}
