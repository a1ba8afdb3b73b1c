import { errors, SluiceError, type User } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { Attempts } from './attempts.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { ProvenCredentials } from './proven-credentials.ts';
import { parseUserName, type UserName } from './user-name.ts';

/** Proves user and password; undefined when either is wrong. Rejects with `tooManyRequests` when the name failed too often or too many wait. */
export type Prove = (username: string, password: string) => Promise<User | undefined>;

/** Longest user name and password that are looked at, in characters. */
export const longestUserName = 255;
export const longestPassword = 1024;

export function createProve(parts: {
  store: Store;
  hasher: PasswordHasher;
  proven: ProvenCredentials;
  attempts: Attempts;
}): Prove {
  const { store, hasher, proven, attempts } = parts;
  const running = new Map<string, Promise<boolean>>();

  async function proof(key: string, name: string, hash: string | undefined, password: string): Promise<boolean> {
    if (!attempts.take(name)) throw new SluiceError(errors.tooManyRequests);
    const same = await hasher.verify(hash, password);
    if (same && hash !== undefined) {
      attempts.giveBack(name);
      proven.remember(key, hash);
    }
    return same;
  }

  return async (username, password) => {
    if (username === '' || username.length > longestUserName || password.length > longestPassword) return undefined;
    const { organization, name } = await findUserName(store, username);
    const user = await store.organization(organization).users.find(name);
    const key = proven.key(organization, name, password);
    if (user && proven.knows(key, user.passwordHash)) return user;
    // Calls with the same credentials at the same moment share one proof.
    let shared = running.get(key);
    if (!shared) {
      const attemptName = `${organization}/${name.toLowerCase()}`;
      shared = proof(key, attemptName, user?.passwordHash, password).finally(() => running.delete(key));
      running.set(key, shared);
    }
    return (await shared) ? user : undefined;
  };
}

/** Reads a user name against the organizations that exist; asks the store only where the name has a suffix. */
export async function findUserName(store: Store, username: string): Promise<UserName> {
  return parseUserName(username, username.includes('@') ? await store.organizations() : []);
}
