export type * from './api.ts';
export type * from './application.ts';
export type * from './endpoint.ts';
export type * from './environment.ts';
export { type ErrorName, type ErrorSection, errorSections, errors } from './errors/catalogue.ts';
export { describeError, type ErrorArguments, type ErrorEntry, SluiceError } from './errors/entry.ts';
export type * from './json.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export { describeOrigin, type Origin } from './origin.ts';
export type * from './plan.ts';
export {
  type DeployedApi,
  type FeedEvent,
  FeedGapError,
  type FeedSnapshot,
  type FeedSource,
  type RuntimeApplication,
  type RuntimeEntities,
  type RuntimeEntry,
  type RuntimeIssuer,
  type RuntimeKey,
  type RuntimeKind,
  type RuntimeOperation,
  type RuntimeRevocation,
  type RuntimeSubscription,
} from './runtime.ts';
export { type Principal, superOrganization, type User } from './user.ts';
