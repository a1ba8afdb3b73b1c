import { type ErrorEntry, errors } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** Chooses the side of the API by the key type, or says that it serves no such key (wso2-gateway.md 5.4). Leaves `sender`. */
export function chooseSide(exchange: Exchange): boolean {
  const { api, settings, keyType } = exchange;
  if (api === null) return fail(exchange, errors.noApi);
  const wrongGateway = refusedBy(settings.environmentType, keyType);
  if (wrongGateway !== null && exchange.token !== null) return fail(exchange, wrongGateway);
  const anonymous = exchange.token === null;
  const own = keyType === 'PRODUCTION' ? api.production : api.sandbox;
  // Nobody offered a key, so none is wrong: an open operation goes to the side that there is.
  exchange.sender = own ?? (anonymous ? api.sandbox : null);
  if (exchange.sender !== null) return true;
  if (api.production === null && api.sandbox === null) {
    return fail(exchange, errors.endpointUnresolved, { name: api.label, detail: 'the API has no endpoint' });
  }
  return fail(exchange, keyType === 'PRODUCTION' ? errors.productionKeyUnserved : errors.sandboxKeyUnserved);
}

function refusedBy(
  environment: 'hybrid' | 'production' | 'sandbox',
  keyType: 'PRODUCTION' | 'SANDBOX',
): ErrorEntry | null {
  if (environment === 'production' && keyType === 'SANDBOX') return errors.sandboxKeyOnProductionGateway;
  if (environment === 'sandbox' && keyType === 'PRODUCTION') return errors.productionKeyOnSandboxGateway;
  return null;
}
