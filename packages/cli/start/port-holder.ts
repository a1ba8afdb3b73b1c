import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../command.ts';

/** The program that listens on a TCP port of this machine, as `name (pid N)`; undefined where the system does not tell. */
function portHolder(port: number): string | undefined {
  try {
    const inodes = listeningInodes(port);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inodes)) return `${programOf(pid)} (pid ${pid})`;
    }
  } catch {
    // Not Linux, or not ours to see.
  }
  return undefined;
}

/** A taken port is told with its holder, where the system knows it; any other error stays as it is. */
export function explainTakenPort(error: unknown): unknown {
  const { port, code, name } = error as { port?: number; code?: string; name?: string };
  if (port === undefined || (name !== 'PortInUseError' && code !== 'EADDRINUSE')) return error;
  const holder = portHolder(port);
  const by = holder ? ` by ${holder}` : '';
  return new UsageError(`port ${port} is in use${by}: end that program, or move every port with --offset`, {
    cause: error,
  });
}

function listeningInodes(port: number): Set<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local.endsWith(wanted) && state === '0A' && inode) inodes.add(`socket:[${inode}]`);
    }
  }
  return inodes;
}

/** What was started, as a person would call it: the file of the program, and of the script it runs. */
function programOf(pid: string): string {
  const [program = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return [program, script.startsWith('-') ? '' : script]
    .map((path) => basename(path))
    .join(' ')
    .trim();
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
