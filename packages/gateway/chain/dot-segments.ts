/**
 * Whether a path holds `.` or `..` segments, also percent-encoded, with `\` for `/`, or with path parameters (`..;x`). Backends
 * that resolve them would serve another resource than the one that was authorized here, so such paths are refused.
 */
export function hasDotSegments(path: string): boolean {
  if (path.indexOf('/.') === -1 && path.indexOf('%') === -1 && path.indexOf('\\') === -1) return false;
  const plain = path.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c|\\/gi, '/');
  if (!plain.includes('/.')) return false;
  return plain.split('/').some((segment) => {
    const bare = segment.split(';', 1)[0];
    return bare === '.' || bare === '..';
  });
}
