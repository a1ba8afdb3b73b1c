import type { LeafNews } from '@sluice/gateway';
import type { BoardSeat } from '../endpoints/board.ts';
import type { LeafTelling, LeafTidings } from './messages.ts';

/** Speaks for one worker at the board of states, and sends it what it hears there: the newest of each leaf, in one message for all that happens in a turn. */
export class LeafService {
  readonly #seat: BoardSeat;
  readonly #post: (tidings: LeafTidings) => void;
  #heard = 0;
  readonly #news = new Map<string, LeafNews>();
  readonly #gone = new Set<string>();
  #isDue = false;

  constructor(seat: BoardSeat, post: (tidings: LeafTidings) => void) {
    this.#seat = seat;
    this.#post = post;
    seat.watch((news, gone) => this.#note(news, gone));
  }

  take({ batch, news, gone }: LeafTelling): void {
    this.#heard = batch;
    // What it tells is newer than what waits for it; should it be wrong, the board says so.
    for (const { key } of news) this.#news.delete(key);
    if (news.length > 0) this.#seat.tell(news);
    if (gone.length > 0) this.#seat.forget(gone);
  }

  /** Sends what waits: before anything that is to find it heard. */
  flush(): void {
    this.#isDue = false;
    if (this.#news.size + this.#gone.size === 0) return;
    this.#post({ kind: 'leaf-states', heard: this.#heard, news: [...this.#news.values()], gone: [...this.#gone] });
    this.#news.clear();
    this.#gone.clear();
  }

  /** The worker is gone. */
  close(): void {
    this.#seat.leave();
  }

  #note(news: readonly LeafNews[], gone: readonly string[]): void {
    for (const one of news) {
      this.#news.set(one.key, one);
      this.#gone.delete(one.key);
    }
    for (const key of gone) {
      this.#news.delete(key);
      this.#gone.add(key);
    }
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.flush());
  }
}
