import { authenticationErrors } from './authentication.ts';
import { backendErrors } from './backend.ts';
import type { ErrorEntry } from './entry.ts';
import { oauthErrors } from './oauth.ts';
import { restErrors } from './rest.ts';
import { restApiErrors } from './rest-apis.ts';
import { restConsumerErrors } from './rest-consumers.ts';
import { restThrottlingErrors } from './rest-throttling.ts';
import { routingErrors } from './routing.ts';
import { throttlingErrors } from './throttling.ts';
import { transportErrors } from './transport.ts';

/**
 * The error catalogue. Codes and statuses are WSO2's wherever it has one, except where the design deviates on purpose
 * (backend faults are 502, 503 and 504; the gateway's compatibility switch restores 500). Short messages that are wire format are kept; the other words are ours.
 * `docs/errors.md` is generated from this table and a test walks it. Rows stand in the file of their section.
 */
export const errors = {
  ...transportErrors,
  ...routingErrors,
  ...authenticationErrors,
  ...throttlingErrors,
  ...backendErrors,
  ...restErrors,
  ...restApiErrors,
  ...restConsumerErrors,
  ...restThrottlingErrors,
  ...oauthErrors,
} as const satisfies Record<string, ErrorEntry>;

/** Name of a row, as code refers to it. */
export type ErrorName = keyof typeof errors;

/** A part of the catalogue, as the generated page shows it. */
export interface ErrorSection {
  readonly title: string;
  readonly rows: Readonly<Record<string, ErrorEntry>>;
}

/** The catalogue by section, in the order of the page. */
export const errorSections: readonly ErrorSection[] = [
  { title: 'Gateway: reading the request', rows: transportErrors },
  { title: 'Gateway: finding the API', rows: routingErrors },
  { title: 'Gateway: authentication and subscription', rows: authenticationErrors },
  { title: 'Gateway: throttling', rows: throttlingErrors },
  { title: 'Gateway: backends', rows: backendErrors },
  { title: 'REST APIs: every operation', rows: restErrors },
  { title: 'REST APIs: APIs, lifecycle, revisions', rows: restApiErrors },
  { title: 'REST APIs: applications, subscriptions, keys', rows: restConsumerErrors },
  { title: 'REST APIs: plans, deny policies, custom rules', rows: restThrottlingErrors },
  { title: 'OAuth and client registration', rows: oauthErrors },
];
