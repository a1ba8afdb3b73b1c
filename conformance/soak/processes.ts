import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process holds. */
export interface Holdings {
  readonly rssMiB: number;
  readonly sockets: number;
}

/** @throws when the process is gone. */
export function holdingsOf(pid: number): Holdings {
  const rssKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { rssMiB: rssKiB / 1024, sockets: socketsOf(pid).size };
}

/** A TCP socket of a process, as the kernel sees it. */
interface TcpSocket {
  readonly port: number;
  readonly peerPort: number;
  readonly state: string;
}

/** Names of the states in /proc/net/tcp, from 1 on. */
const states =
  'ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING'.split(' ');

/** Its TCP sockets; those of other kinds are left out. */
export function tcpSocketsOf(pid: number): TcpSocket[] {
  const inodes = socketsOf(pid);
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        // proc(5): sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode.
        const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
        if (!inodes.has(inode)) return [];
        return [
          { port: portOf(local), peerPort: portOf(remote), state: states[Number.parseInt(state, 16) - 1] ?? state },
        ];
      }),
  );
}

/** Freezes a process, tells which connections it holds, and kills it: nothing changes between the two. */
export function killAndTell(pid: number, ports: readonly number[]): number[] {
  process.kill(pid, 'SIGSTOP');
  // It stops when it is next given the processor.
  const patience = performance.now() + 2000;
  while (performance.now() < patience && !/\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  const held = tcpSocketsOf(pid).filter(({ port, state }) => ports.includes(port) && state !== 'LISTEN');
  process.kill(pid, 'SIGKILL');
  return held.map(({ peerPort }) => peerPort);
}

/** Inodes of its sockets. */
function socketsOf(pid: number): Set<string> {
  const found = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) found.add(inode);
    } catch {
      // Closed since it was listed.
    }
  }
  return found;
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
