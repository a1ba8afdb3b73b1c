import { createHmac, randomBytes } from 'node:crypto';

/** Credentials proven of late, so that a REST call with Basic does not cost an argon2 each time. Holds no password, only a hash keyed for this process. */
export interface ProvenCredentials {
  /** The name under which `remember` and `knows` keep user and password. */
  key(organization: string, name: string, password: string): string;
  /** True while the user's stored hash is the one that was proven: a changed password ends it at once, in every process. */
  knows(key: string, passwordHash: string): boolean;
  remember(key: string, passwordHash: string): void;
}

const lifetime = 300_000;
const capacity = 1_000;

/** Forgets after five minutes, and the oldest beyond 1000. */
export function createProvenCredentials(now: () => number): ProvenCredentials {
  const secret = randomBytes(32);
  const proven = new Map<string, { readonly passwordHash: string; readonly until: number }>();
  return {
    key: (organization, name, password) =>
      createHmac('sha256', secret)
        .update(JSON.stringify([organization, name.toLowerCase(), password]))
        .digest('base64url'),
    knows(key, passwordHash) {
      const entry = proven.get(key);
      if (!entry) return false;
      if (entry.until > now() && entry.passwordHash === passwordHash) return true;
      proven.delete(key);
      return false;
    },
    remember(key, passwordHash) {
      proven.delete(key);
      proven.set(key, { passwordHash, until: now() + lifetime });
      for (const oldest of proven.keys()) {
        if (proven.size <= capacity) break;
        proven.delete(oldest);
      }
    },
  };
}
