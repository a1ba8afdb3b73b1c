/** Letters, digits, `-`, `.`, `_` and `~` (RFC 3986 section 2.3), percent-encoded. */
const escaped = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi;

/**
 * The path with characters that need no percent-encoding as they are: `/%61dmin` and `/admin` name one resource (RFC 3986 section
 * 6.2.2.2), and backends serve one for the other, so that what guards the second must guard the first.
 */
export function plainUnreserved(path: string): string {
  if (path.indexOf('%') === -1) return path;
  return path.replace(escaped, (text) => String.fromCharCode(Number.parseInt(text.slice(1), 16)));
}
