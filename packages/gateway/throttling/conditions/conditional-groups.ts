import { type ConditionalGroup, Pattern, type PlanCondition } from '@sluice/model';
import type { ConditionSwitches } from '../options.ts';
import { type Address, readAddress } from './address.ts';
import { type AddressRange, rangeOf } from './address-ranges.ts';
import type { AskedCall } from './asked-call.ts';
import { claimOf } from './claims.ts';
import { someParameter } from './query-parameter.ts';

/** One condition, `invert` done. */
type Condition = (call: AskedCall, client: Address | undefined) => boolean;

/**
 * The conditional groups of an advanced plan. Values are patterns that are looked for in headers, parameters and claims, as in WSO2; a condition on
 * what a call does not have is not met, and inverted it is.
 */
export class ConditionalGroups {
  readonly #groups: readonly (readonly Condition[] | null)[];
  readonly #asksAddress: boolean;

  /**
   * A group with a condition that is switched off is never met, nor is one with a condition that cannot be read, for which `report` is told the reason.
   */
  constructor(groups: readonly ConditionalGroup[], switches: ConditionSwitches, report: (reason: string) => void) {
    this.#asksAddress = groups.some(({ conditions }) => conditions.some(({ type }) => type === 'IPCONDITION'));
    this.#groups = groups.map(({ conditions }) => compileAll(conditions, switches, report));
  }

  /** Index of the first group whose conditions are all met; -1 when there is none. `client` is the address of the call's client. */
  find(call: AskedCall, client: string): number {
    const address = this.#asksAddress ? readAddress(client) : undefined;
    for (let index = 0; index < this.#groups.length; index++) {
      const conditions = this.#groups[index];
      if (conditions && areMet(conditions, call, address)) return index;
    }
    return -1;
  }
}

function areMet(conditions: readonly Condition[], call: AskedCall, client: Address | undefined): boolean {
  for (let i = 0; i < conditions.length; i++) if (!(conditions[i] as Condition)(call, client)) return false;
  return true;
}

/** Null where the group is never met. A group without conditions is one of them: it would leave nothing to the plan's own quota. */
function compileAll(
  conditions: readonly PlanCondition[],
  switches: ConditionSwitches,
  report: (reason: string) => void,
): readonly Condition[] | null {
  if (conditions.length === 0 || !conditions.every((condition) => isOn(condition, switches))) return null;
  try {
    return conditions.map(compile);
  } catch (error) {
    report((error as Error).message);
    return null;
  }
}

function isOn({ type }: PlanCondition, { headers, claims, queryParameters }: ConditionSwitches): boolean {
  switch (type) {
    case 'IPCONDITION':
      return true;
    case 'HEADERCONDITION':
      return headers;
    case 'JWTCLAIMSCONDITION':
      return claims;
    case 'QUERYPARAMETERCONDITION':
      return queryParameters;
  }
}

function compile(condition: PlanCondition): Condition {
  const { invert } = condition;
  switch (condition.type) {
    case 'IPCONDITION': {
      const range = readRange(condition.addresses);
      return (_, client) => (client !== undefined && isWithin(range, client)) !== invert;
    }
    case 'HEADERCONDITION': {
      const name = condition.name.toLowerCase();
      const pattern = new Pattern(condition.value);
      return ({ call }) => {
        const value = call.head.header(name);
        return (value !== undefined && pattern.test(value)) !== invert;
      };
    }
    case 'QUERYPARAMETERCONDITION': {
      const { name } = condition;
      const pattern = new Pattern(condition.value);
      const isFound = (value: string) => pattern.test(value);
      return ({ call }) => someParameter(call.head.query, name, isFound) !== invert;
    }
    case 'JWTCLAIMSCONDITION': {
      const { claim } = condition;
      const pattern = new Pattern(condition.value);
      return (call) => {
        const value = claimOf(call, claim);
        return (value !== undefined && pattern.test(value)) !== invert;
      };
    }
  }
}

function readRange(addresses: Extract<PlanCondition, { type: 'IPCONDITION' }>['addresses']): AddressRange {
  const [first, last] =
    addresses.type === 'IPSPECIFIC' ? [addresses.address, addresses.address] : [addresses.first, addresses.last];
  const range = rangeOf(readAddress(first), readAddress(last));
  if (range === undefined) throw new Error(`${first} to ${last} is no range of addresses`);
  return range;
}

function isWithin({ first, last }: AddressRange, address: Address): boolean {
  return typeof first === typeof address && first <= address && address <= last;
}
