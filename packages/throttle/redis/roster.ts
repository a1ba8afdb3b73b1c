/** A claim: floor(base / divisor) of each window that starts at `from` (server time) or later; divisor 0 claims nothing. */
export interface Claim {
  readonly from: number;
  readonly divisor: number;
}

/** The members of a shard as a gateway knows them. */
export interface Roster {
  /** As Redis wrote it, to tell it again should it be lost. */
  readonly text: string;
  /** Claims of the gateway itself, oldest first. */
  readonly claims: readonly Claim[];
  /** Members that live. */
  readonly members: number;
}

/** Longest roster that is taken from Redis, in characters. */
const longest = 4_000_000;

/** Reads what the beat script answers; undefined where it is not a roster. */
export function readRoster(text: unknown, id: string): Roster | undefined {
  if (typeof text !== 'string' || text.length > longest) return undefined;
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof members !== 'object' || members === null) return undefined;
  const all = members as Record<string, { readonly l?: unknown; readonly e?: unknown } | undefined>;
  const claims: Claim[] = [];
  const own = all[id]?.l;
  // Lua writes an empty list as an empty object.
  for (const one of Array.isArray(own) ? own : []) {
    if (Array.isArray(one) && typeof one[0] === 'number' && typeof one[1] === 'number') {
      claims.push({ from: one[0], divisor: one[1] });
    }
  }
  let living = 0;
  for (const member of Object.values(all)) if (member?.e === 0) living++;
  return { text, claims, members: living };
}

/** The divisor in force for a window that starts then; 0 where there is no share. */
export function divisorAt(claims: readonly Claim[], start: number): number {
  let divisor = 0;
  for (const claim of claims) {
    if (claim.from > start) break;
    divisor = claim.divisor;
  }
  return divisor;
}
