import type { FaultDetails } from '../chain/fault.ts';
import { monotonic } from '../deadlines/clock.ts';

/** Tells the client when another attempt may succeed, where that is known: whole seconds, rounded up, at least 1. */
export function retryAfter(readyAt: number): FaultDetails {
  if (readyAt === Number.POSITIVE_INFINITY) return {};
  return { retryAfter: Math.max(1, Math.ceil((readyAt - monotonic()) / 1000)) };
}
