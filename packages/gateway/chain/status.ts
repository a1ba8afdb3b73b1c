import { errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** 503 700700: the API is blocked for everybody. Stands only in the list of blocked APIs. */
export function refuseBlocked(exchange: Exchange): boolean {
  return fail(exchange, errors.apiBlocked);
}
