/** What the gateway says of a failure (wso2-gateway.md 2.3 to 2.6, 4.3); written down here anew, so that the catalogue is held against it. */
export interface Reason {
  readonly status: number;
  /** Base code: where `phased`, the ordinal of the state in which it happened is added (wso2-gateway.md 2.4). */
  readonly code: number;
  readonly phased: boolean;
  readonly message: string;
  /** Null where it tells of more than the reason. */
  readonly description: string | null;
}

function fault(status: number, code: number, description: string | null, phased = false): Reason {
  return { status, code, phased, message: 'Runtime Error', description };
}

const connecting = 'Error connecting to the back end';
const sending = 'Error in Sender';

export const reasons = {
  'backend-connection-refused': fault(502, 101503, connecting),
  'backend-name-unresolved': fault(502, 101503, connecting),
  'backend-connect-timeout': fault(504, 101508, connecting),
  'backend-tls-failed': fault(502, 101500, connecting, true),
  'backend-proxy-failed': fault(502, 101503, connecting),
  'backend-pool-full': fault(503, 101504, 'No available connections to serve the request'),
  'backend-queue-full': fault(503, 101504, 'Number of queued messages exceeds the limit'),
  'backend-write-failed': fault(502, 101500, sending, true),
  'backend-reset': fault(502, 101500, sending, true),
  'backend-closed': fault(502, 101505, sending, true),
  'backend-connection-stale': fault(502, 101505, sending, true),
  'backend-protocol-violation': fault(502, 101506, sending, true),
  'backend-socket-timeout': fault(504, 101504, sending, true),
  'endpoint-timeout': fault(504, 101504, 'Send timeout'),
  'global-timeout': fault(504, 101504, 'Send timeout'),
  'http-endpoint-not-ready': fault(503, 303001, null),
  'address-endpoint-not-ready': fault(503, 303001, null),
  'wsdl-endpoint-not-ready': fault(503, 303002, null),
  'no-endpoint-ready': fault(503, 303000, null),
  'endpoint-unresolved': fault(500, 305100, null),
  'endpoint-address-missing': fault(400, 400, null),
  'endpoint-address-refused': fault(403, 403, null),
  'endpoint-kind-unsupported': { ...fault(501, 501, null), message: 'Not Implemented' },
  'session-endpoint-not-ready': fault(503, 309001, null),
  'session-path-invalid': fault(502, 309002, null),
  'session-failed': fault(502, 309003, null),
  'backend-response-too-large': {
    status: 502,
    code: 502,
    phased: false,
    message: 'Response Entity Too Large',
    description: null,
  },
} as const satisfies Readonly<Record<string, Reason>>;

export type ReasonName = keyof typeof reasons;

/** The code of a cause in that phase. */
export function codeOf(cause: ReasonName, phase: number): number {
  const { code, phased } = reasons[cause];
  return phased ? code + phase : code;
}

/** Whether a backend was at fault, so that the story of the call tells of an attempt that failed like that. */
export function isBackendFault(cause: ReasonName): boolean {
  const { code } = reasons[cause];
  return (code >= 101000 && code <= 102511) || cause === 'backend-response-too-large';
}
