/** How many failed proofs a user name has left. The allowance refills evenly over a minute. */
export interface Attempts {
  /** Takes one; false when none is left. Take before the proof, so that many at once cannot slip through. */
  take(name: string): boolean;
  /** Gives one back after a proof that succeeded. */
  giveBack(name: string): void;
}

const capacity = 10_000;
const minute = 60_000;

/** Names that do not exist are counted alike, so that a refusal does not tell who exists. Keeps 10000 names, the latest used. */
export function createAttempts(perMinute: number, now: () => number): Attempts {
  const left = new Map<string, { count: number; at: number }>();

  function allowance(name: string) {
    const known = left.get(name);
    const at = now();
    const refilled = known ? known.count + ((at - known.at) * perMinute) / minute : perMinute;
    const entry = { count: Math.min(perMinute, refilled), at };
    left.delete(name);
    left.set(name, entry);
    for (const oldest of left.keys()) {
      if (left.size <= capacity) break;
      left.delete(oldest);
    }
    return entry;
  }

  return {
    take(name) {
      const entry = allowance(name);
      if (entry.count < 1) return false;
      entry.count--;
      return true;
    },
    giveBack(name) {
      const entry = allowance(name);
      entry.count = Math.min(perMinute, entry.count + 1);
    },
  };
}
