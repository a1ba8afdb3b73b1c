import type { Lease, LeaseRequest } from '../authority.ts';
import { Account } from './account.ts';
import { type RedisLink, reasonOf } from './connect.ts';
import { Membership } from './membership.ts';
import { type Need, readNeed } from './need.ts';
import type { RedisPoolOptions } from './options.ts';
import { type Grant, type Reply, readReply } from './reply.ts';

/** Silence of Redis, while it owes an answer, after which it counts as away, in milliseconds. */
const lateAfter = 400;
/** How long gateways have to come back after Redis was found empty, before what they tell is taken for all there is. */
const settle = 1000;
/** Silence after which Redis holds units back for a gateway that is cut off; the script has the same. */
const cutOffAfter = 2000;
/** Accounts looked at for closed windows at each beat. */
const swept = 20_000;

/** What a shard needs of its pool. */
export interface ShardWays {
  link(): RedisLink | undefined;
  failed(cause: string): void;
  worked(): void;
}

/** The counters of one hash slot. */
export class Shard {
  readonly channel: string;
  private readonly tag: string;
  private readonly options: RedisPoolOptions;
  private readonly ways: ShardWays;
  private readonly membership: Membership;
  private readonly accounts = new Map<string, Account>();
  /** Those with requests that wait. */
  private readonly crowded = new Set<Account>();
  /** Those with something to tell Redis as soon as it is back. */
  private readonly unsaid = new Set<Account>();
  private sweeper = this.accounts.entries();
  private reachable = false;
  private wasReached = false;
  /** It was reached, or failed to be, at least once: until then requests wait a little. */
  private tried = false;
  private closed = false;
  private words = 0;
  /** Until when others may not have told Redis, found empty, what they spent; on the clock of `performance`. */
  private recoversUntil = Number.NEGATIVE_INFINITY;
  /** Questions without an answer, and since when there was none. */
  private unanswered = 0;
  private quietSince = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(tag: string, options: RedisPoolOptions, ways: ShardWays) {
    this.tag = tag;
    this.channel = `sluice:{${tag}}:need`;
    this.options = options;
    this.ways = ways;
    this.membership = new Membership({
      tag,
      home: options.home,
      shares: options.fail === 'local-share',
      forgetAfter: options.forgetAfter,
    });
  }

  request(request: LeaseRequest & { readonly spent: number }, give: (lease: Lease) => void): void {
    const { limit } = request;
    const now = this.membership.clock.now();
    let account = this.accounts.get(request.counter);
    if (account === undefined) {
      account = new Account(
        this.tag,
        request.counter,
        limit.amount,
        limit.window.kind === 'first-call' ? limit.window.millis : 0,
      );
      this.accounts.set(request.counter, account);
    }
    const { clock } = this.membership;
    if (clock.known) account.turn(limit, now);
    if (account.used === 0 && account.difference === 0) account.restored = request.spent;
    if (request.window === account.number && account.number > 0) this.settleUp(account, request);
    if (request.needed > 0) account.wantedAt = now;
    const lease = this.decide(account, request, now);
    if (lease) {
      give(lease);
      return;
    }
    const waiting = {
      request,
      give,
      since: now,
      late: setTimeout(() => {
        account.waiting.splice(account.waiting.indexOf(waiting), 1);
        give(this.refusal(account, now, this.isAway() ? this.policy() : 'pending', 0));
      }, this.options.answerWithin),
    };
    account.waiting.push(waiting);
    this.crowded.add(account);
    this.pursue(account);
  }

  /** Beats; what waits for Redis is looked at when it answers. */
  beat(): void {
    const link = this.ways.link();
    if (this.closed) return;
    this.sweep();
    if (!link?.ready || this.membership.busy) return;
    // What was spent in windows of our own is told before anybody hears that we are back.
    for (const account of this.unsaid) this.tell(link, account, 0, false);
    this.asked();
    this.membership.beat(link).then(
      (outcome) => {
        this.answered();
        this.reached(outcome === 'new');
      },
      (error: Error) => {
        this.answered();
        this.lost(reasonOf(error));
      },
    );
  }

  /** The connection ended, or Redis does not answer: everybody who waits gets the policy's answer. */
  lost(cause: string): void {
    if (this.closed) return;
    this.reachable = false;
    this.tried = true;
    this.ways.failed(cause);
    this.serveAll();
  }

  /** Somebody else needs units that this gateway may hold. */
  hear(text: string): void {
    const need = readNeed(text);
    if (!need || need.asker === this.membership.id || this.closed || !this.membership.clock.known) return;
    const now = this.membership.clock.now();
    const account = this.accountOf(need, now);
    if (!account) return;
    const remaining = this.remaining(account);
    const span = Math.max(1, need.end - need.start);
    const busy = account.waiting.length > 0 || now - account.wantedAt < Math.min(250, span / 10);
    const spare = busy ? (remaining >= 4 ? Math.floor(remaining / 2) : 0) : remaining;
    const empty = spare === remaining;
    if (spare === 0 && !need.recovering && (!empty || account.toldEmpty)) return;
    account.difference -= spare;
    this.say(account, 0, false);
  }

