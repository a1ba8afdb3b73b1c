import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { readHead } from './message.ts';
import { PeerGone, Wire } from './wire.ts';

/** An outgoing HTTP proxy on a loopback port. */
export interface TestProxy {
  readonly host: string;
  readonly port: number;
  /** Heads of the requests that opened its connections. */
  readonly heads: readonly string[];
}

/** A proxy that opens tunnels and takes requests in absolute form. With `credentials` (`user:password`) it asks for them. */
export async function startProxy(t: Pick<TestContext, 'after'>, credentials?: string): Promise<TestProxy> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy());
  };
  const server = createServer(async (client) => {
    keep(client);
    const wire = new Wire(client);
    try {
      const { head, lines } = await readHead(wire);
      heads.push(head);
      const given = lines.find(([name]) => name === 'Proxy-Authorization')?.[1];
      if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
        wire.send(
          'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
        );
        return;
      }
      const [, method = '', target = ''] = /^(\S+) (\S+)/.exec(head) ?? [];
      const url = new URL(method === 'CONNECT' ? `tunnel://${target}` : target);
      const backend = keep(connect(Number(url.port || 80), url.hostname.replace(/^\[|\]$/g, '')));
      // A pipe does not pass on a reset.
      backend.on('error', () => client.destroy());
      client.on('error', () => backend.destroy());
      await once(backend, 'connect');
      if (method === 'CONNECT') wire.send('HTTP/1.1 200 Connection established\r\n\r\n');
      else backend.write(`${head.replace(target, url.pathname + url.search)}\r\n\r\n`, 'latin1');
      backend.write(wire.buffered);
      client.removeAllListeners('data');
      client.pipe(backend).pipe(client);
    } catch (error) {
      client.destroy();
      // A backend that cannot be reached, or a gateway that goes away, is what a test is about.
      if (!(error instanceof PeerGone || (error as NodeJS.ErrnoException).code)) throw error;
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, heads };
}
