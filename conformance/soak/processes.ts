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

/** Client ports of the connections that a process has accepted on these ports of its own. */
function clientPortsOf(pid: number, ports: readonly number[]): number[] {
  const inodes = socketsOf(pid);
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        // proc(5): sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode.
        const [, local = '', remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/);
        return inodes.has(inode) && ports.includes(portOf(local)) && portOf(remote) !== 0 ? [portOf(remote)] : [];
      }),
  );
}

/** Freezes a process, tells which connections it holds, and kills it: nothing changes between the two. */
export function killAndTell(pid: number, ports: readonly number[]): number[] {
  process.kill(pid, 'SIGSTOP');
  for (let looks = 0; looks < 1000 && !/\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); looks++);
  const held = clientPortsOf(pid, ports);
  process.kill(pid, 'SIGKILL');
  return held;
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
