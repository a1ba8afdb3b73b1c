import { errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** 405 with `Allow` when other verbs are defined for the path, else 404. */
export function refuseMismatch(exchange: Exchange): boolean {
  const verbs = exchange.api?.operations.verbs(exchange.plainRest, 0) ?? [];
  if (verbs.length === 0) return fail(exchange, errors.noResource);
  return fail(exchange, errors.methodNotAllowed, undefined, { headers: `Allow: ${verbs.join(', ')}\r\n` });
}
