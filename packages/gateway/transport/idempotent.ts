/** Methods that mean the same sent twice (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** Whether a request of that method may be sent again when nobody knows what became of it. */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}
