import type { Address } from './address.ts';

/** From the first address to the last, both of them, of one family. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}

/** Many ranges, asked in the time of a binary search. */
export class AddressRanges {
  /** Sorted, without overlaps; first and last in turn. */
  readonly #ipv4: readonly number[];
  readonly #ipv6: readonly bigint[];

  constructor(ranges: readonly AddressRange[]) {
    this.#ipv4 = merge(ranges.filter(({ first }) => typeof first === 'number')) as number[];
    this.#ipv6 = merge(ranges.filter(({ first }) => typeof first === 'bigint')) as bigint[];
  }

  has(address: Address): boolean {
    return typeof address === 'number' ? isIn(this.#ipv4, address) : isIn(this.#ipv6, address);
  }
}

/** The ranges side by side: those that overlap become one. */
function merge(ranges: readonly AddressRange[]): Address[] {
  const merged: Address[] = [];
  for (const { first, last } of ranges.toSorted((one, other) => (one.first < other.first ? -1 : 1))) {
    const end = merged.at(-1);
    if (end === undefined || first > end) merged.push(first, last);
    else if (last > end) merged[merged.length - 1] = last;
  }
  return merged;
}

function isIn(bounds: readonly Address[], address: Address): boolean {
  let low = 0;
  let high = bounds.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[2 * middle + 1] as Address) < address) low = middle + 1;
    else high = middle;
  }
  return 2 * low < bounds.length && (bounds[2 * low] as Address) <= address;
}

/** The range between two texts; undefined where they are no addresses, of two families, or the wrong way round. */
export function rangeOf(first: Address | undefined, last: Address | undefined): AddressRange | undefined {
  if (first === undefined || last === undefined || typeof first !== typeof last || first > last) return undefined;
  return { first, last };
}
