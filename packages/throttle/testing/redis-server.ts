import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real redis-server of Debian's package on a loopback port, which it keeps over restarts. */
export interface RedisServer {
  readonly port: number;
  readonly directory: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Stops it without ending its connections, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Runs redis-cli against it. */
  cli(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

interface ServerOptions {
  /** Lines of its configuration besides address and folder. */
  readonly config?: readonly string[];
  readonly sentinel?: boolean;
  /** Arguments that redis-cli needs to get in. */
  readonly cli?: readonly string[];
  /** No plain port: lines of `config` open another; `%PORT%` and `%DIR%` in them are filled in. */
  readonly plain?: boolean;
}

/** Starts one. Rejects with one line that says how to get Redis where it is not installed. */
export async function startRedisServer(options: ServerOptions = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  const file = join(directory, 'redis.conf');
  const own = (options.config ?? []).map((line) =>
    line.replaceAll('%PORT%', String(port)).replaceAll('%DIR%', directory),
  );
  const plain = options.plain === false ? 'port 0' : `port ${port}`;
  writeFileSync(file, [plain, 'bind 127.0.0.1', 'save ""', `dir ${directory}`, ...own, ''].join('\n'));
  let child: ChildProcess | undefined;
  const kill = async () => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  const last = () => child?.kill('SIGKILL');
  process.on('exit', last);
  const start = async () => {
    const started = spawn('redis-server', [file, ...(options.sentinel ? ['--sentinel'] : [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.on('error', () => reject(new Error('redis-server is not installed: apt-get install redis-server')));
      started.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      createInterface({ input: started.stdout as NonNullable<typeof started.stdout> }).on('line', (line) => {
        if (line.includes('Ready to accept connections') || line.includes('Sentinel ID is')) resolve();
      });
    });
  };
  await start();
  return {
    port,
    directory,
    start,
    kill,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    cli: async (...args) => (await run('redis-cli', ['-p', String(port), ...(options.cli ?? []), ...args])).stdout,
    stop: async () => {
      child?.kill('SIGCONT');
      await kill();
      process.off('exit', last);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
