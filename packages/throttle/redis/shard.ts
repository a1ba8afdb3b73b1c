import type { Lease, LeaseRequest } from '../authority.ts';
import type { Account, Waiting } from './account.ts';
import { Accounts } from './accounts.ts';
import { type RedisLink, reasonOf } from './connect.ts';
import { Membership } from './membership.ts';
import { type Farewell, parseMessage, readFarewell, readNeed, readReset, resetText } from './need.ts';
import type { RedisPoolOptions } from './options.ts';
import { Silence } from './silence.ts';
import { Speaker } from './speaker.ts';
import { Teller } from './teller.ts';

/** Silence of Redis, while it owes an answer, after which it counts as away, in milliseconds. */
const lateAfter = 400;
/** Milliseconds until it is looked again who can be answered, at most. */
const longestPause = 10_000;

/** What a shard needs of its pool. */
export interface ShardWays {
  link(): RedisLink | undefined;
  failed(cause: string): void;
  worked(): void;
  /** A counter was reset at another gateway. */
  wasReset(counter: string): void;
}

/** The counters of one hash slot. */
export class Shard {
  readonly channel: string;
  private readonly options: RedisPoolOptions;
  private readonly ways: ShardWays;
  private readonly membership: Membership;
  private readonly accounts: Accounts;
  private readonly teller: Teller;
  private readonly speaker: Speaker;
  private readonly silence: Silence;
  /** Those with requests that wait. */
  private readonly crowded = new Set<Account>();
  private reachable = false;
  private wasReached = false;
  /** It was reached, or failed to be, at least once: until then requests wait a little. */
  private tried = false;
  private closed = false;

  constructor(tag: string, options: RedisPoolOptions, ways: ShardWays) {
    const { home, fail, forgetAfter } = options;
    this.channel = `sluice:{${tag}}:need`;
    this.options = options;
    this.ways = ways;
    this.accounts = new Accounts(tag);
    this.membership = new Membership({ tag, home, shares: fail === 'local-share', forgetAfter });
    this.silence = new Silence(lateAfter, () => {
      if (this.reachable) this.lost(`no answer for ${lateAfter} ms`);
    });
    const isAway = () => this.isAway();
    this.teller = new Teller(this.membership, options, {
      isAway,
      isYoung: () => !this.tried && !this.closed,
      openedAlone: (account) => this.speaker.remember(account),
      runsLow: (account) => this.speaker.say(account, 0, true),
    });
    this.speaker = new Speaker(this.channel, this.membership, this.teller, this.silence, {
      link: () => ways.link(),
      isAway,
      beat: () => this.beat(),
      lost: (cause) => this.lost(cause),
      serve: (account) => this.serve(account),
      serveIn: (account, millis) => this.serveIn(account, millis),
      letGo: (account) => this.letGo(account),
    });
  }

