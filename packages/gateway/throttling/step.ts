import type { Exchange } from '../chain/exchange.ts';

/** 429 and the like where a limit is reached. Takes of every counter of the call what it costs, or of none of them. */
export function throttle(exchange: Exchange): boolean {
  return exchange.settings.throttler.admit(exchange);
}

/** 403 900805 for whom a deny policy shuts out, before anything is counted. */
export function refuseDenied(exchange: Exchange): boolean {
  return exchange.snapshot.limits.deny === null || exchange.settings.throttler.letIn(exchange);
}
