import { errors, SluiceError, type User } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { UserService } from '../key-manager.ts';
import type { PasswordHasher } from './password-hash.ts';
import { findUserName, longestPassword, longestUserName, type Prove } from './prove.ts';

const withEveryone = (roles: readonly string[]) => [...new Set([...roles, 'Internal/everyone'])];

/** Printable, without blanks at the ends, and nothing that other surfaces read as a separator. */
const namePattern = /^[^\s\p{Cc}:/\\"<>|](?:[^\p{Cc}:/\\"<>|]*[^\s\p{Cc}:/\\"<>|])?$/u;

function requireName(name: string): void {
  if (name.length > longestUserName || !namePattern.test(name))
    throw new SluiceError(errors.invalidRequest, {
      detail: 'the user name is blank, too long or has forbidden characters',
    });
}

function requirePassword(password: string): void {
  if (password === '' || password.length > longestPassword)
    throw new SluiceError(errors.invalidRequest, {
      detail: `the password must have 1 to ${longestPassword} characters`,
    });
}

export function createUsers(parts: {
  store: Store;
  hasher: PasswordHasher;
  prove: Prove;
  now: () => number;
}): UserService {
  const { store, hasher } = parts;

  async function change(username: string, changed: (user: User) => User): Promise<boolean> {
    const { organization, name } = await findUserName(store, username);
    return store.transaction(async (tx) => {
      const { users } = tx.organization(organization);
      const user = await users.find(name);
      return user !== undefined && (await users.update(changed(user)));
    });
  }

  async function setPassword(username: string, password: string): Promise<boolean> {
    requirePassword(password);
    const passwordHash = await hasher.hash(password);
    return change(username, (user) => ({ ...user, passwordHash }));
  }

  return {
    async create({ username, password, roles, organization: given }) {
      const { organization, name } = given
        ? { organization: given, name: username }
        : await findUserName(store, username);
      requireName(name);
      requirePassword(password);
      const user: User = {
        organization,
        name,
        passwordHash: await hasher.hash(password),
        roles: withEveryone(roles),
        createdTime: parts.now(),
      };
      await store.organization(organization).users.create(user);
      return user;
    },
    async find(username) {
      const { organization, name } = await findUserName(store, username);
      return store.organization(organization).users.find(name);
    },
    list: (organization, page) => store.organization(organization).users.list(page),
    setRoles: (username, roles) => change(username, (user) => ({ ...user, roles: withEveryone(roles) })),
    setPassword,
    changePassword: async (username, current, next) =>
      (await parts.prove(username, current)) !== undefined && setPassword(username, next),
    async remove(username) {
      const { organization, name } = await findUserName(store, username);
      return store.organization(organization).users.remove(name);
    },
  };
}
