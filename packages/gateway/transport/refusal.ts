/** Why the transport itself refuses a request. `cause` is a key of the error catalogue. */
export interface Refusal {
  readonly status: number;
  readonly cause: string;
  /** What exactly was wrong, for the answer and the log; holds no value of a header. */
  readonly detail: string;
}

export function badRequest(detail: string): Refusal {
  return { status: 400, cause: 'bad-request', detail };
}

export function headersTooLarge(detail: string): Refusal {
  return { status: 431, cause: 'headers-too-large', detail };
}

export function targetTooLong(limit: number): Refusal {
  return { status: 414, cause: 'uri-too-long', detail: `the request target is longer than ${limit} bytes` };
}

export function bodyTooLarge(limit: number): Refusal {
  return { status: 413, cause: 'request-body-too-large', detail: `the request body is larger than ${limit} bytes` };
}

export function requestTimeout(detail: string): Refusal {
  return { status: 408, cause: 'request-timeout', detail };
}

export function unknownCoding(): Refusal {
  return {
    status: 501,
    cause: 'transfer-coding-not-implemented',
    detail: 'chunked is the only transfer coding that is taken',
  };
}

export function methodNotImplemented(): Refusal {
  return { status: 501, cause: 'method-not-implemented', detail: 'CONNECT is not for a gateway' };
}

export function versionNotSupported(): Refusal {
  return { status: 505, cause: 'http-version-not-supported', detail: 'only HTTP/1.0 and HTTP/1.1 are spoken here' };
}
