import { type ErrorEntry, errors } from '@sluice/model';
import type { BackendFault, FaultKind } from '../transport/call.ts';

/** The row of each kind of backend fault (wso2-gateway.md 2.3). */
const rows: Readonly<Record<FaultKind, ErrorEntry>> = {
  'connect-refused': errors.backendConnectionRefused,
  'connect-timeout': errors.backendConnectTimeout,
  dns: errors.backendNameUnresolved,
  proxy: errors.backendProxyFailed,
  tls: errors.backendTlsFailed,
  'pool-full': errors.backendPoolFull,
  'queue-full': errors.backendQueueFull,
  stale: errors.backendConnectionStale,
  closed: errors.backendClosed,
  reset: errors.backendReset,
  protocol: errors.backendProtocolViolation,
  timeout: errors.endpointTimeout,
  'socket-timeout': errors.backendSocketTimeout,
  'response-too-large': errors.backendResponseTooLarge,
};

/** From this protocol state on the backend has all of the request. */
const requestDone = 3;

/** Row and code of a fault: the base, and the ordinal of the protocol state where that is added to it (wso2-gateway.md 2.4). */
export function faultRow({ kind, phase, deadline }: Pick<BackendFault, 'kind' | 'phase' | 'deadline'>): {
  readonly entry: ErrorEntry;
  readonly code: number;
} {
  let entry = rows[kind];
  if (kind === 'timeout' && deadline?.name === 'global') entry = errors.globalTimeout;
  if (kind === 'reset' && phase < requestDone) entry = errors.backendWriteFailed;
  return { entry, code: entry.phases === undefined ? entry.code : entry.code + phase };
}
