import { aged, type LeafExchange, type LeafNews } from '@sluice/gateway';

/** States that are kept; one that is forgotten beyond that holds on in the processes that have it. */
const mostHeld = 100_000;

/** A process's place at the board. */
export interface BoardSeat extends LeafExchange {
  /** The process is gone: nothing is told to it any more. What it said holds. */
  leave(): void;
}

type Hear = (news: readonly LeafNews[], gone: readonly string[]) => void;

/**
 * The states of leaves that hold on this machine. What a process tells holds for all, in the order in which it is heard, and is passed on to the
 * others. Only an operator ends what an operator has switched off: a process that tells otherwise is put right.
 */
export class LeafBoard {
  readonly #held = new Map<string, { readonly news: LeafNews; readonly at: number }>();
  readonly #seats = new Set<Hear>();
  readonly #now: () => number;

  /** `now` is a clock of milliseconds that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The process hears at once, with `watch`, what holds by then. */
  join(): BoardSeat {
    let own: Hear = () => {};
    return {
      tell: (all) => this.#tell(all, own),
      forget: (keys) => this.#forget(keys, own),
      watch: (take) => {
        own = take;
        this.#seats.add(own);
        const news = [...this.#held.keys()].flatMap((key) => this.stateOf(key) ?? []);
        if (news.length > 0) take(news, []);
      },
      leave: () => void this.#seats.delete(own),
    };
  }

  /** What was told last of a leaf, as it is now; undefined when it has been active ever since it was deployed. */
  stateOf(key: string): LeafNews | undefined {
    const held = this.#held.get(key);
    return held && aged(held.news, this.#now() - held.at);
  }

  /** An operator takes a leaf out of use, or into use whatever its state was. */
  switch({ key, api, name }: Pick<LeafNews, 'key' | 'api' | 'name'>, on: boolean): void {
    const nothing = { retryIn: 0, remaining: 0, lastDuration: 0, cause: 0, reason: '', age: 0 };
    const news: LeafNews = { key, api, name, status: on ? 'active' : 'off', ...nothing };
    this.#hold(news);
    this.#pass([news], [], null);
  }

  #tell(all: readonly LeafNews[], teller: Hear): void {
    const off = all.filter(({ key }) => this.#held.get(key)?.news.status === 'off');
    const news = all.filter((one) => !off.includes(one));
    for (const one of news) this.#hold(one);
    this.#pass(news, [], teller);
    if (off.length > 0)
      teller(
        off.flatMap(({ key }) => this.stateOf(key) ?? []),
        [],
      );
  }

  #forget(keys: readonly string[], teller: Hear): void {
    for (const key of keys) this.#held.delete(key);
    this.#pass([], keys, teller);
  }

  /** The one that was told last is at the end. */
  #hold(news: LeafNews): void {
    this.#held.delete(news.key);
    this.#held.set(news.key, { news, at: this.#now() });
    if (this.#held.size <= mostHeld) return;
    const [oldest] = this.#held.keys();
    this.#held.delete(oldest as string);
  }

  #pass(news: readonly LeafNews[], gone: readonly string[], except: Hear | null): void {
    if (news.length + gone.length === 0) return;
    for (const hear of this.#seats) if (hear !== except) hear(news, gone);
  }
}
