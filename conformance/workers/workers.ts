import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../program/program.ts';
import { eventually } from '../wire/eventually.ts';

/** Processes that a program has started, by id. */
export function workersOf({ pid }: Pick<Program, 'pid'>): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** The process at the other end of a connection to this machine, by the client's port; undefined while nobody has accepted it. */
export function workerBehind(candidates: readonly number[], clientPort: number): number | undefined {
  const remote = `:${clientPort.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (!fields[2]?.endsWith(remote)) continue;
      const holder = candidates.find((pid) => holds(pid, `socket:[${fields[9]}]`));
      if (holder) return holder;
    }
  }
  return undefined;
}

function holds(pid: number, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === socket;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

type LogLine = Record<string, unknown> & { readonly msg: string };

/** Lines of the program's log with this message. */
export function logLines({ home }: Pick<Program, 'home'>, message: string): LogLine[] {
  return readFileSync(join(home, 'logs', 'sluice.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(message))
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === message);
}

/** Waits for the `count`th line with this message. */
export function logged(program: Program, message: string, count = 1, millis = 10_000): Promise<LogLine> {
  return eventually(`the log says "${message}"`, millis, async () => logLines(program, message)[count - 1]);
}

/** Runs JavaScript in a worker a moment later, as a defect of the program would: by way of the inspector that SIGUSR1 opens. */
export async function runInside(program: Program, worker: number, statement: string): Promise<void> {
  const seen = program.stderr().length;
  process.kill(worker, 'SIGUSR1');
  const address = await eventually(
    'the inspector opens',
    10_000,
    async () => /Debugger listening on (ws:\S+)/.exec(program.stderr().slice(seen))?.[1],
  );
  const socket = new WebSocket(address);
  await once(socket, 'open');
  // Scheduled by its timer, after the inspector has been left: a process does not exit while somebody debugs it.
  const expression = `void setTimeout(() => { ${statement} }, 100)`;
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
}
