import type { LeaseRequest } from '../authority.ts';
import { Account, recordKeyOf } from './account.ts';
import type { MeantWindow } from './need.ts';

/** Accounts looked at for closed windows at each beat. */
const swept = 20_000;
/** Milliseconds after its end for which a window is kept, and after its last request for which a counter without one is. */
const keptClosed = 1000;
const keptIdle = 10_000;

/** The accounts of one shard, by counter. */
export class Accounts {
  private readonly tag: string;
  private readonly byCounter = new Map<string, Account>();
  private sweeper = this.byCounter.entries();

  constructor(tag: string) {
    this.tag = tag;
  }

  /** Where Redis keeps a counter of this shard. */
  recordKey(counter: string): string {
    return recordKeyOf(this.tag, counter);
  }

  find(counter: string): Account | undefined {
    return this.byCounter.get(counter);
  }

  /** The account that a request is about; one that is not there is made. */
  of({ counter, limit }: LeaseRequest): Account {
    const length = limit.window.kind === 'first-call' ? limit.window.millis : 0;
    return this.byCounter.get(counter) ?? this.add(counter, limit.amount, length);
  }

  /** The account that another gateway speaks of, in the window it means; undefined where it cannot be. `now` is server time. */
  meant(need: MeantWindow, now: number): Account | undefined {
    let account = this.byCounter.get(need.counter);
    if (account && account.length !== need.length) return undefined;
    if (need.start > now + 1000 || (need.end <= now && need.start > 0)) return undefined;
    account ??= this.add(need.counter, need.limit, need.length);
    if (need.start > account.start && now >= account.end) {
      account.open(need.length > 0 ? need.start : 0, need.start, need.end);
    }
    return account.start === need.start || need.length > 0 ? account : undefined;
  }

  all(): IterableIterator<Account> {
    return this.byCounter.values();
  }

  /** Forgets counters whose windows are over, some at each time; tells which. */
  sweep(now: number, forget: (account: Account) => void): void {
    for (let i = 0; i < swept; i++) {
      const next = this.sweeper.next();
      if (next.done) {
        this.sweeper = this.byCounter.entries();
        return;
      }
      const [counter, account] = next.value;
      const idle = account.start > 0 ? now >= account.end + keptClosed : now - account.wantedAt > keptIdle;
      if (idle && !account.speaking && account.waiting.length === 0) {
        this.byCounter.delete(counter);
        forget(account);
      }
    }
  }

  clear(): void {
    this.byCounter.clear();
  }

  private add(counter: string, amount: number, length: number): Account {
    const account = new Account(this.tag, counter, amount, length);
    this.byCounter.set(counter, account);
    return account;
  }
}
