/** UTF-16 units from the first to the last, both of them. */
export type Range = readonly [first: number, last: number];

const lastUnit = 0xffff;

const digits: readonly Range[] = [[48, 57]];
const wordCharacters: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const spaces: readonly Range[] = [
  [9, 13],
  [32, 32],
];

/** Everything that is in none of `ranges`. */
export function invertRanges(ranges: readonly Range[]): Range[] {
  const inverted: Range[] = [];
  let next = 0;
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (first > next) inverted.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= lastUnit) inverted.push([next, lastUnit]);
  return inverted;
}

/** The same with the other case of each ASCII letter, as Java's `(?i)`. */
export function foldCase(ranges: readonly Range[]): Range[] {
  const folded: Range[] = [...ranges];
  for (const [first, last] of ranges) {
    add(folded, Math.max(first, 65), Math.min(last, 90), 32);
    add(folded, Math.max(first, 97), Math.min(last, 122), -32);
  }
  return folded;
}

function add(ranges: Range[], first: number, last: number, distance: number): void {
  if (first <= last) ranges.push([first + distance, last + distance]);
}

/** `\d`, `\w`, `\s` and their opposites; undefined for other letters. */
export function classEscape(letter: string): readonly Range[] | undefined {
  switch (letter) {
    case 'd':
      return digits;
    case 'w':
      return wordCharacters;
    case 's':
      return spaces;
    case 'D':
      return invertRanges(digits);
    case 'W':
      return invertRanges(wordCharacters);
    case 'S':
      return invertRanges(spaces);
    default:
      return undefined;
  }
}

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12 };

/** One character behind a backslash, from `offset` on: `\.`, `\t`, `\x41`, `\u0041`. Letters and digits of other meanings are undefined. */
export function escapedCharacter(text: string, offset: number): { code: number; next: number } | undefined {
  const letter = text.charAt(offset);
  const control = controls[letter];
  if (control !== undefined) return { code: control, next: offset + 1 };
  const width = letter === 'x' ? 2 : letter === 'u' ? 4 : 0;
  if (width > 0) {
    const written = text.slice(offset + 1, offset + 1 + width);
    if (written.length !== width || !/^[0-9A-Fa-f]+$/.test(written)) return undefined;
    return { code: Number.parseInt(written, 16), next: offset + 1 + width };
  }
  if (letter === '' || /[A-Za-z0-9]/.test(letter)) return undefined;
  return { code: letter.charCodeAt(0), next: offset + 1 };
}
