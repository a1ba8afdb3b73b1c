import type { Exchange } from './exchange.ts';

/** More than any id needs; what a client sends in its place must not fill the log. */
const longest = 128;

/** What the client calls this call, to find its records by in several programs; undefined when it gives it no name. */
export function correlationOf({ call, settings }: Exchange): string | undefined {
  return call.head.header(settings.correlationHeader)?.slice(0, longest);
}
