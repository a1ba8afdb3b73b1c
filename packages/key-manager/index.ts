export { createKeyManager } from './create.ts';
export type * from './key-manager.ts';
export { announcedIssuers, residentKeyManager } from './keys/issuers.ts';
export { SealError } from './keys/seal.ts';
export { builtInRoles, roleScopes } from './scopes/role-scopes.ts';
