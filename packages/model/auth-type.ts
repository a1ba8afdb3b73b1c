import type { AuthType } from './api.ts';

/** Every spelling that WSO2's versions, exports and `x-auth-type` use; compared lower-cased, blanks and underlines alike. */
const spellings: Readonly<Record<string, AuthType>> = {
  any: 'Any',
  'application & application user': 'Any',
  application: 'Application',
  'application user': 'Application_User',
  none: 'None',
};

/** The auth type that a text means; undefined when it means none. */
export function parseAuthType(text: string): AuthType | undefined {
  const word = text.trim().toLowerCase().replaceAll('_', ' ');
  return Object.hasOwn(spellings, word) ? spellings[word] : undefined;
}

/** The auth type as definitions and the REST APIs write it. */
export function formatAuthType(authType: AuthType): string {
  if (authType === 'Any') return 'Application & Application User';
  return authType === 'Application_User' ? 'Application User' : authType;
}
