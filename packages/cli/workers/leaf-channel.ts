import type { LeafExchange, LeafNews } from '@sluice/gateway';
import type { LeafTelling, LeafTidings } from './messages.ts';

type Take = (news: readonly LeafNews[], gone: readonly string[]) => void;

/**
 * The worker's end of the board of states. What it hears of a leaf that it has told something about since is old: the main process, which puts all that
 * is told into one order, says in each message up to where it had heard this worker.
 */
export class LeafChannel implements LeafExchange {
  readonly #post: (telling: LeafTelling) => void;
  /** The batch in which a leaf was told last, as long as the main process has not said that it heard it. */
  readonly #toldIn = new Map<string, number>();
  /** What came before anybody listened. */
  #waiting: LeafTidings[] | null = [];
  #take: Take = () => {};
  #batches = 0;

  constructor(post: (telling: LeafTelling) => void) {
    this.#post = post;
  }

  tell(news: readonly LeafNews[]): void {
    const batch = ++this.#batches;
    for (const { key } of news) this.#toldIn.set(key, batch);
    this.#post({ kind: 'leaf-states', batch, news, gone: [] });
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#toldIn.delete(key);
    this.#post({ kind: 'leaf-states', batch: ++this.#batches, news: [], gone: keys });
  }

  watch(take: Take): void {
    this.#take = take;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const tidings of waiting) this.take(tidings);
  }

  /** What came over the channel. */
  take(tidings: LeafTidings): void {
    if (this.#waiting !== null) {
      this.#waiting.push(tidings);
      return;
    }
    const { heard, news, gone } = tidings;
    for (const [key, batch] of this.#toldIn) if (batch <= heard) this.#toldIn.delete(key);
    this.#take(
      news.filter(({ key }) => !this.#toldIn.has(key)),
      gone,
    );
  }
}
