import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { noteEnd, sawEnd } from '../../packages/gateway/transport/h2/end-of-stream.ts';
import { bodyBytes, isBody, pieceBytes, strayOf } from './body.ts';
import { Malformed, patience } from './connection.ts';
import { inCatalogue, type Outcome } from './judge.ts';
import type { SoakCall } from './ledger.ts';

/** A client that speaks HTTP/2: many calls at once on one connection. */
export class StreamsClient {
  readonly opened = performance.now();
  port = 0;
  readonly #session: ClientHttp2Session;
  readonly #token: string;

  private constructor(session: ClientHttp2Session, token: string) {
    this.#session = session;
    this.#token = token;
    session.on('error', () => {});
    session.socket.on('connect', () => {
      this.port = session.socket.localPort ?? 0;
    });
  }

  /** Resolves when the connection stands, or has failed: then it is over. */
  static async open(url: URL, token: string): Promise<StreamsClient> {
    const session = connect(`https://127.0.0.1:${url.port}`, { rejectUnauthorized: false });
    const client = new StreamsClient(session, token);
    await new Promise<void>((resolve) => {
      session.once('connect', () => resolve());
      session.once('close', () => resolve());
    });
    return client;
  }

  /** The gateway takes no further call on it. */
  get over(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  /** Makes one call; `cancelAfter` milliseconds the client wants no answer any more. @throws Malformed for what nobody may send. */
  async call(call: SoakCall, cancelAfter?: number): Promise<Outcome> {
    const { id, method, api, deed, size, answering, upload } = call;
    const path = `/${api}/1.0.0/items/${id}?deed=${deed}&size=${size}&answering=${answering}&upload=${upload}`;
    const fields = { ':method': method, ':path': path, authorization: `Bearer ${this.#token}` };
    const length = upload > 0 && id % 2 === 0 ? { 'content-length': upload } : {};
    const stream = this.#session.request({ ...fields, ...length }, { endStream: upload === 0 });
    noteEnd(stream);
    stream.on('error', () => {});
    const cancel =
      cancelAfter === undefined ? undefined : setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), cancelAfter);
    const late = setTimeout(() => stream.destroy(new Error('late')), patience);
    try {
      const [outcome] = await Promise.all([outcomeOf(stream, call), write(stream, call)]);
      if (outcome === 'cut' && cancelAfter !== undefined) return 'left';
      return outcome;
    } finally {
      clearTimeout(cancel);
      clearTimeout(late);
    }
  }

  close(): void {
    this.#session.destroy();
  }
}

/** How the call ended for its stream. */
async function outcomeOf(stream: ClientHttp2Stream, call: SoakCall): Promise<Outcome> {
  let head: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
  let length = 0;
  let stray: string | undefined;
  stream.on('response', (fields) => {
    head = fields;
  });
  // Node tells of the head a little later than of data that came with it: whose body it is shows at the end.
  stream.on('data', (piece: Buffer) => {
    if (!isBody(call.id, 'answer', length, piece)) stray ??= strayOf(call.id, 'answer', length, piece);
    length += piece.length;
  });
  await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return 'refused';
  const status = head[':status'];
  if (status === undefined || !sawEnd(stream) || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return 'cut';
  const cause = head['sluice-cause'];
  if (cause !== undefined) {
    if (!inCatalogue(status, String(cause)))
      throw new Malformed(`${status} with the cause ${cause} is not in the catalogue`);
    return `${status} ${cause}`;
  }
  if (status !== 200) throw new Malformed(`${status} without a cause`);
  if (head['soak-call'] !== String(call.id))
    throw new Malformed(`call ${call.id} got the answer to ${head['soak-call']}`);
  if (stray !== undefined) throw new Malformed(`call ${call.id} got another body ${stray}`);
  if (length < call.size && call.answering === 'close' && call.lostBackend) return 'cut';
  if (call.method !== 'HEAD' && length !== call.size)
    throw new Malformed(`call ${call.id} got ${length} of ${call.size} bytes; ${JSON.stringify(head)}`);
  return '200';
}

async function write(stream: ClientHttp2Stream, { id, upload }: SoakCall): Promise<void> {
  for (let offset = 0; offset < upload && stream.writable; ) {
    const piece = bodyBytes(id, 'request', offset, Math.min(upload - offset, pieceBytes));
    offset += piece.length;
    if (stream.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        stream.off('drain', go).off('close', go);
        resolve();
      };
      stream.on('drain', go).on('close', go);
    });
  }
  if (upload > 0 && stream.writable) stream.end();
}
