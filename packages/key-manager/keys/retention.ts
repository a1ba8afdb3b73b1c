import type { SigningKey, SystemStore } from '@sluice/store';

/** Seconds a token may outlive the configured lifetimes, by class; a class is marked once per key, so marks never race. */
const classes = [
  { name: 'year', seconds: 366 * 86_400 },
  { name: 'ever', seconds: Number.POSITIVE_INFINITY },
] as const;

/** Seconds that processes may sign with a key after it retired, because they read the store now and then only. */
const stragglers = 300;

const markName = (kid: string, name: string) => `key-manager.signing-key.${kid}.outlived-by.${name}`;

/** Whether tokens of the key may still live: retired, plus the longest lifetime of what it signed. */
export async function keepsVerifying(
  values: SystemStore['values'],
  key: SigningKey,
  longestLifetime: number,
  now: number,
): Promise<boolean> {
  if (key.retiredTime === null) return true;
  const retiredSince = (now - key.retiredTime) / 1000 - stragglers;
  if (retiredSince <= longestLifetime) return true;
  for (const { name, seconds } of classes)
    if (retiredSince <= seconds && (await values.get(markName(key.kid, name))) === true) return true;
  return false;
}

/** Remembers that keys signed tokens which outlive the configured lifetimes (`validitySeconds` of a caller, lifetimes of a client). */
export function createRetentionMarks(values: SystemStore['values'], longestLifetime: number) {
  const marked = new Set<string>();
  return async (kid: string, lifetime: number): Promise<void> => {
    if (lifetime <= longestLifetime) return;
    const name = classes.find((candidate) => lifetime <= candidate.seconds)?.name ?? 'ever';
    const mark = markName(kid, name);
    if (marked.has(mark)) return;
    await values.set(mark, true);
    marked.add(mark);
  };
}
