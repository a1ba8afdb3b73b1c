import type { SessionExchange, SessionNews } from '@sluice/gateway';
import type { SessionTidings } from './messages.ts';

type Take = (news: readonly SessionNews[]) => void;

/** The worker's end of the board of sessions. Nothing waits: the client may be back with its next call in no time, at another worker. */
export class SessionChannel implements SessionExchange {
  readonly #post: (tidings: SessionTidings) => void;
  /** What came before anybody listened. */
  #waiting: SessionNews[] = [];
  #take: Take = (news) => {
    this.#waiting = this.#waiting.concat(news);
  };

  constructor(post: (tidings: SessionTidings) => void) {
    this.#post = post;
  }

  tell(news: SessionNews): void {
    this.#post({ kind: 'sessions', news: [news] });
  }

  watch(take: Take): void {
    this.#take = take;
    take(this.#waiting.splice(0));
  }

  /** What came over the channel. */
  take({ news }: SessionTidings): void {
    this.#take(news);
  }
}
