export { ConflictError, StoreUnavailableError } from './errors.ts';
export type * from './store.ts';
