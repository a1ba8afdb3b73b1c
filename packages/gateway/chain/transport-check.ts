import { errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** 403 when the API is not offered over the transport that the call came on (wso2-gateway.md 2.6). */
export function checkTransport(exchange: Exchange): boolean {
  const api = exchange.api;
  if (api === null || (exchange.call.secure ? api.overHttps : api.overHttp)) return true;
  return fail(exchange, errors.unsupportedTransport, { transport: exchange.call.secure ? 'https' : 'http' });
}
