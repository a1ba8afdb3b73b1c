import type { LeafExchange, LeafNews } from '@sluice/gateway';

/** What a leaf is: `active` and `off`, or the rest that it was given with the code that led to it. */
export type Leaf =
  | 'active'
  | 'off'
  | { readonly state: 'suspended'; readonly code: number; readonly millis: number }
  | { readonly state: 'timeout'; readonly code: number; readonly remaining: number };

/** Leaves by name (`prod`, `prod[1]`); those that are not named are active. */
export type Leaves = Readonly<Record<string, Leaf>>;

/** Given a rest for so many milliseconds, WSO2's 30 s where a case says nothing, because of this code. */
export function suspended(code: number, millis = 30_000): Leaf {
  return { state: 'suspended', code, millis };
}

/** Has timed out, and may do so as often again before it is suspended. */
export function timedOut(code: number, remaining: number): Leaf {
  return { state: 'timeout', code, remaining };
}

/** States of leaves as a gateway tells other processes about them, by the key that tells a leaf from what had its name before. */
export class LeafBoard implements LeafExchange {
  readonly #news = new Map<string, LeafNews>();
  #take: (news: readonly LeafNews[], gone: readonly string[]) => void = () => {};

  tell(news: readonly LeafNews[]): void {
    for (const one of news) this.#news.set(one.key, one);
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#news.delete(key);
  }

  watch(take: (news: readonly LeafNews[], gone: readonly string[]) => void): void {
    this.#take = take;
  }

  /** Switches a leaf off or on, as an operator does by way of another process. */
  switch(row: { readonly id: string; readonly key: string; readonly name: string }, on: boolean): void {
    const news: LeafNews = {
      ...{ key: row.key, api: row.id.slice(0, row.id.indexOf('/')), name: row.name, status: on ? 'active' : 'off' },
      ...{ retryIn: 0, remaining: 0, lastDuration: 0, cause: 0, reason: '', age: 0 },
    };
    this.#news.set(row.key, news);
    this.#take([news], []);
  }

  /** Those of these leaves that are not active, by name. */
  restingOf(rows: Iterable<{ readonly key: string; readonly name: string }>): Record<string, Leaf> {
    const found: Record<string, Leaf> = {};
    for (const { key, name } of rows) {
      const leaf = leafOf(this.#news.get(key));
      if (leaf !== 'active') found[name] = leaf;
    }
    return found;
  }
}

function leafOf(news: LeafNews | undefined): Leaf {
  if (news === undefined || news.status === 'active') return 'active';
  if (news.status === 'off') return 'off';
  const { cause, lastDuration, remaining } = news;
  return news.status === 'suspended' ? suspended(cause, lastDuration) : timedOut(cause, remaining);
}
