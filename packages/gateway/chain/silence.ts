import type { DeployedApi } from '@sluice/model';
import type { ClientSilence } from '../transport/call.ts';
import type { Timeouts } from '../transport/options.ts';
import type { Exchange } from './exchange.ts';

/** Whether an API says itself how long its clients may be silent. */
export function hasSilence({ endpoints: { timeouts } }: DeployedApi): boolean {
  return timeouts?.clientBodyIdle !== undefined || timeouts?.clientWriteIdle !== undefined;
}

/** What an API grants its clients; null where that is what the gateway grants all. */
export function compileSilence(api: DeployedApi, gateway: Timeouts): ClientSilence | null {
  if (!hasSilence(api)) return null;
  const { clientBodyIdle, clientWriteIdle } = api.endpoints.timeouts ?? {};
  return {
    bodyIdle: clientBodyIdle ?? gateway.clientBodyIdle,
    writeIdle: clientWriteIdle ?? gateway.clientWriteIdle,
  };
}

/** The API is known, and with it how long the client may be silent. */
export function grantSilence({ call, api }: Exchange): boolean {
  if (api?.silence) call.limitSilence(api.silence);
  return true;
}
