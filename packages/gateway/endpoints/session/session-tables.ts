import { monotonic } from '../../deadlines/clock.ts';
import { type SessionNews, SessionTable } from './session-table.ts';

/** How processes tell each other about sessions. */
export interface SessionExchange {
  tell(news: SessionNews): void;
  /** `take` hears what others say, and what was said before. */
  watch(take: (news: readonly SessionNews[]) => void): void;
}

/** What is kept of sessions at most, and for how long. */
export interface SessionOptions {
  /** Milliseconds for groups that name none (`synapse.sal.endpoints.sesssion.timeout.default`). */
  readonly timeout: number;
  /** Sessions of one group. */
  readonly most: number;
}

/** Sessions that are heard of for tables that this process does not have yet. */
const mostEarly = 100_000;

/** The sessions of all groups: they outlive a redeployment, as long as the group is told the same about them. */
export class SessionTables {
  readonly #options: SessionOptions;
  readonly #exchange: SessionExchange | undefined;
  /** By API and group; `id` says besides what the group was told. */
  readonly #tables = new Map<string, { readonly id: string; readonly table: SessionTable }>();
  /** What was heard for tables that are not there, by their ids: a process that starts hears of sessions first. */
  readonly #early = new Map<string, SessionNews[]>();
  #earlyCount = 0;

  constructor(options: SessionOptions, exchange?: SessionExchange) {
    this.#options = options;
    this.#exchange = exchange;
    exchange?.watch((news) => this.#take(news));
  }

  /** The table of a group. `timeout` in milliseconds; null takes that of the gateway. */
  of(apiId: string, group: string, type: string, timeout: number | null): SessionTable {
    const place = `${apiId}/${group}`;
    const id = `${place} ${type} ${timeout ?? ''}`;
    const known = this.#tables.get(place);
    if (known?.id === id) return known.table;
    const tell = (key: string, member: string) => this.#exchange?.tell({ table: id, key, member });
    const table = new SessionTable(timeout ?? this.#options.timeout, this.#options.most, tell);
    this.#tables.set(place, { id, table });
    this.#take(this.#takeEarly(id));
    return table;
  }

  /** The API is gone. */
  forget(apiId: string): void {
    for (const place of this.#tables.keys()) if (place.startsWith(`${apiId}/`)) this.#tables.delete(place);
    for (const id of this.#early.keys()) if (id.startsWith(`${apiId}/`)) this.#takeEarly(id);
  }

  #take(all: readonly SessionNews[]): void {
    const now = monotonic();
    for (const news of all) {
      const known = this.#tables.get(news.table.slice(0, news.table.indexOf(' ')));
      if (known?.id === news.table) known.table.take(news.key, news.member, now);
      else this.#keep(news);
    }
  }

  #takeEarly(id: string): readonly SessionNews[] {
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    this.#earlyCount -= early.length;
    return early;
  }

  #keep(news: SessionNews): void {
    if (this.#earlyCount >= mostEarly) return;
    this.#earlyCount++;
    const others = this.#early.get(news.table);
    if (others === undefined) this.#early.set(news.table, [news]);
    else others.push(news);
  }
}
