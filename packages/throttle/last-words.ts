import type { LeaseRequest } from './authority.ts';
import type { LeaseBook } from './lease-book.ts';

/** Counters whose units are given back at the end, at most: more than a moment's calls can have left. */
const most = 10_000;

/** Gives back all that is held, of windows that are open: nothing is left there. */
export function* heldIn(books: Iterable<LeaseBook>, now: number): Generator<LeaseRequest> {
  let count = 0;
  for (const book of books) {
    if (now >= book.turnsAt) book.turn(now);
    for (const { key, page, index } of book.rows) {
      const returned = page.left[index] as number;
      const window = book.windowOf(page, index, now);
      if (returned === 0 || window === 0) continue;
      if (count++ === most) return;
      page.left[index] = 0;
      const limit = book.limitOf(page.amount[index] as number);
      yield { counter: book.prefix + key, limit, needed: 0, owed: 0, returned, window };
    }
  }
}
