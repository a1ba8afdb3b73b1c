import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FeedSnapshot } from '@sluice/model';

/** Characters put together before they are sent. */
const chunkLength = 65_536;

/** Sends a snapshot piece by piece, so that a large one never stands in memory as one text; compressed where the reader takes that. */
export async function sendSnapshot(
  snapshot: FeedSnapshot,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  const text = Readable.from(pieces(snapshot));
  // Speed over size: the reader is usually near.
  await (zipped ? pipeline(text, createGzip({ level: 1 }), response) : pipeline(text, response));
}

function* pieces(snapshot: FeedSnapshot): Iterable<string> {
  const { entries, ...head } = snapshot;
  let piece = `${JSON.stringify(head).slice(0, -1)},"entries":[`;
  for (const [index, entry] of entries.entries()) {
    piece += (index === 0 ? '' : ',') + JSON.stringify(entry);
    if (piece.length < chunkLength) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]}`;
}
