import { superOrganization } from '@sluice/model';

/** A user of an organization; `name` is without the organization's suffix. */
export interface UserName {
  readonly organization: string;
  readonly name: string;
}

/**
 * Reads `admin`, `admin@carbon.super`, `PRIMARY/admin`, `x@tenant.com`. Only the name of an organization that exists is a suffix;
 * any other `@` is part of the name, so that mail addresses may be user names of the super organization.
 */
export function parseUserName(text: string, organizations: readonly string[]): UserName {
  const plain = text.trim().replace(/^PRIMARY\//i, '');
  const at = plain.lastIndexOf('@');
  const suffix = plain.slice(at + 1).toLowerCase();
  const organization = at > 0 ? organizations.find((name) => name.toLowerCase() === suffix) : undefined;
  return organization ? { organization, name: plain.slice(0, at) } : { organization: superOrganization, name: plain };
}

/** The name with its organization, as tokens carry it: `admin@carbon.super`. */
export const qualifyUserName = (user: UserName): string => `${user.name}@${user.organization}`;
