import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PostgresqlConnection } from '../options.ts';

/** A private PostgreSQL for a test suite: a cluster of its own in a temporary folder, on loopback and a free port. */
export interface PostgresqlServer {
  readonly port: number;
  /** Certificate of a server with TLS, which signed itself for `localhost`; PEM. */
  readonly caFile: string;
  /** Makes an empty database. */
  createDatabase(): Promise<PostgresqlConnection & { readonly url: string }>;
  /** Stops the server as a crash would; the data stays. */
  crash(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops the server and removes everything. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const user = 'sluice';

/**
 * Starts a cluster (1 to 2 s). Rejects with one line that says how to get PostgreSQL when it is not installed.
 * The server dies with this process, however that ends.
 */
export async function startPostgresql({ tls = false } = {}): Promise<PostgresqlServer> {
  const binaries = findBinaries();
  const account = unprivilegedAccount();
  const home = await mkdtemp(join(tmpdir(), 'sluice-postgresql-'));
  if (account.uid !== undefined) chownSync(home, account.uid, account.gid ?? account.uid);
  const data = join(home, 'data');
  const options = { ...account, cwd: home };
  try {
    await run(
      join(binaries, 'initdb'),
      ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      options,
    );
    const port = await freePort();
    const caFile = join(data, 'server.crt');
    if (tls) await makeCertificate(data, options);
    const settings = { port, ssl: tls ? 'on' : 'off' };
    let server = await startServer(binaries, data, settings, options);
    let databases = 0;
    return {
      port,
      caFile,
      createDatabase: async () => {
        const database = `test_${++databases}`;
        await run(join(binaries, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', user, database], options);
        return {
          host: '127.0.0.1',
          port,
          database,
          user,
          ssl: { mode: 'disable' },
          url: `jdbc:postgresql://127.0.0.1:${port}/${database}?user=${user}&sslmode=disable`,
        };
      },
      crash: () => stopServer(server),
      restart: async () => {
        server = await startServer(binaries, data, settings, options);
      },
      stop: async () => {
        await stopServer(server);
        // The server's children may outlive it by a moment.
        await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
      },
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** The newest installed version. */
function findBinaries(): string {
  const root = '/usr/lib/postgresql';
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return join(root, newest, 'bin');
  } catch {
    // No such folder: not installed.
  }
  throw new Error('PostgreSQL is not installed, and the store is tested against it: apt-get install postgresql');
}

/** PostgreSQL refuses to run as root; Debian's package makes an account for it. */
function unprivilegedAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === 'postgres') return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root and there is no account postgres: apt-get install postgresql');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Under the names that PostgreSQL looks for. */
async function makeCertificate(data: string, options: object): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', join(data, 'server.key'), '-out', join(data, 'server.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run('openssl', ['req', '-x509', ...kind, ...subject, ...files], options);
}

/** Ends the server at once when the shell's own input ends, which it does when this process dies. */
const guard = `
  exec 3<&0
  "$@" 3<&- & server=$!
  { cat <&3; kill -QUIT $server; } > /dev/null 2>&1 & watch=$!
  wait $server
  kill $watch`;

async function startServer(binaries: string, data: string, own: object, options: object): Promise<ChildProcess> {
  const settings = {
    ...own,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 60,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const shell = spawn('/bin/sh', ['-c', guard, 'sh', join(binaries, 'postgres'), '-D', data, ...flags], {
    ...options,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: shell.stderr as NonNullable<typeof shell.stderr> })) {
    said.push(line);
    if (!line.includes('database system is ready to accept connections')) continue;
    shell.stderr?.resume();
    return shell;
  }
  throw new Error(`PostgreSQL did not start: ${said.slice(-3).join(' | ')}`);
}

async function stopServer(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null) return;
  const exit = once(shell, 'exit');
  shell.stdin?.end();
  await exit;
}
