/** At most this many names are offered. */
const offered = 3;

/**
 * Names close to a misspelled one, closest first: by edit distance (a swap of neighbours counts one; case, hyphens and underscores nothing);
 * where the whole is close to none, by the last member, since a right name in the wrong section is a common slip.
 */
export function nearest(name: string, candidates: Iterable<string>): string[] {
  const wanted = wordOf(name);
  const member = wordOf(lastMember(name));
  const whole: Match[] = [];
  const byMember: Match[] = [];
  for (const candidate of candidates) {
    compare(wanted, wordOf(candidate), limitFor(wanted), candidate, whole);
    if (whole.length === 0 && member.text.length >= 4) {
      compare(member, wordOf(lastMember(candidate)), Math.min(2, limitFor(member)), candidate, byMember);
    }
  }
  const matches = whole.length > 0 ? whole : byMember;
  matches.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return matches.slice(0, offered).map((match) => match.name);
}

interface Match {
  readonly name: string;
  readonly distance: number;
}

/** A name without what does not count, and the set of its letters as bits. */
interface Word {
  readonly text: string;
  readonly letters: number;
}

const words = new Map<string, Word>();

function wordOf(name: string): Word {
  const known = words.get(name);
  if (known !== undefined) return known;
  const text = name.toLowerCase().replace(/[-_']/g, '');
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  const word = { text, letters };
  // Names of the table recur; what people wrote does not fill the memory.
  if (words.size < 4096) words.set(name, word);
  return word;
}

function lastMember(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function limitFor({ text }: Word): number {
  return Math.min(4, Math.max(2, Math.floor(text.length / 6)));
}

function compare(a: Word, b: Word, limit: number, name: string, matches: Match[]): void {
  // One edit changes at most two letters of the set.
  if (bits(a.letters ^ b.letters) > 2 * limit) return;
  const distance = editDistance(a.text, b.text, limit);
  if (distance <= limit) matches.push({ name, distance });
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Optimal string alignment distance; `limit + 1` when it is above `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  const far = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return far;
  let before = new Uint16Array(b.length + 1);
  let previous = Uint16Array.from({ length: b.length + 1 }, (_, index) => index);
  let current = new Uint16Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    current.fill(far);
    current[0] = i;
    let least = i;
    for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      let cost = Math.min((previous[j] ?? far) + 1, (current[j - 1] ?? far) + 1, (previous[j - 1] ?? far) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? far) + 1);
      current[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return far;
    [before, previous, current] = [previous, current, before];
  }
  return Math.min(previous[b.length] ?? far, far);
}
