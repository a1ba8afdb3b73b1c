import type { KeyObject } from 'node:crypto';
import type { JsonObject, Seal } from '@sluice/model';
import type { SigningKey, Store } from '@sluice/store';
import { keepsVerifying } from './retention.ts';
import { openPrivateKey, openPublicKey } from './signing-key.ts';

/** The signing keys as they stand in the store, read again when they are older than `maximumAge`. */
export interface KeyRing {
  /** The key that signs now. Throws `SealError` when this installation cannot open it. */
  signer(): Promise<{ readonly kid: string; readonly key: KeyObject }>;
  /** The public key of that name; undefined when it never was or verifies no longer. */
  verifier(kid: string): Promise<KeyObject | undefined>;
  /** Public JSON Web Keys, newest first. */
  published(): Promise<JsonObject[]>;
  /** Forgets what was read; the next use reads the store. */
  refresh(): void;
}

interface Loaded {
  readonly at: number;
  readonly keys: readonly SigningKey[];
}

/**
 * @param maximumAge milliseconds; shorter than the delay between announcement and first use of a key,
 *   so that every process that shares the store knows a key before a token of it can arrive.
 * @param longestLifetime seconds of the longest token that needs no mark of its own (see `retention.ts`).
 */
export function createKeyRing(options: {
  store: Store;
  seal: Seal;
  now: () => number;
  maximumAge: number;
  longestLifetime: number;
}): KeyRing {
  const { store, seal, now } = options;
  const privateKeys = new Map<string, KeyObject>();
  const publicKeys = new Map<string, KeyObject>();
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;

  async function load(): Promise<Loaded> {
    const at = now();
    const all = await store.system.signingKeys.list();
    const keys: SigningKey[] = [];
    for (const key of all.sort((a, b) => b.createdTime - a.createdTime))
      if (await keepsVerifying(store.system.values, key, options.longestLifetime, at)) keys.push(key);
    const known = new Set(keys.map((key) => key.kid));
    for (const opened of [privateKeys, publicKeys])
      for (const kid of opened.keys()) if (!known.has(kid)) opened.delete(kid);
    return { at, keys };
  }

  async function current(): Promise<readonly SigningKey[]> {
    if (loaded && now() - loaded.at < options.maximumAge) return loaded.keys;
    loading ??= load().finally(() => {
      loading = undefined;
    });
    loaded = await loading;
    return loaded.keys;
  }

  return {
    async signer() {
      const key = signingNow(await current(), now());
      if (!key) throw new Error('the store holds no signing key');
      const opened = privateKeys.get(key.kid) ?? openPrivateKey(key, seal);
      privateKeys.set(key.kid, opened);
      return { kid: key.kid, key: opened };
    },
    async verifier(kid) {
      const key = (await current()).find((candidate) => candidate.kid === kid);
      if (!key) return undefined;
      const opened = publicKeys.get(kid) ?? openPublicKey(key);
      publicKeys.set(kid, opened);
      return opened;
    },
    published: async () => (await current()).map((key) => key.publicKey),
    refresh() {
      loaded = undefined;
    },
  };
}

/** A retiring key signs up to its `retiredTime`; then the newest takes over. Every process decides alike from the same rows. */
function signingNow(newestFirst: readonly SigningKey[], now: number): SigningKey | undefined {
  const retiring = newestFirst.findLast((key) => key.retiredTime !== null && key.retiredTime > now);
  return retiring ?? newestFirst.find((key) => key.retiredTime === null);
}
