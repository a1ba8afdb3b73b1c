/** At most this many names are offered. */
const offered = 3;

/**
 * Names close to a misspelled one, closest first: by edit distance (transpositions count one; case, hyphens and underscores nothing),
 * else those that end in the same member.
 */
export function nearest(name: string, candidates: Iterable<string>): string[] {
  const wanted = plain(name);
  const limit = Math.min(6, Math.max(2, Math.floor(wanted.length / 5)));
  const close: { name: string; distance: number }[] = [];
  const sameMember: string[] = [];
  const member = lastMember(wanted);
  for (const candidate of candidates) {
    const other = plain(candidate);
    const distance = editDistance(wanted, other, limit);
    if (distance <= limit) close.push({ name: candidate, distance });
    else if (member.length >= 4 && lastMember(other) === member) sameMember.push(candidate);
  }
  close.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length);
  return (close.length > 0 ? close.map((item) => item.name) : sameMember).slice(0, offered);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_']/g, '');
}

function lastMember(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Optimal string alignment distance; `limit + 1` when it is above `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = new Array<number>(b.length + 1).fill(limit + 1);
    current[0] = i;
    let least = i;
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    for (let j = from; j <= to; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((previous[j] ?? limit) + 1, (current[j - 1] ?? limit) + 1, (previous[j - 1] ?? limit) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? limit) + 1);
      }
      current[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return Math.min(previous[b.length] ?? limit + 1, limit + 1);
}
