import { connect, type Socket } from 'node:net';

/** Connections that made one call each and then rest. */
export interface IdleConnections {
  /** How many the proxy has not closed. */
  open(): number;
  close(): void;
}

/** Connections that are opened at a time, below every program's backlog. */
const batch = 200;

/** Opens so many connections, each with one call answered. @throws when one of them fails. */
export async function openIdle(port: number, count: number, request: string): Promise<IdleConnections> {
  const sockets: Socket[] = [];
  const close = () => {
    // A reset leaves no TIME_WAIT behind: the next program needs the ports.
    for (const socket of sockets) socket.resetAndDestroy();
  };
  try {
    while (sockets.length < count) {
      const opened = Array.from({ length: Math.min(batch, count - sockets.length) }, () => connect(port, '127.0.0.1'));
      sockets.push(...opened);
      await Promise.all(opened.map((socket) => callOnce(socket, request)));
    }
  } catch (error) {
    close();
    throw new Error(`connection ${sockets.length} of ${count}: ${(error as Error).message}`);
  }
  return { open: () => sockets.filter((socket) => !socket.destroyed).length, close };
}

function callOnce(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no answer within 10 s')), 10_000);
    const settle = (error?: Error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    };
    let head = '';
    socket.on('data', (chunk) => {
      if (head.includes('\r\n')) return;
      head += chunk.toString('latin1');
      if (head.startsWith('HTTP/1.1 200 ')) settle();
      else if (head.includes('\r\n')) settle(new Error(`answered ${head.slice(0, 40)}`));
    });
    socket.on('error', settle);
    socket.once('close', () => settle(new Error('closed before the answer')));
    socket.write(request, 'latin1');
  });
}