  request(request: LeaseRequest & { readonly spent: number }, give: (lease: Lease) => void): void {
    const { clock } = this.membership;
    const now = clock.now();
    const account = this.accounts.of(request);
    if (clock.known) account.turn(request.limit, now);
    if (account.used === 0 && account.difference === 0) account.restored = request.spent;
    if (account.number > 0) this.settleUp(account, request);
    if (request.needed > 0) account.wantedAt = now;
    const lease = this.teller.decide(account, request, now);
    if (lease) {
      give(lease);
      return;
    }
    const waiting: Waiting = {
      request,
      give,
      since: now,
      late: setTimeout(() => {
        account.waiting.splice(account.waiting.indexOf(waiting), 1);
        if (account.waiting.length === 0) this.crowded.delete(account);
        give(this.teller.refusal(account, now, this.isAway() ? this.teller.policy : 'pending', 0));
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
    this.accounts.sweep(this.membership.clock.now(), (account) => this.speaker.forget(account));
    if (!link?.ready || this.membership.busy) return;
    // What was spent in windows of our own is told before anybody hears that we are back.
    this.speaker.catchUp(link);
    this.silence.asked();
    this.membership.beat(link).then(
      (outcome) => {
        this.silence.answered();
        this.reached(link, outcome === 'new');
      },
      (error: Error) => {
        this.silence.answered();
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

  /** What this gateway has spent of a counter's open window counts as not spent. */
  reset(counter: string): void {
    const account = this.accounts.find(counter);
    if (account === undefined) return;
    account.used = 0;
    account.restored = 0;
    account.exhausted = false;
    account.toldEmpty = false;
    this.speaker.say(account, 0, false);
    this.serve(account);
  }

  /** Tells the other gateways of a counter that is reset. Rejects where it cannot. */
  async tellReset(link: RedisLink, counter: string): Promise<void> {
    const { rosterKey, id } = this.membership;
    await link.reset(rosterKey, this.accounts.recordKey(counter), this.channel, resetText(counter, id));
  }

  /** Another gateway needs units that this one may hold, has left, or has reset a counter. */
  hear(text: string): void {
    const message = parseMessage(text);
    const reset = readReset(message);
    if (reset !== undefined && reset.asker !== this.membership.id && !this.closed) this.ways.wasReset(reset.counter);
    const farewell = readFarewell(message);
    if (farewell) this.rememberGone(farewell);
    const need = readNeed(message);
    if (!need || need.asker === this.membership.id || this.closed || !this.membership.clock.known) return;
    const now = this.membership.clock.now();
    const account = this.accounts.meant(need, now);
    if (!account) return;
    const remaining = this.teller.remaining(account);
    const span = Math.max(1, need.end - need.start);
    const busy = account.waiting.length > 0 || now - account.wantedAt < Math.min(250, span / 10);
    const spare = busy ? (remaining >= 4 ? Math.floor(remaining / 2) : 0) : remaining;
    const empty = spare === remaining;
    if (spare === 0 && !need.recovering && (!empty || account.toldEmpty)) return;
    account.difference -= spare;
    this.speaker.say(account, 0, false);
  }

  private rememberGone(farewell: Farewell): void {
    const { clock } = this.membership;
    if (this.closed || !clock.known) return;
    const account = this.accounts.meant(farewell, clock.now());
    if (account && account.start === farewell.start) account.gone = { ...account.gone, ...farewell.gone };
  }

  /** Tells all that was spent and gives the place up. Rejects when not all could be told; others then keep this gateway's part until it is forgotten. */
  async leave(link: RedisLink): Promise<void> {
    this.closed = true;
    this.serveAll();
    if (this.membership.epoch === '') return;
    const now = this.membership.clock.now();
    const open = [...this.accounts.all()].filter(
      ({ end, used, difference, gone }) => end > now && (used > 0 || difference !== 0 || gone !== null),
    );
    for (let from = 0; from < open.length; from += 500) {
      await Promise.all(open.slice(from, from + 500).map((account) => this.speaker.lastWord(link, account)));
    }
    await this.membership.leave(link);
  }

  close(): void {
    this.closed = true;
    this.reachable = false;
    this.silence.close();
    this.serveAll();
    this.accounts.clear();
  }

  /** What the request reports: units given back, and units owed. */
  private settleUp(account: Account, { returned, owed, window }: LeaseRequest): void {
    if (owed + returned === 0 || (window !== 0 && window !== account.number)) return;
    const back = window === 0 ? 0 : returned;
    account.used = Math.max(0, account.used - back);
    if (back > 0 && account.toldEmpty) {
      // Others may have been told that there is nothing to give back.
      account.toldEmpty = false;
      this.speaker.say(account, 0, false);
    }
    if (owed === 0) return;
    account.used += owed;
    const over = -this.teller.remaining(account);
    if (over > 0 && account.alone === 0) {
      account.difference += over;
      this.speaker.say(account, 0, false);
    }
  }

  private isAway(): boolean {
    return this.closed || (this.tried && !this.reachable);
  }

  /** Asks for what those who wait need; where only the time is not clear, looks again when it is. */
  private pursue(account: Account): void {
    if (account.waiting.length === 0) {
      this.crowded.delete(account);
      return;
    }
    if (this.isAway() || !this.membership.clock.known) return;
    const unclear = this.teller.untilClear(account);
    if (unclear > 0) {
      this.serveIn(account, unclear + 0.5);
      return;
    }
    let needed = 0;
    for (const { request } of account.waiting) needed += request.needed;
    needed -= Math.max(0, this.teller.remaining(account));
    if (needed > 0) this.speaker.say(account, needed, false);
  }

  private serveIn(account: Account, millis: number): void {
    setTimeout(() => this.serve(account), Math.min(millis, longestPause)).unref();
  }

  /** Answers those who wait, first come first served. */
  private serve(account: Account): void {
    while (true) {
      const [first] = account.waiting;
      if (!first) break;
      const lease = this.teller.decide(account, first.request, first.since);
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

  private letGo(account: Account): void {
    for (const { late, since, give } of account.waiting.splice(0)) {
      clearTimeout(late);
      give(this.teller.refusal(account, since, this.teller.policy, 0));
    }
    this.crowded.delete(account);
  }

  private reached(link: RedisLink, anew: boolean): void {
    const back = !this.reachable;
    // Of the first time there is nothing that others could have to tell again.
    if (anew && back && this.wasReached) this.speaker.recovers();
    this.wasReached = true;
    this.reachable = true;
    this.tried = true;
    if (anew) {
      for (const account of this.accounts.all()) {
        account.exhausted = false;
        account.toldEmpty = false;
      }
    }
    this.ways.worked();
    if (!back && !anew) return;
    this.speaker.catchUp(link);
    this.serveAll();
  }
}
