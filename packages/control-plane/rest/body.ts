import type { Readable } from 'node:stream';
import { errors, type Json, SluiceError } from '@sluice/model';
import type { FastifyRequest } from 'fastify';
import type { DescribedOperation } from './description.ts';
import type { FormFile } from './handler.ts';
import { parseJson } from './json.ts';

/** Bounds of what a request may bring. */
export interface BodyLimits {
  /** Bytes of a JSON body, and of each file or field of a form. */
  readonly bytes: number;
}

/** What came with a request. */
export interface ReadBody {
  /** The media type that was taken, without parameters; null when nothing came. */
  readonly mediaType: string | null;
  readonly json: Json | undefined;
  readonly fields: Record<string, string>;
  readonly files: Record<string, FormFile>;
}

/** Parts of one form. WSO2's largest form has four. */
const mostParts = 40;

const nothing: ReadBody = { mediaType: null, json: undefined, fields: {}, files: {} };

/** Takes the body that an operation describes, and drops one that it does not. Throws 400, 413 and 415 of the catalogue. */
export async function readBody(
  operation: DescribedOperation,
  request: FastifyRequest,
  limits: BodyLimits,
): Promise<ReadBody> {
  const declared = Number(request.headers['content-length'] ?? 0);
  const absent = declared === 0 && request.headers['transfer-encoding'] === undefined;
  if (!operation.body) {
    request.raw.resume();
    return nothing;
  }
  const mediaType = mediaTypeOf(request.headers['content-type']);
  if (absent) return without(operation.body);
  if (!operation.body.media.has(mediaType)) {
    throw new SluiceError(errors.unsupportedMediaType, {
      mediaType: mediaType || 'A body without a content type',
    });
  }
  // A form holds its boundary lines and small fields beside a file of the full size.
  const whole = mediaType === 'multipart/form-data' ? limits.bytes + 1_048_576 : limits.bytes;
  if (declared > whole) throw tooLarge(limits);
  if (mediaType === 'multipart/form-data') return { ...nothing, mediaType, ...(await readForm(request, limits)) };
  const json = parse(await gather(request.raw, limits));
  return json === undefined ? without(operation.body) : { ...nothing, mediaType, json };
}

function without(body: { readonly required: boolean }): ReadBody {
  if (body.required) throw new SluiceError(errors.invalidRequest, { detail: 'The operation needs a body.' });
  return nothing;
}

/** Lower case, without parameters; blank when there is none. */
function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function tooLarge(limits: BodyLimits): SluiceError {
  return new SluiceError(errors.restBodyTooLarge, { limit: limits.bytes });
}

async function gather(stream: Readable, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limits.bytes) chunks.push(chunk);
      else reject(tooLarge(limits));
    });
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
    stream.on('close', () => {
      if (!stream.readableEnded) reject(new SluiceError(errors.invalidRequest, { detail: 'The body ended early.' }));
    });
  });
}

function parse(bytes: Buffer): Json | undefined {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return undefined;
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new SluiceError(errors.malformedJson, { detail: (error as Error).message }, { cause: error });
  }
  // A Go client writes its empty list as null, apictl's undeploy for one.
  return value === null ? undefined : value;
}

async function readForm(request: FastifyRequest, limits: BodyLimits): Promise<Pick<ReadBody, 'fields' | 'files'>> {
  const fields: Record<string, string> = {};
  const files: Record<string, FormFile> = {};
  try {
    const parts = request.parts({
      limits: { fileSize: limits.bytes, fieldSize: limits.bytes, fieldNameSize: 200, parts: mostParts },
    });
    let size = 0;
    for await (const part of parts) {
      if (part.type === 'file') {
        const bytes = await part.toBuffer();
        size += bytes.length;
        files[part.fieldname] ??= { filename: part.filename ?? '', mediaType: part.mimetype, bytes };
      } else {
        // A part that says it is JSON arrives parsed.
        const text = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
        size += text.length;
        if (part.valueTruncated) throw tooLarge(limits);
        fields[part.fieldname] ??= text;
      }
      if (size > limits.bytes + 1_048_576) throw tooLarge(limits);
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    if ((error as { statusCode?: number }).statusCode === 413) throw tooLarge(limits);
    throw new SluiceError(
      errors.invalidRequest,
      { detail: `The form cannot be read: ${(error as Error).message}` },
      { cause: error },
    );
  } finally {
    // Whatever was not read is drained by Node after the answer, so that the client gets to read it.
    request.raw.resume();
  }
  return { fields, files };
}
