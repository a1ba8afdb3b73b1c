import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type SecureClientSessionOptions,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { BackendTls, Route } from '../call.ts';
import type { Pair } from './certificate.ts';

/** One answer as it came on a stream. */
export interface StreamAnswer {
  readonly status: number;
  /** Names and values in turn, with the pseudo-fields. */
  readonly raw: readonly string[];
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
  /** 1xx answers before it. */
  readonly interims: readonly number[];
  /** Error code of the stream's end; 0 for an orderly one. */
  readonly code: number;
}

/** A connection to a gateway that speaks HTTP/2. */
export async function connectStreams(
  t: TestContext,
  gateway: { readonly port: number },
  options: ClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const all: SecureClientSessionOptions = { rejectUnauthorized: false, servername: 'localhost', ...options };
  const session = connect(`https://127.0.0.1:${gateway.port}`, all);
  session.on('error', () => {});
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** A request with its pseudo-fields; the stream is left open. */
export function request(
  session: ClientHttp2Session,
  path: string,
  { method = 'GET', fields = [] }: { readonly method?: string; readonly fields?: readonly string[] } = {},
): ClientHttp2Stream {
  const raw = [':method', method, ':scheme', 'https', ':authority', 'gw.example', ':path', path, ...fields];
  const stream = session.request(raw, { endStream: false, waitForTrailers: true });
  stream.on('error', () => {});
  stream.on('wantTrailers', () => stream.sendTrailers(trailersToSend.get(stream) ?? {}));
  return stream;
}

const trailersToSend = new WeakMap<ClientHttp2Stream, Record<string, string>>();

/** Trailers that follow the request's body. */
export function setTrailers(stream: ClientHttp2Stream, trailers: Record<string, string>): void {
  trailersToSend.set(stream, trailers);
}

/** A whole request and its answer. */
export function ask(
  session: ClientHttp2Session,
  path: string,
  options: { readonly method?: string; readonly fields?: readonly string[]; readonly body?: string | Buffer } = {},
): Promise<StreamAnswer> {
  const stream = request(session, path, options);
  stream.end(options.body);
  return answerOf(stream);
}

/** What comes on a stream until it closes. */
export function answerOf(stream: ClientHttp2Stream): Promise<StreamAnswer> {
  let [status, raw] = [0, [] as readonly string[]];
  const interims: number[] = [];
  const trailers: Record<string, string> = {};
  const parts: Buffer[] = [];
  stream.on('headers', (headers) => interims.push(Number(headers[':status'])));
  stream.on('response', (headers, _flags, fields) => {
    status = headers[':status'] ?? 0;
    raw = fields as unknown as readonly string[];
  });
  stream.on('trailers', (headers) => {
    for (const [name, value] of Object.entries(headers)) trailers[name] = String(value);
  });
  stream.on('data', (bytes: Buffer) => parts.push(bytes));
  return new Promise((resolve) => {
    stream.once('close', () =>
      resolve({ status, raw, body: Buffer.concat(parts), trailers, interims, code: stream.rstCode ?? 0 }),
    );
  });
}

/** Value of the only field with this name, undefined without one. */
export function field({ raw }: Pick<StreamAnswer, 'raw'>, name: string): string | undefined {
  const index = raw.findIndex((one, at) => at % 2 === 0 && one === name);
  return index < 0 ? undefined : raw[index + 1];
}

/** What a backend does with stream number `index` (0 for the first); `raw` are its fields. */
export type StreamScript = (stream: ServerHttp2Stream, raw: readonly string[], index: number) => void;

export interface StreamBackend {
  readonly route: Route;
  readonly sessions: readonly Http2Session[];
}

/** A backend that speaks HTTP/2 on a loopback port: with prior knowledge, or by ALPN where it has a certificate. */
export async function startStreamBackend(
  t: TestContext,
  script: StreamScript,
  options: ServerOptions & { readonly tls?: Pair; readonly route?: BackendTls } = {},
): Promise<StreamBackend> {
  const { tls, route, ...rest } = options;
  const server: Http2Server = tls
    ? (createSecureServer({ ...rest, ...tls }) as unknown as Http2Server)
    : createServer(rest);
  const sessions: Http2Session[] = [];
  let streams = 0;
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, _headers, _flags, raw) => {
    stream.on('error', () => {});
    script(stream, raw as unknown as readonly string[], streams++);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { route: { host: '127.0.0.1', port, tls: route ?? null, protocol: 'h2' }, sessions };
}
