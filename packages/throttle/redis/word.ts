import type { Account } from './account.ts';
import type { Membership } from './membership.ts';

/** How long gateways have to come back after Redis was found empty, before what they tell is taken for all there is, in milliseconds. */
export const settle = 1000;

/** What a gateway tells of one account. */
export interface Word {
  /** Grows from word to word: an older one is void. */
  readonly number: number;
  /** Units that it needs, and what it likes to hold. */
  readonly needed: number;
  readonly wished: number;
  readonly ahead: boolean;
  /** It holds nothing that it could give back. */
  readonly empty: boolean;
  /** It is the last one: from now on the gateway has spent what it says, and holds nothing. */
  readonly leaves: boolean;
  /** Where others hear what is needed. */
  readonly channel: string;
}

/** The values of the word script behind its keys. */
export function valuesOf(word: Word, { epoch, id, born }: Membership, account: Account): (string | number)[] {
  return [
    epoch,
    id,
    word.number,
    account.start,
    account.end,
    account.length,
    account.amount,
    account.base,
    word.leaves ? account.used : account.difference,
    word.needed,
    word.wished,
    word.ahead ? 1 : 0,
    word.empty ? 1 : 0,
    word.leaves ? 1 : 0,
    account.counter,
    word.channel,
    settle,
    account.restored,
    account.gone !== null && (word.leaves || account.start < born) ? JSON.stringify(account.gone) : '',
    account.gone === null ? 0 : Object.keys(account.gone).length,
  ];
}
