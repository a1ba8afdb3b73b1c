import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import type { FeedSnapshot } from '@sluice/model';

/** Characters put together before they are sent. */
const chunkLength = 65_536;

/**
 * Sends a snapshot piece by piece, so that a large one never stands in memory as one text; compressed where the reader takes that.
 * While it is still being taken, a blank line goes out every `heartbeat` milliseconds: JSON may begin with blanks, and the reader
 * knows that it is not waiting for the dead. Rejects before the head is sent when taking fails by then.
 */
export async function sendSnapshot(
  taking: Promise<FeedSnapshot>,
  request: IncomingMessage,
  response: ServerResponse,
  heartbeat: number,
): Promise<void> {
  await Promise.race([taking, pause(heartbeat, undefined, { ref: false })]);
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  const text = Readable.from(pieces(taking, heartbeat));
  if (!zipped) return pipeline(text, response);
  // Speed over size: the reader is usually near. Each piece is flushed, or a blank line would stay behind.
  await pipeline(text, createGzip({ level: 1, flush: constants.Z_SYNC_FLUSH }), response);
}

async function* pieces(taking: Promise<FeedSnapshot>, heartbeat: number): AsyncIterable<string> {
  let snapshot: FeedSnapshot | undefined;
  while (snapshot === undefined) {
    snapshot = await Promise.race([taking, pause(heartbeat, undefined, { ref: false })]);
    if (snapshot === undefined) yield '\n';
  }
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
