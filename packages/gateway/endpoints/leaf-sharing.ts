import { monotonic } from '../deadlines/clock.ts';
import { aged, type LeafExchange, type LeafNews } from './leaf-news.ts';
import type { LeafRecord } from './leaf-records.ts';

/** Milliseconds in which changes gather: a backend that dies fails all the calls that it has, one after the other. */
const gathering = 5;

/** States that are kept of leaves that this process does not have yet. */
const mostEarly = 100_000;

/** Keeps the states of this process's leaves and those of the others alike. */
export class LeafSharing {
  readonly #exchange: LeafExchange;
  readonly #find: (api: string, name: string) => LeafRecord | undefined;
  /** Changed here, and not told yet. */
  readonly #changed = new Set<LeafRecord>();
  /** Others may know something of them. */
  readonly #known = new WeakSet<LeafRecord>();
  /** What was heard of leaves that are not there yet: a process that starts hears of states first. */
  readonly #early = new Map<string, { readonly news: LeafNews; readonly at: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** `find` gives the leaf of an API by its name. */
  constructor(exchange: LeafExchange, find: (api: string, name: string) => LeafRecord | undefined) {
    this.#exchange = exchange;
    this.#find = find;
    exchange.watch((news, gone) => this.#take(news, gone));
  }

  /** A leaf is there now; `isBack` when it has been there before, with the state that it has. */
  began(record: LeafRecord, isBack: boolean): void {
    if (isBack && !record.state.isActive) this.changed(record);
    if (this.#early.size === 0) return;
    const early = this.#early.get(record.key);
    if (early === undefined) return;
    this.#early.delete(record.key);
    this.#known.add(record);
    record.take(aged(early.news, monotonic() - early.at));
  }

  /** Its state changed in this process. Of a leaf that is no more, whose last calls end, nobody needs to hear: nothing would ever end what they heard. */
  changed(record: LeafRecord): void {
    if (this.#find(record.apiId, record.name) !== record) return;
    this.#changed.add(record);
    this.#known.add(record);
    this.#timer ??= setTimeout(() => this.#tell(), gathering).unref();
  }

  /** A leaf is there no more. */
  ended(record: LeafRecord): void {
    this.#changed.delete(record);
    if (this.#known.has(record)) this.#exchange.forget([record.key]);
  }

  #tell(): void {
    this.#timer = undefined;
    const news = [...this.#changed].map((record) => record.news());
    this.#changed.clear();
    if (news.length > 0) this.#exchange.tell(news);
  }

  #take(all: readonly LeafNews[], gone: readonly string[]): void {
    for (const key of gone) this.#early.delete(key);
    for (const news of all) {
      const record = this.#find(news.api, news.name);
      if (record?.key !== news.key) this.#keep(news);
      else if (news.status === 'off' || !this.#changed.has(record)) {
        // What an operator switches off is off, whatever its calls do in this moment.
        this.#changed.delete(record);
        this.#known.add(record);
        record.take(news);
      }
    }
  }

  #keep(news: LeafNews): void {
    if (this.#early.size < mostEarly) this.#early.set(news.key, { news, at: monotonic() });
  }
}
