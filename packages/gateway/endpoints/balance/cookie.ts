/** Value of the first cookie of that name in a `Cookie` header (RFC 6265 section 4.2.1); undefined where there is none. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  while (from < header.length) {
    const semicolon = header.indexOf(';', from);
    const end = semicolon === -1 ? header.length : semicolon;
    while (header.charCodeAt(from) === 0x20) from++;
    if (header.startsWith(name, from) && header.charCodeAt(from + name.length) === 0x3d) {
      return header.slice(from + name.length + 1, end).trimEnd();
    }
    from = end + 1;
  }
  return undefined;
}