  /** Tells all that was spent and gives the place up. Rejects when not all could be told; others then keep this gateway's part until it is forgotten. */
  async leave(link: RedisLink): Promise<void> {
    this.closed = true;
    this.serveAll();
    if (this.membership.epoch === '') return;
    const now = this.membership.clock.now();
    const open = [...this.accounts.values()].filter(
      ({ end, used, difference }) => end > now && (used > 0 || difference !== 0),
    );
    for (let from = 0; from < open.length; from += 500) {
      await Promise.all(open.slice(from, from + 500).map((account) => this.lastWord(link, account)));
    }
    await this.membership.leave(link);
  }

  close(): void {
    this.closed = true;
    this.reachable = false;
    this.serveAll();
    this.accounts.clear();
  }

  /** What the request reports: units given back, and units owed. */
  private settleUp(account: Account, { returned, owed }: LeaseRequest): void {
    account.used = Math.max(0, account.used - returned);
    if (returned > 0 && account.toldEmpty) {
      // Others may have been told that there is nothing to give back.
      account.toldEmpty = false;
      this.say(account, 0, false);
    }
    if (owed === 0) return;
    account.used += owed;
    const over = -this.remaining(account);
    if (over > 0 && account.alone === 0) {
      account.difference += over;
      this.say(account, 0, false);
    }
  }

  /** The answer, where it can be given now. */
  private decide(account: Account, { needed, returned, owed, limit }: LeaseRequest, since: number): Lease | undefined {
    const { clock } = this.membership;
    if (!clock.known) {
      return this.tried || this.closed ? this.refusal(account, since, this.policy(), limitLength(account)) : undefined;
    }
    const now = clock.now();
    account.turn(limit, now);
    const error = clock.error();
    if (account.start > 0 && account.alone === 0 && (now + error >= account.end || now - error < account.start)) {
      // Which of two windows it is nobody can say.
      return needed > 0 ? undefined : this.refusal(account, since, 'granted', 0);
    }
    if (account.length > 0 && account.start === 0 && this.isAway()) this.openAlone(account, now, error);
    const remaining = Math.max(0, this.remaining(account));
    const small = Math.min(Math.floor(account.amount / (100 * this.membership.members)), Math.floor(remaining / 2));
    if (needed <= remaining && (account.start > 0 || needed > 0)) {
      const units = needed > 0 || (returned === 0 && owed === 0) ? Math.max(needed, small) : 0;
      account.used += units;
      this.fetchAhead(account, now);
      return this.lease(account, since, error, units, 'granted');
    }
    if (needed === 0) return this.lease(account, since, error, 0, 'granted');
    if (account.exhausted) {
      account.used += remaining;
      return this.lease(account, since, error, remaining, 'exhausted');
    }
    // Less than asked for is better than scraps that every gateway keeps while it waits for more.
    account.used += remaining;
    if (remaining > 0) return this.lease(account, since, error, remaining, 'granted');
    return this.isAway() ? this.lease(account, since, error, 0, this.policy()) : undefined;
  }

  private lease(account: Account, since: number, error: number, units: number, outcome: Lease['outcome']): Lease {
    return {
      counter: account.counter,
      window: account.number,
      units,
      left: Math.min(account.amount, account.elsewhere + Math.max(0, this.remaining(account))),
      endsIn: account.start > 0 ? account.end - since - error : account.length,
      outcome,
    };
  }

  private refusal(account: Account, since: number, outcome: Lease['outcome'], endsIn: number): Lease {
    return {
      counter: account.counter,
      window: account.number,
      units: 0,
      left: account.elsewhere,
      endsIn: account.start > 0 ? Math.max(0, account.end - since) : endsIn,
      outcome,
    };
  }

  /** Asks for what those who wait need; where only the time is not clear, looks again when it is. */
  private pursue(account: Account): void {
    if (account.waiting.length === 0) {
      this.crowded.delete(account);
      return;
    }
    if (this.isAway() || !this.membership.clock.known) return;
    const now = this.membership.clock.now();
    const error = this.membership.clock.error();
    if (account.start > 0 && (now + error >= account.end || now - error < account.start)) {
      const clear = (now + error >= account.end ? account.end : account.start) + error - now;
      this.again(account, clear + 0.5);
      return;
    }
    let needed = 0;
    for (const { request } of account.waiting) needed += request.needed;
    needed -= Math.max(0, this.remaining(account));
    if (needed > 0) this.say(account, needed, false);
  }

