import type { ErrorEntry } from './entry.ts';

/**
 * The error catalogue. Codes and statuses are WSO2's wherever it has one; the words are ours.
 * `docs/errors.md` is generated from this table and a test walks it.
 */
export const errors = {
  invalidCredentials: {
    key: 'invalid-credentials',
    code: 900901,
    status: 401,
    message: 'Invalid Credentials',
    description: 'Invalid Credentials. Make sure you have provided the correct security credentials',
    surface: 'gateway',
    remedy: 'Request a new token from the key manager and call again.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Name of a row, as code refers to it. */
export type ErrorName = keyof typeof errors;
