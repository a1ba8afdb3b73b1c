import type { SessionExchange, SessionNews } from '@sluice/gateway';

/** Sessions that are told to a process that joins; beyond that the one that was used least recently is forgotten. */
const mostHeld = 100_000;

/** A process's place at the board. */
export interface SessionSeat extends SessionExchange {
  /** The process is gone: nothing is told to it any more. */
  leave(): void;
}

type Hear = (news: readonly SessionNews[]) => void;

/**
 * Which member of a group each session belongs to, for all processes of this machine: what one tells is passed on to the others. Processes let sessions
 * end by themselves, and so the board only bounds their number.
 */
export class SessionBoard {
  readonly #held = new Map<string, SessionNews>();
  readonly #seats = new Set<Hear>();

  /** The process hears at once, with `watch`, of the sessions that are known by then. */
  join(): SessionSeat {
    let own: Hear = () => {};
    return {
      tell: (news) => this.#tell(news, own),
      watch: (take) => {
        own = take;
        this.#seats.add(own);
        if (this.#held.size > 0) take([...this.#held.values()]);
      },
      leave: () => void this.#seats.delete(own),
    };
  }

  #tell(news: SessionNews, teller: Hear): void {
    const id = `${news.table} ${news.key}`;
    this.#held.delete(id);
    if (news.member !== '') this.#held.set(id, news);
    if (this.#held.size > mostHeld) this.#held.delete(this.#held.keys().next().value as string);
    for (const hear of this.#seats) if (hear !== teller) hear([news]);
  }
}