  private again(account: Account, millis: number): void {
    setTimeout(() => this.serve(account), millis).unref();
  }

  /** Answers those who wait, first come first served. */
  private serve(account: Account): void {
    while (true) {
      const [first] = account.waiting;
      if (!first) break;
      const lease = this.decide(account, first.request, first.since);
      if (!lease) break;
      account.waiting.shift();
      clearTimeout(first.late);
      first.give(lease);
    }
    if (!account.speaking) this.pursue(account);
  }

  private serveAll(): void {
    for (const account of [...this.crowded]) this.serve(account);
  }

  private fetchAhead(account: Account, now: number): void {
    if (account.exhausted || account.speaking || account.start === 0 || now < account.aheadFrom || this.isAway())
      return;
    const { members } = this.membership;
    const low = Math.max(Math.floor(account.amount / (200 * members)), Math.floor(this.wished(account) / 4));
    if (this.remaining(account) >= low) return;
    account.aheadFrom = now + Math.max(20, (account.end - account.start) / 50);
    this.say(account, 0, true);
  }

  /** What this gateway likes to hold of what is left, to live on while Redis is away. */
  private wished(account: Account): number {
    if (this.options.fail !== 'local-share' || account.length > 0) return 0;
    return Math.floor(account.base / this.membership.members);
  }

  private remaining(account: Account): number {
    const most = account.alone > 0 ? account.alone : this.shareOf(account) + account.difference;
    return most - account.used;
  }

  private shareOf(account: Account): number {
    return account.length > 0 ? 0 : this.membership.share(account.base, account.start);
  }

  /** Tells Redis how much this gateway may spend, and asks for more. */
  private say(account: Account, needed: number, ahead: boolean): void {
    const link = this.ways.link();
    if (link && this.membership.epoch !== '' && !this.isAway()) this.tell(link, account, needed, ahead);
    else if (needed === 0) this.unsaid.add(account);
  }

  private tell(link: RedisLink, account: Account, needed: number, ahead: boolean): void {
    if (account.speaking) {
      account.speakAgain = true;
      return;
    }
    const { membership } = this;
    const { id } = membership;
    if (account.alone > 0) {
      // From now on it spends what Redis grants.
      account.difference = account.used;
      account.alone = 0;
    }
    const stated = account.difference;
    const { start } = account;
    const empty = this.remaining(account) <= 0;
    account.speaking = true;
    account.speakAgain = false;
    this.asked();
    link.word(membership.rosterKey, account.recordKey, ...this.wordOf(account, needed, ahead, empty)).then(
      (answer) => {
        account.speaking = false;
        this.answered();
        const reply = readReply(answer);
        if (!reply) this.lost('an answer about a counter could not be read');
        else if (id === membership.id) this.take(account, reply, stated, start, empty);
        else this.serve(account);
      },
      (error: Error) => {
        account.speaking = false;
        this.unsaid.add(account);
        this.answered();
        this.lost(reasonOf(error));
      },
    );
  }

  private wordOf(account: Account, needed: number, ahead: boolean, empty: boolean): (string | number)[] {
    return [
      this.membership.epoch,
      this.membership.id,
      ++this.words,
      account.start,
      account.end,
      account.length,
      account.amount,
      account.base,
      account.difference,
      needed,
      this.wished(account),
      ahead ? 1 : 0,
      empty ? 1 : 0,
      0,
      account.counter,
      this.channel,
      settle,
      account.restored,
    ];
  }

  private async lastWord(link: RedisLink, account: Account): Promise<void> {
    if (account.alone > 0) account.difference = account.used;
    const values = this.wordOf(account, 0, false, true);
    values[8] = account.used;
    values[13] = 1;
    const reply = readReply(await link.word(this.membership.rosterKey, account.recordKey, ...values));
    if (!reply || reply.outcome === 'epoch' || reply.outcome === 'void')
      throw new Error('Redis did not take the last word');
  }

  private take(account: Account, reply: Reply, stated: number, start: number, empty: boolean): void {
    if (reply.outcome === 'epoch') {
      this.unsaid.add(account);
      this.beat();
      return;
    }
    this.unsaid.delete(account);
    if (reply.outcome === 'window') {
      this.beat();
      this.again(account, 2);
      return;
    }
    if (reply.outcome === 'void') {
      account.speakAgain = true;
    } else if (this.enter(account, reply, stated, start)) {
      account.elsewhere = reply.left;
      account.toldEmpty = empty && reply.given === 0;
      if (reply.outcome === 'exhausted') account.exhausted = true;
      if (reply.outcome === 'pending' && reply.given === 0) {
        if (performance.now() < this.recoversUntil) this.letGo(account);
        account.pause = Math.min(16, Math.max(2, account.pause * 2));
        this.again(account, account.pause);
        return;
      }
      account.pause = 0;
    }
    if (account.speakAgain && account.waiting.length === 0) this.say(account, 0, false);
    this.serve(account);
  }

