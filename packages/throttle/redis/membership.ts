import { randomBytes } from 'node:crypto';
import { ServerClock } from './clock.ts';
import type { RedisLink } from './connect.ts';
import { divisorAt, type Roster, readRoster } from './roster.ts';

/** Milliseconds between two beats. */
export const beatEvery = 500;

interface MembershipOptions {
  /** Hash tag that all keys of the shard have. */
  readonly tag: string;
  readonly home: string;
  readonly shares: boolean;
  readonly forgetAfter: number;
}

/** The place of this gateway among those that share the counters of one shard. */
export class Membership {
  readonly rosterKey: string;
  readonly clock = new ServerClock();
  id: string;
  /** Name of the life of the data that Redis holds; empty before the first beat. */
  epoch = '';
  /** Server time at which that life began: of windows that are older Redis has lost what it knew. */
  born = 0;
  private readonly options: MembershipOptions;
  private roster: Roster | undefined;
  /** Server time of the last beat that Redis took. */
  private heard = 0;
  private joined = false;
  /** A smaller share that Redis was told and has not confirmed; 0 none. Windows that start from `lowerFrom` on get it at once. */
  private lowerTo = 0;
  private lowerFrom = 0;
  private beating = false;

  constructor(options: MembershipOptions) {
    this.options = options;
    this.rosterKey = `sluice:{${options.tag}}:roster`;
    this.id = newId();
  }

  /** Gateways that live, this one among them; 1 while nobody is known. */
  get members(): number {
    return Math.max(1, this.roster?.members ?? 1);
  }

  /** A beat is on its way. */
  get busy(): boolean {
    return this.beating;
  }

  /** Milliseconds since Redis last took a beat; infinite before the first. */
  silence(): number {
    return this.heard === 0 ? Number.POSITIVE_INFINITY : this.clock.now() - this.heard;
  }

  /** Units of a window that may be spent without asking. `base` is what all gateways together have as shares of it. */
  share(base: number, start: number): number {
    if (base === 0 || this.roster === undefined) return 0;
    // Those that were not heard of for so long may have been dropped from the roster, and others have their part.
    if (start >= this.heard + this.options.forgetAfter) return 0;
    let divisor = divisorAt(this.roster.claims, start);
    if (divisor > 0 && this.lowerTo > divisor && start >= this.lowerFrom) divisor = this.lowerTo;
    return divisor > 0 ? Math.floor(base / divisor) : 0;
  }

  /** The divisor of windows that this gateway opens by itself while it is cut off; 0 where it may not. */
  ownDivisor(): number {
    return this.options.shares ? (this.roster?.claims.at(-1)?.divisor ?? 0) : 0;
  }

  /**
   * Tells Redis that this gateway lives, and hears who else does. Resolves to what became of it: `known`, or `new` where Redis knows another life of its data
   * than before. Rejects as the connection does. Not while `busy`.
   */
  async beat(link: RedisLink): Promise<'known' | 'new'> {
    this.beating = true;
    try {
      return await this.exchange(link, '', false);
    } finally {
      this.beating = false;
    }
  }

  /** Gives the place up. Only after all that was spent was told. */
  async leave(link: RedisLink): Promise<void> {
    await this.exchange(link, '', true);
  }

  private async exchange(link: RedisLink, told: string, leave: boolean): Promise<'known' | 'new'> {
    const { home, shares, forgetAfter } = this.options;
    const sent = performance.now();
    const lower = this.lowerTo;
    const answer = await link.beat(
      this.rosterKey,
      home,
      this.id,
      this.joined ? this.epoch : '',
      shares ? 1 : 0,
      lower,
      forgetAfter,
      newId(),
      told,
      leave ? 1 : 0,
      this.clock.known ? Math.floor(this.clock.now()) : 0,
    );
    const received = performance.now();
    if (!Array.isArray(answer)) throw new TypeError('Redis answered a beat with something else');
    switch (answer[0]) {
      case 'tell':
        if (told !== '' || this.roster === undefined) throw new TypeError('Redis asks for a roster twice');
        return this.exchange(link, this.roster.text, leave);
      case 'forgotten':
        this.startAnew();
        return this.exchange(link, '', leave);
      case 'left':
        return 'known';
    }
    const [, now, epoch, born, sharing, text] = answer as unknown[];
    const roster = readRoster(text, this.id);
    const timed = typeof now === 'number' && typeof born === 'number';
    if (!timed || typeof epoch !== 'string' || typeof sharing !== 'number' || roster === undefined) {
      throw new TypeError('Redis answered a beat with something else');
    }
    const anew = epoch !== this.epoch;
    this.clock.measured(sent, received, now, anew);
    this.epoch = epoch;
    this.born = born;
    this.joined = true;
    this.heard = now;
    this.roster = roster;
    const divisor = roster.claims.at(-1)?.divisor ?? 0;
    if (divisor >= this.lowerTo || divisor === 0) this.lowerTo = 0;
    if (divisor > 0 && sharing > divisor && this.lowerTo !== sharing) {
      // A second of slack: what opened just now gets the smaller share too, which is always safe.
      this.lowerTo = sharing;
      this.lowerFrom = this.clock.now() - 1000;
      return (await this.exchange(link, '', leave)) === 'new' || anew ? 'new' : 'known';
    }
    return anew ? 'new' : 'known';
  }

  /** Others took this gateway for dead: it is a new one from now on, without a share in what is open. */
  private startAnew(): void {
    this.id = newId();
    this.joined = false;
    this.roster = undefined;
    this.lowerTo = 0;
  }
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}
