/** Host and optional port as RFC 3986 3.2 allows them for a name, an IPv4 or a bracketed IPv6 address. */
const plainHost = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

/** The base of links in an answer: what the client called, unless its Host header is no plain host. */
export function baseUrlOf(host: string | undefined, protocol: string, fallback: string): string {
  return host !== undefined && plainHost.test(host) ? `${protocol}://${host}` : fallback;
}
