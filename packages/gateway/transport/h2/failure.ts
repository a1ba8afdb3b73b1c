import type { BackendFailure } from '../sides.ts';

/** What an error of a backend's session or stream means; null where the stream's own code says more. */
export function failureOf(error: NodeJS.ErrnoException): Pick<BackendFailure, 'kind' | 'message'> | null {
  const { code = '', message } = error;
  if (code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_STREAM_CANCEL') return null;
  if (code === 'ERR_HTTP2_SESSION_ERROR') return { kind: 'reset', message };
  return code.startsWith('ERR_') ? { kind: 'protocol', message } : { kind: 'reset', message: code || message };
}
