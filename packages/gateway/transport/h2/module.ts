import type * as Http2 from 'node:http2';

/** The module of HTTP/2, loaded when the first connection speaks it: a start should not wait for what may never be used. */
export function http2(): typeof Http2 {
  return process.getBuiltinModule('node:http2');
}