  /** Enters what Redis granted; false where it is of a window that is over. */
  private enter(account: Account, reply: Grant, stated: number, start: number): boolean {
    if (account.length > 0 && reply.start > 0 && reply.start !== account.start) {
      account.open(reply.start, reply.start, reply.end);
      account.difference = reply.difference;
      account.used = reply.difference - reply.given;
      return true;
    }
    if (account.start !== start) return false;
    account.difference += reply.difference - stated;
    account.used += reply.restored;
    if (reply.restored > 0) account.restored = 0;
    return true;
  }

  /** Until all gateways are back after an outage, nobody waits for them: the policy decides, as while Redis was away. */
  private letGo(account: Account): void {
    for (const { late, since, give } of account.waiting.splice(0)) {
      clearTimeout(late);
      give(this.refusal(account, since, this.policy(), 0));
    }
    this.crowded.delete(account);
  }

  private reached(anew: boolean): void {
    const back = !this.reachable;
    // Of the first time there is nothing that others could have to tell again.
    if (anew && back && this.wasReached) this.recoversUntil = performance.now() + settle;
    this.wasReached = true;
    this.reachable = true;
    this.tried = true;
    if (anew) {
      for (const account of this.accounts.values()) {
        account.exhausted = false;
        account.toldEmpty = false;
      }
    }
    this.ways.worked();
    if (!back && !anew) return;
    for (const account of this.unsaid) this.say(account, 0, false);
    this.serveAll();
  }

  private accountOf(need: Need, now: number): Account | undefined {
    let account = this.accounts.get(need.counter);
    if (account && account.length !== need.length) return undefined;
    if (need.start > now + 1000 || (need.end <= now && need.start > 0)) return undefined;
    if (!account) {
      account = new Account(this.tag, need.counter, need.limit, need.length);
      this.accounts.set(need.counter, account);
    }
    if (need.start > account.start && now >= account.end)
      account.open(need.length > 0 ? need.start : 0, need.start, need.end);
    return account.start === need.start || need.length > 0 ? account : undefined;
  }

  /**
   * A window that begins with the first call, while Redis is away: nobody else hears of it. Redis has begun to hold this gateway's share back for every window
   * that could touch it. Two windows of ours may touch one of theirs, so that each has half the share.
   */
  private openAlone(account: Account, now: number, error: number): void {
    const divisor = this.membership.ownDivisor();
    if (divisor === 0 || this.membership.silence() < cutOffAfter + account.length + 2 * error) return;
    if (this.membership.silence() >= this.options.forgetAfter) return;
    const units = divisor === 1 ? account.amount : Math.floor(account.amount / (2 * divisor));
    if (units === 0) return;
    const start = Math.floor(now);
    account.open(start, start, start + account.length);
    account.alone = units;
    account.elsewhere = 0;
    this.unsaid.add(account);
  }

  private policy(): 'away' | 'unbounded' {
    return this.options.fail === 'open' ? 'unbounded' : 'away';
  }

  private isAway(): boolean {
    return this.closed || (this.tried && !this.reachable);
  }

  private asked(): void {
    if (this.unanswered++ > 0) return;
    this.quietSince = performance.now();
    this.watch ??= this.lookIn(lateAfter);
  }

  private answered(): void {
    this.unanswered--;
    this.quietSince = performance.now();
  }

  private lookIn(millis: number): NodeJS.Timeout {
    // What came while this process was busy is read before Redis is called late.
    return setTimeout(() => setImmediate(() => this.look()), millis).unref();
  }

  private look(): void {
    this.watch = undefined;
    if (this.unanswered === 0 || this.closed) return;
    const rest = this.quietSince + lateAfter - performance.now();
    if (rest > 0) this.watch = this.lookIn(rest);
    else if (this.reachable) this.lost(`no answer for ${lateAfter} ms`);
  }

  /** Forgets counters whose windows are over, some at each beat. */
  private sweep(): void {
    const now = this.membership.clock.now();
    for (let i = 0; i < swept; i++) {
      const next = this.sweeper.next();
      if (next.done) {
        this.sweeper = this.accounts.entries();
        return;
      }
      const [counter, account] = next.value;
      const idle = account.start > 0 ? now >= account.end + 1000 : now - account.wantedAt > 10_000;
      if (idle && !account.speaking && account.waiting.length === 0) {
        this.accounts.delete(counter);
        this.unsaid.delete(account);
      }
    }
  }
}

function limitLength(account: Account): number {
  return account.length > 0 ? account.length : 1000;
}
