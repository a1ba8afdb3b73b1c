import { Charges } from '@sluice/throttle';
import type { Exchange } from '../chain/exchange.ts';
import type { CompiledOperation } from '../snapshot/api.ts';
import type { Allowance } from './allowance.ts';
import type { Limits } from './limits.ts';

/** What a call meets: its allowances, in the order of the levels, and what it costs at each. */
export class Bill {
  readonly charges = new Charges();
  /** By place in `charges`; what stands behind its length is of earlier calls. */
  readonly allowances: Allowance[] = [];

  /** Nothing is met. */
  clear(): void {
    this.charges.clear();
  }

  add(allowance: Allowance, units: number): void {
    this.allowances[this.charges.length] = allowance;
    this.charges.add(allowance.counter, units, allowance.soft);
  }

  /** Whether it counts bytes, which are another number in every call. */
  get hasBytes(): boolean {
    for (let place = 0; place < this.charges.length; place++)
      if ((this.allowances[place] as Allowance).measure === 'bytes') return true;
    return false;
  }

  /** The allowances of this call alone. */
  met(): Allowance[] {
    return this.allowances.slice(0, this.charges.length);
  }

  copy(): Bill {
    const copy = new Bill();
    for (const [place, allowance] of this.met().entries()) copy.add(allowance, this.charges.units(place));
    return copy;
  }
}

/**
 * The bill of a token's calls of one kind: mostly a client asks for one thing again and again. It is made out when two calls in a row are of
 * the same kind, so that a client which changes between operations costs nothing more.
 */
export class KeptBill {
  #bill: Bill | null = null;
  /** The call before was of the same kind. */
  #again = false;
  #limits: Limits | null = null;
  #operation: CompiledOperation | null = null;
  #group = -1;
  #address = '';
  #keyType: Exchange['keyType'] | null = null;
  #application: Exchange['application'] = null;
  #subscription: Exchange['subscription'] = null;

  /** The bill of this kind of call; null where it is to be made out. `group` is the conditional group that the call is in. */
  find(exchange: Exchange, limits: Limits, operation: CompiledOperation, group: number, address: string): Bill | null {
    const { keyType, application, subscription } = exchange;
    this.#again =
      this.#limits === limits &&
      this.#operation === operation &&
      this.#group === group &&
      this.#address === address &&
      this.#keyType === keyType &&
      this.#application === application &&
      this.#subscription === subscription;
    if (this.#again) return this.#bill;
    this.#bill = null;
    this.#limits = limits;
    this.#operation = operation;
    this.#group = group;
    this.#address = address;
    this.#keyType = keyType;
    this.#application = application;
    this.#subscription = subscription;
    return null;
  }

  /** Keeps what was made out for the call that was asked for last, if it is the second of its kind and the next one costs the same. */
  keep(bill: Bill): void {
    if (this.#again && !bill.hasBytes) this.#bill = bill.copy();
  }
}
