import type { HashKey } from '@sluice/model';
import type { Exchange } from '../../chain/exchange.ts';
import type { ClientAddress } from '../../throttling/client-address.ts';
import { cookieOf } from './cookie.ts';

/** Reads what tells calls apart; undefined where a call does not say it. */
export function hashKeyOf(
  { source, name }: HashKey,
  addresses: ClientAddress,
): (exchange: Exchange) => string | undefined {
  switch (source) {
    case 'header': {
      const header = name.toLowerCase();
      return ({ call }) => call.head.header(header);
    }
    case 'cookie':
      return ({ call }) => cookieOf(call.head.header('cookie'), name);
    case 'query':
      return ({ call }) => parameterOf(call.head.query, name);
    case 'address':
      return ({ call }) => addresses.of(call);
  }
}

/** Value of the first parameter of that name as it was sent: what is written in two ways is two values. */
function parameterOf(query: string, name: string): string | undefined {
  let from = 1;
  while (from < query.length) {
    const ampersand = query.indexOf('&', from);
    const end = ampersand === -1 ? query.length : ampersand;
    if (query.startsWith(name, from) && query.charCodeAt(from + name.length) === 0x3d) {
      return query.slice(from + name.length + 1, end);
    }
    from = end + 1;
  }
  return undefined;
}
