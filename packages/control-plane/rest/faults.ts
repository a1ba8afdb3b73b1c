import { randomUUID } from 'node:crypto';
import { type ErrorEntry, errors, type JsonObject, type Log, SluiceError } from '@sluice/model';
import { ConflictError, MissingReferenceError, StoreUnavailableError } from '@sluice/store';

/** A failure as it is answered. */
export interface Fault {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** WSO2's error body; `code` is a number here and a string at the gateway. */
  readonly body: JsonObject;
}

/**
 * The answer to whatever a request ran into. What is not of the catalogue is logged under an id and answered without its words:
 * they may hold statements, paths or secrets.
 */
export function faultOf(error: unknown, log: Log): Fault {
  const known = recognize(error, log);
  const headers: Record<string, string> = {};
  if (known.entry.status === 401) headers['www-authenticate'] = 'Bearer realm="Sluice"';
  if (known.entry.status === 503) headers['retry-after'] = '1';
  return { status: known.entry.status, headers, body: errorBody(known) };
}

function errorBody(error: SluiceError): JsonObject {
  return {
    code: error.entry.code,
    message: error.entry.message,
    description: error.description,
    // WSO2 leaves this empty; clients compare the body of a refused login as a whole.
    moreInfo: error.entry.status === 401 ? '' : error.entry.remedy,
    error: error.details.map((detail) => ({ code: String(detail.code), message: detail.message })),
  };
}

function recognize(error: unknown, log: Log): SluiceError {
  if (error instanceof SluiceError) {
    if (error.entry.status >= 500) log.warn('a request failed', { cause: error.entry.key, error: error.message });
    return error;
  }
  if (error instanceof StoreUnavailableError) {
    log.error('the store is unavailable', { reason: error.reason, error: error.message });
    return new SluiceError(errors.storeUnavailable, { reason: error.reason }, { cause: error });
  }
  if (error instanceof MissingReferenceError) {
    const detail = 'What the request refers to was removed a moment ago.';
    return new SluiceError(errors.resourceNotFound, { detail }, { cause: error });
  }
  if (error instanceof URIError) {
    return new SluiceError(errors.invalidRequest, { detail: 'The path holds a malformed percent escape.' });
  }
  const framework = frameworkErrors[(error as { code?: string } | null)?.code ?? ''];
  if (framework) return new SluiceError(framework, { detail: (error as Error).message, mediaType: 'The content type' });
  const id = randomUUID();
  log.error('a request failed unexpectedly', {
    id,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...(error instanceof ConflictError ? { rule: error.rule } : {}),
  });
  return new SluiceError(errors.internalError, { id }, { cause: error });
}

/** What Fastify refuses before a handler runs. */
const frameworkErrors: Readonly<Record<string, ErrorEntry>> = {
  FST_ERR_BAD_URL: errors.invalidRequest,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: errors.invalidRequest,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: errors.unsupportedMediaType,
};
