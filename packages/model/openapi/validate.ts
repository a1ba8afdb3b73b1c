import { Worker } from 'node:worker_threads';
import { asObject } from '../endpoints/scalars.ts';
import { errors } from '../errors/catalogue.ts';
import { SluiceError } from '../errors/entry.ts';
import type { Finding } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { type Check, checkDefinition } from './check.ts';
import type { CheckRequest } from './check-worker.ts';
import { basePathOfDefinition } from './extensions.ts';
import { maxDefinitionBytes } from './read.ts';
import { serverUrls } from './servers.ts';
import { type DefinitionVersion, saidVersion, versionOf } from './version.ts';

/** What a publisher is shown of a definition before it becomes an API. */
export interface DefinitionInfo {
  readonly name: string;
  readonly version: string;
  /** From `x-wso2-basePath` or Swagger's `basePath`, without the version; null where the definition has neither. */
  readonly context: string | null;
  readonly description: string | null;
  /** As it stands in the document: `3.0.3`. */
  readonly openAPIVersion: string;
  readonly endpoints: readonly string[];
}

export interface DefinitionReport {
  readonly valid: boolean;
  readonly version: DefinitionVersion | null;
  readonly info: DefinitionInfo | null;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** What an import of this definition fails with; null when it is valid. */
  readonly refusal: SluiceError | null;
  /** The document as read; null when it cannot be. */
  readonly document: JsonObject | null;
}

export interface ValidationLimits {
  /** Bytes; default 10 MiB, WSO2's limit. */
  readonly maxBytes?: number;
  /** Milliseconds that a large document may take; default 20,000. */
  readonly timeout?: number;
}

/** Documents above this many characters are checked in a thread of their own, so that nobody waits for them. */
const inPlaceLimit = 64 * 1024;
/** Megabytes of heap that such a thread may use. */
const maxHeap = 768;

/** One thread at a time: a second large upload waits for the first, and memory stays bounded. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Checks an OpenAPI 3.0 or 3.1 or Swagger 2.0 definition in JSON or YAML. No file and no address is ever read on its behalf: references that leave the document are errors.
 * Never rejects for anything in the text.
 */
export async function validateDefinition(
  source: string | Uint8Array,
  limits: ValidationLimits = {},
): Promise<DefinitionReport> {
  const maxBytes = limits.maxBytes ?? maxDefinitionBytes;
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > maxBytes) {
    return reportOf({
      refusal: { error: 'definitionTooLarge', args: { limit: maxBytes } },
      findings: [],
      document: null,
    });
  }
  const text = typeof source === 'string' ? source : decode(source);
  if (text === undefined) {
    const args = { detail: 'the document is not UTF-8 text' };
    return reportOf({ refusal: { error: 'openapiUnreadable', args }, findings: [], document: null });
  }
  if (text.length <= inPlaceLimit) return reportOf(await checkDefinition(text, maxBytes));
  const check = queue.then(() => checkInThread({ source: text, maxBytes }, limits.timeout ?? 20_000));
  queue = check;
  return reportOf(await check);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Runs the check in a thread. One that takes too long, or too much memory, is ended and the definition refused. */
async function checkInThread(request: CheckRequest, timeout: number): Promise<Check> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: maxHeap },
  });
  const { promise, resolve } = Promise.withResolvers<Check>();
  const refuse = (detail: string) =>
    resolve({ refusal: { error: 'openapiInvalid', args: { detail } }, findings: [], document: null });
  const timer = setTimeout(() => refuse(`checking it took longer than ${timeout} ms`), timeout);
  worker.once('message', (answer: Omit<Check, 'document'> & { document: string | null }) => {
    resolve({ ...answer, document: answer.document === null ? null : (JSON.parse(answer.document) as JsonObject) });
  });
  worker.once('error', (error) => refuse(`it could not be checked (${(error as Error).message})`));
  worker.once('exit', () => refuse('the check ended early'));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function reportOf(check: Check): DefinitionReport {
  const wrong = check.findings.filter((finding) => finding.level === 'error');
  const version = check.document === null ? null : (versionOf(check.document) ?? null);
  const refusal =
    check.refusal === null
      ? null
      : new SluiceError(errors[check.refusal.error], check.refusal.args, {
          details: wrong.map((finding) => ({
            code: errors.openapiInvalid.code,
            message: `${finding.path}: ${finding.value} found, ${finding.expected} expected`,
          })),
        });
  return {
    valid: refusal === null,
    version,
    info: check.document === null || version === null ? null : infoOf(check.document),
    errors: wrong,
    warnings: check.findings.filter((finding) => finding.level === 'warning'),
    refusal,
    document: check.document,
  };
}

function infoOf(document: JsonObject): DefinitionInfo {
  const info = asObject(document.info) ?? {};
  const version = typeof info.version === 'string' ? info.version : '';
  return {
    name: typeof info.title === 'string' ? info.title : '',
    version,
    context: basePathOfDefinition(document, version),
    description: typeof info.description === 'string' ? info.description : null,
    openAPIVersion: saidVersion(document) ?? '',
    endpoints: serverUrls(document),
  };
}
