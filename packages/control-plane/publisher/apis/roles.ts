import type { KeyManager } from '@sluice/key-manager';

/** The roles of an organization: those that the REST APIs know, and those that people have. */
export interface RoleBook {
  readonly keyManager: Pick<KeyManager, 'scopesOf' | 'users'>;
  readonly organization: string;
}

const pageSize = 500;

/** Held by everybody without being given. */
const everyone = 'internal/everyone';

/** The first of these roles that does not exist. Names compare without case. */
export async function unknownRole(book: RoleBook, roles: readonly string[]): Promise<string | undefined> {
  const unknown = new Map<string, string>();
  for (const role of roles) {
    const known = role.toLowerCase() === everyone || book.keyManager.scopesOf([role]).size > 0;
    if (!known) unknown.set(role.toLowerCase(), role);
  }
  for (let offset = 0; unknown.size > 0; offset += pageSize) {
    const page = await book.keyManager.users.list(book.organization, { offset, limit: pageSize });
    for (const user of page.items) for (const role of user.roles) unknown.delete(role.toLowerCase());
    if (page.items.length < pageSize) break;
  }
  return unknown.values().next().value;
}
