import { errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/**
 * RFC 9110 section 7.6.2: OPTIONS and TRACE that may go no further are answered here, others go on with one step less. Stands only in the
 * lists of these two methods.
 */
export function countForwards(exchange: Exchange): boolean {
  const { call, api } = exchange;
  const value = call.head.header('max-forwards');
  if (value === undefined) return true;
  if (!/^\d{1,9}$/.test(value))
    return fail(exchange, errors.badRequest, { detail: 'Max-Forwards is not a plain number.' });
  const left = Number(value);
  if (left > 0) {
    exchange.forwardsLeft = left - 1;
    return true;
  }
  const allow = `Allow: ${(api?.operations.verbs(exchange.plainRest, 0) ?? []).join(', ')}\r\n`;
  if (call.head.method === 'TRACE') return fail(exchange, errors.methodNotAllowed, undefined, { headers: allow });
  exchange.ownHeaders = allow;
  call.reply(200, allow, '');
  return false;
}
