export { createKeyManager } from './create.ts';
export type * from './key-manager.ts';
export { announcedIssuers, residentKeyManager } from './keys/issuers.ts';
export { builtInRoles, roleScopes } from './scopes/role-scopes.ts';
