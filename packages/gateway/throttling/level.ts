import { type ErrorEntry, errors } from '@sluice/model';

/** Where limits hold. */
export type LevelName =
  | 'api'
  | 'operation'
  | 'subscription'
  | 'subscription-burst'
  | 'application'
  | 'application-burst'
  | 'custom'
  | 'backend';

/** One of the places at which a call may meet a limit. */
export interface Level {
  readonly name: LevelName;
  /** Its place among `levels`. */
  readonly index: number;
  /** What a call is told that it refuses (wso2-gateway.md 7.2). */
  readonly error: ErrorEntry;
}

const rows: readonly (readonly [LevelName, ErrorEntry])[] = [
  ['api', errors.apiLimitExceeded],
  ['operation', errors.resourceLimitExceeded],
  ['subscription', errors.subscriptionLimitExceeded],
  ['subscription-burst', errors.subscriptionBurstExceeded],
  ['application', errors.applicationLimitExceeded],
  ['application-burst', errors.applicationBurstExceeded],
  ['custom', errors.customLimitExceeded],
  ['backend', errors.hardLimitExceeded],
];

/** All of them, in the order in which a call meets them (wso2-gateway.md 7.1); deny policies come before. */
export const levels: readonly Level[] = rows.map(([name, error], index) => ({ name, index, error }));

const byName = new Map(levels.map((level) => [level.name, level]));

export function levelOf(name: LevelName): Level {
  return byName.get(name) as Level;
}
