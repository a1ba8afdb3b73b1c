/** The organization of the super tenant, and of everything until more are made. */
export const superOrganization = 'carbon.super';

/** A person or machine that signs in with a password. */
export interface User {
  readonly organization: string;
  /** Without the organization's suffix: `admin`, not `admin@carbon.super`. */
  readonly name: string;
  /** argon2id PHC string. */
  readonly passwordHash: string;
  readonly roles: readonly string[];
  readonly createdTime: number;
}

/** A user with its organization, as WSO2 has it in keys: `mary@carbon.super`. */
export function qualifiedUser(user: string, organization: string): string {
  const suffix = `@${organization}`;
  return user.endsWith(suffix) ? user : user + suffix;
}

/** Who makes a request, once proven. */
export interface Principal {
  readonly organization: string;
  /** User name; where an application acts for itself, its owner's, as in WSO2. */
  readonly user: string;
  readonly roles: readonly string[];
  /** OAuth scopes granted to this request. */
  readonly scopes: ReadonlySet<string>;
  /** OAuth client, absent for Basic. */
  readonly clientId?: string;
  /** Token id, absent for Basic. */
  readonly tokenId?: string;
}
