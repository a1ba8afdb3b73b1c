import { errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** 403 900910 unless the token has one of the operation's scopes. A test key has them all. */
export function checkScopes(exchange: Exchange): boolean {
  const { token, operation } = exchange;
  if (exchange.testKey || token === null || operation === null) return true;
  const asked = operation.source.scopes;
  for (let i = 0; i < asked.length; i++) if (token.scopes.has(asked[i] as string)) return true;
  return fail(exchange, errors.scopeMissing, { resource: operation.source.target });
}
