import { errors } from '@sluice/model';
import { retryAfter } from '../endpoints/retry-after.ts';
import { isGroup } from '../endpoints/sender.ts';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** Hands the call to the endpoint tree of its side. */
export function send(exchange: Exchange): boolean {
  const sender = exchange.sender;
  if (sender === null || sender.send(exchange)) return false;
  const kind = isGroup(sender) ? sender.kind : 'HTTP';
  return fail(exchange, errors.noEndpointReady, { kind, name: sender.name }, retryAfter(sender.readyAt));
}
