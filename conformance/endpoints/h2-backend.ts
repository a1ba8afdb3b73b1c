import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { OwnPlace } from '../wire/own-place.ts';
import type { Received } from './backend.ts';

/** What a backend of HTTP/2 does with a request, of which the head is there and, where it has one, the body. */
export type StreamBehaviour = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

/** A backend that speaks HTTP/2 without TLS and does with each request what it was told last. */
export class H2Backend {
  readonly name: string;
  readonly received: Received[] = [];
  readonly failures: unknown[] = [];
  does: StreamBehaviour;
  readonly #place = new OwnPlace();
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(name: string, does: StreamBehaviour) {
    this.name = name;
    this.does = does;
  }

  get url(): string {
    return this.#place.url;
  }

  /** Sessions that are open. */
  get sessions(): number {
    return this.#sessions.size;
  }

  async start(): Promise<this> {
    const server = createServer();
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    server.on('stream', (stream, headers) => this.#serve(stream, headers));
    await this.#place.take(server);
    return this;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await this.#place.leave();
  }

  #serve(stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>): void {
    const lines = new Map(Object.entries(headers).map(([name, text]) => [name, String(text)]));
    const start = `${headers[':method']} ${headers[':path']}`;
    const request: Received = { start, lines, body: '', whole: false };
    this.received.push(request);
    stream.on('error', () => {});
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => {
      request.body += text;
    });
    stream.on('end', () => {
      request.whole = true;
      const { session } = stream;
      if (session !== undefined && !stream.destroyed) this.does(stream, session as ServerHttp2Session);
    });
  }
}

/** Answers with this text. */
export function responds(body: string, status = 200): StreamBehaviour {
  return (stream) => {
    stream.respond({ ':status': status });
    stream.end(body);
  };
}

/** Gives the one request up, with this code. */
export function resetsStream(code: keyof typeof codes): StreamBehaviour {
  return (stream) => stream.close(codes[code]);
}

const codes = {
  none: constants.NGHTTP2_NO_ERROR,
  internal: constants.NGHTTP2_INTERNAL_ERROR,
  refused: constants.NGHTTP2_REFUSED_STREAM,
  cancel: constants.NGHTTP2_CANCEL,
} as const;

/** Says that it takes no more than this request, and breaks off before it has answered it. */
export const goesAway: StreamBehaviour = (_, session) => {
  session.goaway(constants.NGHTTP2_NO_ERROR);
  setTimeout(() => session.destroy(), 20);
};

/** Breaks the connection. */
export const breaksSession: StreamBehaviour = (_, session) => session.socket.resetAndDestroy();

/** Never says a word. */
export const saysNothing: StreamBehaviour = () => {};
