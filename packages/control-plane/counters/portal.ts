import type { CounterDesk } from '@sluice/model';
import { readDescription } from '../rest/description.ts';
import type { Portal } from '../rest/portal.ts';
import { counterHandlers } from './handlers.ts';

/** The REST API of the counters of limits, `/api/sluice/v1`; ours, WSO2 has none. Without a gateway in this program it finds none. */
export function counterPortal(desk: CounterDesk | undefined): Portal {
  return {
    name: 'counters',
    description: readDescription(new URL('counters.json', import.meta.url)),
    handlers: counterHandlers(desk),
  };
}
