import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Scope } from '../../program/program.ts';

/** A Redis of its own on a loopback port that stays the same over restarts. It keeps nothing: each start is an empty one. */
export interface RedisServer {
  readonly url: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts Debian's redis-server; it ends with the scope. */
export async function startRedis(scope: Scope): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  scope.after(async () => {
    await kill();
    rmSync(directory, { recursive: true, force: true });
  });
  const start = async () => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', [...options, '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.on('error', () => reject(new Error('redis-server is not installed: apt-get install redis-server')));
      started.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      createInterface({ input: started.stdout as NonNullable<typeof started.stdout> }).on('line', (line) => {
        if (line.includes('Ready to accept connections')) resolve();
      });
    });
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, kill, start };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
