/** What a refusal says, as WSO2 writes it (wso2-gateway.md 7.2); written down here anew, so that the catalogue is held against it. */
export interface Reason {
  readonly status: number;
  readonly code: string;
  readonly cause: string;
  readonly message: string;
  readonly description: string;
}

function exceeded(code: number, cause: string, description = 'You have exceeded your quota'): Reason {
  return { status: 429, code: String(code), cause, message: 'Message throttled out', description };
}

function refusedQuery(status: number, code: number, cause: string, message: string, description: string): Reason {
  return { status, code: String(code), cause, message, description };
}

export const reasons = {
  api: exceeded(900800, 'api-limit-exceeded'),
  hard: {
    status: 503,
    code: '900801',
    cause: 'hard-limit-exceeded',
    message: 'API Limit Reached',
    description: 'API not accepting requests',
  },
  operation: exceeded(900802, 'resource-limit-exceeded'),
  application: exceeded(900803, 'application-limit-exceeded'),
  subscription: exceeded(900804, 'subscription-limit-exceeded'),
  denied: {
    status: 403,
    code: '900805',
    cause: 'request-denied',
    message: 'Message blocked',
    description: 'You have been blocked from accessing the resource',
  },
  custom: exceeded(900806, 'custom-limit-exceeded'),
  subscriptionBurst: exceeded(900807, 'subscription-burst-exceeded'),
  events: exceeded(900808, 'event-limit-exceeded'),
  applicationBurst: exceeded(
    900809,
    'application-burst-exceeded',
    'You have exceeded your application burst limit quota',
  ),
  // wso2-policies-and-kinds.md 3.3; what comes after these words are the numbers.
  tooDeep: refusedQuery(400, 900820, 'graphql-too-deep', 'QUERY TOO DEEP', 'The query is'),
  tooComplex: refusedQuery(400, 900821, 'graphql-too-complex', 'QUERY TOO COMPLEX', 'The complexity of the query is'),
  invalidQuery: refusedQuery(422, 900422, 'graphql-query-invalid', 'INVALID QUERY', ''),
} as const satisfies Readonly<Record<string, Reason>>;

export type ReasonName = keyof typeof reasons;
