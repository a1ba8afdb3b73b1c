import type { Account } from './account.ts';
import { type RedisLink, reasonOf } from './connect.ts';
import type { Membership } from './membership.ts';
import { type Grant, type Reply, readReply } from './reply.ts';
import type { Silence } from './silence.ts';
import type { Teller } from './teller.ts';
import { settle, valuesOf } from './word.ts';

/** What a speaker needs of its shard. */
interface SpeakerWays {
  link(): RedisLink | undefined;
  isAway(): boolean;
  /** Redis does not know this gateway, or its time is another one: beat. */
  beat(): void;
  lost(cause: string): void;
  /** Looks again who can be answered. */
  serve(account: Account): void;
  /** The same in so many milliseconds. */
  serveIn(account: Account, millis: number): void;
  /** Nobody waits for this account any longer. */
  letGo(account: Account): void;
}

/** Tells Redis what this gateway may spend of its accounts, asks for more, and enters what is granted. */
export class Speaker {
  private readonly channel: string;
  private readonly membership: Membership;
  private readonly teller: Teller;
  private readonly silence: Silence;
  private readonly ways: SpeakerWays;
  /** Those with something to tell Redis as soon as it is back. */
  private readonly unsaid = new Set<Account>();
  private words = 0;
  /** Until when others may not have told Redis, found empty, what they spent; on the clock of `performance`. */
  private recoversUntil = Number.NEGATIVE_INFINITY;

  constructor(channel: string, membership: Membership, teller: Teller, silence: Silence, ways: SpeakerWays) {
    this.channel = channel;
    this.membership = membership;
    this.teller = teller;
    this.silence = silence;
    this.ways = ways;
  }

  /** Tells how much this gateway may spend, and asks for `needed` more; now, or as soon as Redis is back. */
  say(account: Account, needed: number, ahead: boolean): void {
    const link = this.ways.link();
    if (link && this.membership.epoch !== '' && !this.ways.isAway()) this.tell(link, account, needed, ahead);
    else if (needed === 0) this.unsaid.add(account);
  }

  /** It is to be told of when Redis is back. */
  remember(account: Account): void {
    this.unsaid.add(account);
  }

  forget(account: Account): void {
    this.unsaid.delete(account);
  }

  /** Tells what could not be told before. */
  catchUp(link: RedisLink): void {
    for (const account of this.unsaid) this.tell(link, account, 0, false);
  }

  /** Redis has lost its data: others may still have to tell it what they spent. */
  recovers(): void {
    this.recoversUntil = performance.now() + settle;
  }

  /** All that was spent of an account, told for good. Rejects where it was not taken. */
  async lastWord(link: RedisLink, account: Account): Promise<void> {
    if (account.alone > 0) account.difference = account.used;
    const values = this.valuesOf(account, { needed: 0, ahead: false, empty: true, leaves: true });
    const reply = readReply(await link.word(this.membership.rosterKey, account.recordKey, ...values));
    if (!reply || reply.outcome === 'epoch' || reply.outcome === 'void') {
      throw new Error('Redis did not take the last word');
    }
  }

  private tell(link: RedisLink, account: Account, needed: number, ahead: boolean): void {
    if (account.speaking) {
      account.speakAgain = true;
      return;
    }
    const { membership, silence } = this;
    const { id } = membership;
    if (account.alone > 0) {
      // From now on it spends what Redis grants.
      account.difference = account.used;
      account.alone = 0;
    }
    const stated = account.difference;
    const { start } = account;
    const empty = this.teller.remaining(account) <= 0;
    account.speaking = true;
    account.speakAgain = false;
    silence.asked();
    const values = this.valuesOf(account, { needed, ahead, empty, leaves: false });
    link.word(membership.rosterKey, account.recordKey, ...values).then(
      (answer) => {
        account.speaking = false;
        silence.answered();
        const reply = readReply(answer);
        if (!reply) this.ways.lost('an answer about a counter could not be read');
        else if (id === membership.id) this.take(account, reply, stated, start, empty);
        else this.ways.serve(account);
      },
      (error: Error) => {
        account.speaking = false;
        this.unsaid.add(account);
        silence.answered();
        this.ways.lost(reasonOf(error));
      },
    );
  }

  private valuesOf(
    account: Account,
    word: { readonly needed: number; readonly ahead: boolean; readonly empty: boolean; readonly leaves: boolean },
  ): (string | number)[] {
    const { channel } = this;
    const wished = this.teller.wished(account);
    return valuesOf({ ...word, channel, wished, number: ++this.words }, this.membership, account);
  }

  private take(account: Account, reply: Reply, stated: number, start: number, empty: boolean): void {
    if (reply.outcome === 'epoch') {
      this.unsaid.add(account);
      this.ways.beat();
      return;
    }
    this.unsaid.delete(account);
    if (reply.outcome === 'window') {
      this.ways.beat();
      this.ways.serveIn(account, 2);
      return;
    }
    if (reply.outcome === 'void') {
      account.speakAgain = true;
    } else if (this.enter(account, reply, stated, start)) {
      account.elsewhere = reply.left;
      if (reply.gone !== null) account.gone = { ...account.gone, ...reply.gone };
      account.toldEmpty = empty && reply.given === 0;
      if (reply.outcome === 'exhausted') account.exhausted = true;
      if (reply.outcome === 'pending' && reply.given === 0) {
        // Until all gateways are back after an outage, nobody waits for them: the policy decides, as while Redis was away.
        if (performance.now() < this.recoversUntil) this.ways.letGo(account);
        account.pause = Math.min(16, Math.max(2, account.pause * 2));
        this.ways.serveIn(account, account.pause);
        return;
      }
      account.pause = 0;
    }
    if (account.speakAgain && account.waiting.length === 0) this.say(account, 0, false);
    this.ways.serve(account);
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
}
