import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'packages', 'cli', 'main.ts');

/** Settings that let the kernel choose every port, so that no test depends on a free one; calls are served in the main process unless a test says otherwise. */
export const anyPorts = `
[gateway]
workers = 0
[transport.https.properties]
port = 0
[transport.http.properties]
port = 0
[transport.http.listener]
port = 0
secured_port = 0
`;

/** Something that ends, and cleans up then: a test, or a run of a suite. */
export interface Scope {
  after(clean: () => unknown): void;
}

/** The program as a user runs it: another process, its own home. */
export interface Program {
  readonly home: string;
  readonly pid: number;
  /** Everything it printed on stdout so far, by line. */
  readonly lines: readonly string[];
  /** Base URLs from the ready line, `undefined` where the role has none. */
  readonly urls: {
    readonly control?: string;
    readonly controlHttp?: string;
    readonly gateway?: string;
    readonly gatewayTls?: string;
  };
  /** Milliseconds that the program says it took. */
  readonly readyMillis: number;
  readonly stderr: () => string;
  /** Ends it as an operator does; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Text of deployment.toml, after `anyPorts`. */
  readonly settings?: string;
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A home that goes away with the scope. */
export function temporaryHome(t: Scope): string {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  return home;
}

/** Starts the program and waits for its ready line; rejects with what it printed when it ends before. */
export async function startProgram(t: Scope, options: ProgramOptions = {}): Promise<Program> {
  const home = options.home ?? temporaryHome(t);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'deployment.toml'), `${anyPorts}\n${options.settings ?? ''}`);
  const child = spawn(process.execPath, [main, ...(options.args ?? ['start']), '--home', home], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  t.after(() => end(child, 'SIGKILL', exited));
  const lines: string[] = [];
  const ready = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (/ is ready in /.test(line)) resolve(line);
    });
    exited.then(([code]) =>
      reject(new Error(`the program ended with ${code} before it was ready:\n${lines.join('\n')}\n${errors}`)),
    );
  });
  return {
    home,
    pid: child.pid as number,
    lines,
    urls: urlsOf(ready),
    readyMillis: Number(/ready in (\d+) ms/.exec(ready)?.[1]),
    stderr: () => errors,
    stop: (signal = 'SIGTERM') => end(child, signal, exited),
  };
}

/** Runs the program to its end. */
export async function runProgram(
  t: Scope,
  options: ProgramOptions & { readonly args: readonly string[]; readonly input?: string },
): Promise<{ code: number | null; stdout: string; stderr: string; home: string }> {
  const home = options.home ?? temporaryHome(t);
  if (options.settings !== undefined) writeFileSync(join(home, 'deployment.toml'), options.settings);
  const child = spawn(process.execPath, [main, ...options.args, '--home', home], {
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr, home };
}

async function end(
  child: ChildProcess,
  signal: NodeJS.Signals,
  exited: Promise<[number | null]>,
): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const [code] = await exited;
  return code;
}

/** Base URLs in the ready line. */
export function urlsOf(line: string): Program['urls'] {
  const found = (label: string) => new RegExp(`${label} (https?://\\S+)`).exec(line)?.[1]?.replace(/[,;]$/, '');
  return Object.fromEntries(
    Object.entries({
      control: found('control plane'),
      controlHttp: found('control plane https://\\S+ and'),
      gateway: found('gateway'),
      gatewayTls: found('gateway http://\\S+ and'),
    }).filter(([, url]) => url !== undefined),
  );
}
