import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { errors, SluiceError } from '@sluice/model';
import type { FastifyReply } from 'fastify';
import type { DescribedOperation } from './description.ts';
import type { RestResponse } from './handler.ts';

/** Throws 406 when the client takes none of what a success of the operation produces. */
export function negotiate(operation: DescribedOperation, accept: string | undefined): void {
  if (!accept || accept.includes('*/*')) return;
  const produced = [...operation.responses]
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, media]) => [...media.keys()]);
  if (produced.length === 0) return;
  const ranges = accept.split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase() ?? '');
  const taken = produced.some(
    (type) => type === '*/*' || ranges.includes(type) || ranges.includes(`${type.split('/', 1)[0]}/*`),
  );
  if (!taken) throw new SluiceError(errors.notAcceptable, { accept });
}

/** A response in the form it is sent: bytes or a stream. */
export interface Encoded {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | Readable | null;
}

/** JSON is sent as plain `application/json`: some clients compare the whole header. */
export function encode(response: RestResponse): Encoded {
  const headers: Record<string, string> = { ...response.headers };
  const { body } = response;
  if (body === undefined) return { status: response.status, headers, body: null };
  if (body instanceof Readable) return { status: response.status, headers, body };
  if (typeof body === 'string') return { status: response.status, headers, body: Buffer.from(body) };
  if (body instanceof Uint8Array) return { status: response.status, headers, body: Buffer.from(body) };
  headers['content-type'] ??= 'application/json';
  return { status: response.status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** The strong entity tag of a response of an operation that knows 304. */
export function entityTag(operation: DescribedOperation, encoded: Encoded): string | undefined {
  if (encoded.status !== 200 || !operation.responses.has('304') || !(encoded.body instanceof Buffer)) return undefined;
  return `"${createHash('sha1').update(encoded.body).digest('base64url')}"`;
}

/** Adds the entity tag, and answers 304 when the client holds the same (RFC 9110 13.1.2). */
export function revalidate(operation: DescribedOperation, ifNoneMatch: string | undefined, encoded: Encoded): Encoded {
  const tag = entityTag(operation, encoded);
  if (tag === undefined) return encoded;
  const headers = { ...encoded.headers, etag: tag };
  const held = (ifNoneMatch ?? '').split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  if (held.includes(tag) || held.includes('*')) return { status: 304, headers, body: null };
  return { ...encoded, headers };
}

/** Sends. Nothing of ours is to be sniffed, cached by others or framed. */
export function send(reply: FastifyReply, encoded: Encoded): FastifyReply {
  reply.code(encoded.status).headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' });
  reply.headers(encoded.headers);
  return encoded.body === null ? reply.send() : reply.send(encoded.body);
}
