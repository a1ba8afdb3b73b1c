import type { Exchange } from '../../chain/exchange.ts';

/** What conditions, deny policies and custom rules ask of a call: after the steps that say who calls. */
export type AskedCall = Pick<Exchange, 'call' | 'api' | 'operation' | 'application' | 'token' | 'keyType'>;
