import type { Lease, LeaseRequest } from '../authority.ts';
import type { Account } from './account.ts';
import type { Membership } from './membership.ts';
import type { RedisPoolOptions } from './options.ts';

/** Silence after which Redis holds units back for a gateway that is cut off; the script has the same. */
const cutOffAfter = 2000;

/** What a teller needs of its shard. */
interface TellerWays {
  /** Redis does not answer. */
  isAway(): boolean;
  /** Redis has not been reached yet, and may be any moment. */
  isYoung(): boolean;
  /** This gateway has opened a window that nobody else knows of. */
  openedAlone(account: Account): void;
  /** Little is left of what this gateway holds. */
  runsLow(account: Account): void;
}

/** Hands out what this gateway may spend by itself. */
export class Teller {
  private readonly membership: Membership;
  private readonly options: Pick<RedisPoolOptions, 'fail' | 'forgetAfter'>;
  private readonly ways: TellerWays;

  constructor(membership: Membership, options: Pick<RedisPoolOptions, 'fail' | 'forgetAfter'>, ways: TellerWays) {
    this.membership = membership;
    this.options = options;
    this.ways = ways;
  }

  /** The answer to a request, where it can be given now; undefined: wait for Redis. `since` is the server time at which it was made. */
  decide(account: Account, request: LeaseRequest, since: number): Lease | undefined {
    const { needed, returned, owed, limit } = request;
    const { clock, members } = this.membership;
    if (!clock.known) {
      return this.ways.isYoung() ? undefined : this.refusal(account, since, this.policy, account.length || 1000);
    }
    const now = clock.now();
    const error = clock.error();
    account.turn(limit, now);
    // Which of two windows it is nobody can say.
    if (account.alone === 0 && this.untilClear(account) > 0) {
      return needed > 0 ? undefined : this.refusal(account, since, 'granted', 0);
    }
    if (account.length > 0 && account.start === 0 && this.ways.isAway()) this.openAlone(account, now, error);
    const remaining = Math.max(0, this.remaining(account));
    const small = Math.min(Math.floor(account.amount / (100 * members)), Math.floor(remaining / 2));
    if (needed <= remaining && (account.start > 0 || needed > 0)) {
      const units = needed > 0 || (returned === 0 && owed === 0) ? Math.max(needed, small) : 0;
      account.used += units;
      if (this.isLow(account, now)) this.ways.runsLow(account);
      return this.lease(account, since, error, units, 'granted');
    }
    if (needed === 0) return this.lease(account, since, error, 0, 'granted');
    account.used += remaining;
    if (account.exhausted) return this.lease(account, since, error, remaining, 'exhausted');
    // Less than asked for is better than scraps that every gateway keeps while it waits for more.
    if (remaining > 0) return this.lease(account, since, error, remaining, 'granted');
    return this.ways.isAway() ? this.lease(account, since, error, 0, this.policy) : undefined;
  }

  /** Nothing. `endsIn` counts where no window is open. */
  refusal(account: Account, since: number, outcome: Lease['outcome'], endsIn: number): Lease {
    return {
      counter: account.counter,
      window: account.number,
      units: 0,
      left: account.elsewhere,
      endsIn: account.start > 0 ? Math.max(0, account.end - since) : endsIn,
      outcome,
    };
  }

  /** What becomes of requests while Redis is away. */
  get policy(): 'away' | 'unbounded' {
    return this.options.fail === 'open' ? 'unbounded' : 'away';
  }

  /** Units that may be spent without asking; below 0 where more was spent. */
  remaining(account: Account): number {
    const share = account.length > 0 ? 0 : this.membership.share(account.base, account.start);
    const most = account.alone > 0 ? account.alone : share + account.difference;
    return most - account.used;
  }

  /** What this gateway likes to hold of what is left, to live on while Redis is away. */
  wished(account: Account): number {
    if (this.options.fail !== 'local-share' || account.length > 0) return 0;
    return Math.floor(account.base / this.membership.members);
  }

  /** Milliseconds until it is clear that the account's window is open, or over; 0 where it is clear now. */
  untilClear(account: Account): number {
    const now = this.membership.clock.now();
    const error = this.membership.clock.error();
    if (account.start === 0) return 0;
    if (now + error >= account.end) return Math.max(1, account.end + error - now);
    return now - error < account.start ? account.start + error - now : 0;
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

  /** So little is left that more is worth asking for; not again at once. */
  private isLow(account: Account, now: number): boolean {
    if (account.exhausted || account.speaking || account.start === 0) return false;
    if (now < account.aheadFrom || this.ways.isAway()) return false;
    const { members } = this.membership;
    const low = Math.max(Math.floor(account.amount / (200 * members)), Math.floor(this.wished(account) / 4));
    if (this.remaining(account) >= low) return false;
    account.aheadFrom = now + Math.max(20, (account.end - account.start) / 50);
    return true;
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
    this.ways.openedAlone(account);
  }
}
