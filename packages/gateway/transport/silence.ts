import type { Timeouts } from './options.ts';
import type { BackendFailure } from './sides.ts';

/** A silence of a backend that has a bound. */
export interface Silence {
  readonly timeout: 'backendWriteIdle' | 'firstByte' | 'backendBodyIdle';
  /** Name of its deadline. */
  readonly name: string;
  readonly setting: string;
  readonly words: string;
}

/** While it has yet to take the request, while it has the request and its answer has not begun, and in the middle of its answer. */
export const silences = {
  write: {
    timeout: 'backendWriteIdle',
    name: 'backend-write-idle',
    setting: 'sluice.gateway.backend_write_idle_timeout',
    words: 'the backend took nothing of the request',
  },
  firstByte: {
    timeout: 'firstByte',
    name: 'first-byte',
    setting: 'sluice.gateway.first_byte_timeout',
    words: 'the backend was silent',
  },
  answer: {
    timeout: 'backendBodyIdle',
    name: 'backend-body-idle',
    setting: 'sluice.gateway.backend_body_idle_timeout',
    words: 'the backend was silent in the middle of its answer',
  },
} as const satisfies Record<string, Silence>;

/** What a fault says of a silence that was too long. */
export function tellSilence(
  { timeout, name, setting, words }: Silence,
  timeouts: Timeouts,
): [message: string, deadline: NonNullable<BackendFailure['deadline']>] {
  const value = timeouts[timeout];
  return [`${words} for ${value} ms`, { name, value, setting }];
}
