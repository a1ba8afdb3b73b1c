import type { DenyCondition, DenyPolicy, KeyType, RuntimeApplication } from '@sluice/model';
import { type Address, readAddress } from './address.ts';
import { AddressRanges, rangeOf } from './address-ranges.ts';
import type { AskedCall } from './asked-call.ts';
import { qualifiedUser } from './user-name.ts';

/** Ranges of addresses are addresses too. */
export type Denied = Exclude<DenyCondition['type'], 'IPRANGE'>;

/** What the deny policies of one organization say of addresses. */
interface DeniedAddresses {
  readonly single: ReadonlySet<Address>;
  readonly ranges: AddressRanges;
  /** Those that shut out everybody else. */
  readonly others: readonly AddressRanges[];
}

/**
 * The deny policies that are enabled, immutable. An API, an application or a subscription is shut out by its name, a user by name and organization,
 * an address only from the APIs of the organization whose policy it is, as in WSO2 (wso2-gateway.md 7.6).
 */
export class DenyPolicies {
  /** Nothing is denied to anybody. */
  readonly empty: boolean;
  /** Those whose value could not be read: they deny nothing. */
  readonly unreadable: readonly DenyPolicy[];
  readonly #contexts = new Set<string>();
  /** Names of applications by organization and owner. */
  readonly #applications = new Map<string, Map<string, Set<string>>>();
  readonly #users = new Set<string>();
  readonly #subscriptions = new Set<string>();
  readonly #addresses: ReadonlyMap<string, DeniedAddresses>;

  constructor(policies: Iterable<DenyPolicy>) {
    const enabled = Array.from(policies).filter((policy) => policy.enabled);
    this.empty = enabled.length === 0;
    const addresses = new Map<string, AddressesInTheMaking>();
    this.unreadable = enabled.filter((policy) => !this.#add(policy, addresses));
    this.#addresses = new Map(Array.from(addresses, ([organization, made]) => [organization, made.finish()]));
  }

  /** What of this call a policy names that shuts it out; null where none does. `client` is the address of its client. */
  find({ api, application, token, keyType }: AskedCall, client: string): Denied | null {
    if (this.empty || api === null) return null;
    const { organization, basePath, version } = api.source;
    if (this.#contexts.has(basePath)) return 'API';
    const source = application?.source;
    if (source !== undefined) {
      if (this.#applications.get(source.organization)?.get(source.owner)?.has(source.name)) return 'APPLICATION';
      if (this.#subscriptions.size > 0 && this.#subscriptions.has(subscriptionOf(basePath, version, source, keyType))) {
        return 'SUBSCRIPTION';
      }
    }
    if (this.#users.size > 0 && token !== null) {
      if (this.#users.has(qualifiedUser(token.user, source?.organization ?? organization))) return 'USER';
    }
    const addresses = this.#addresses.get(organization);
    return addresses !== undefined && isDenied(addresses, readAddress(client)) ? 'IP' : null;
  }

  #add({ organization, condition }: DenyPolicy, addresses: Map<string, AddressesInTheMaking>): boolean {
    switch (condition.type) {
      case 'API':
        this.#contexts.add(condition.value);
        return true;
      case 'SUBSCRIPTION':
        this.#subscriptions.add(condition.value);
        return true;
      case 'USER':
        this.#users.add(qualifiedUser(condition.value, organization));
        return true;
      case 'APPLICATION':
        return this.#addApplication(organization, condition.value);
      case 'IP':
      case 'IPRANGE': {
        const made = addresses.get(organization) ?? new AddressesInTheMaking();
        addresses.set(organization, made);
        return condition.type === 'IP'
          ? made.add(condition.address, condition.address, condition.invert)
          : made.add(condition.first, condition.last, condition.invert);
      }
    }
  }

  #addApplication(organization: string, value: string): boolean {
    const colon = value.indexOf(':');
    if (colon < 1) return false;
    const suffix = `@${organization}`;
    const written = value.slice(0, colon);
    const owner = written.endsWith(suffix) ? written.slice(0, -suffix.length) : written;
    const owners = this.#applications.get(organization) ?? new Map<string, Set<string>>();
    const names = owners.get(owner) ?? new Set<string>();
    this.#applications.set(organization, owners.set(owner, names.add(value.slice(colon + 1))));
    return true;
  }
}

class AddressesInTheMaking {
  readonly #single = new Set<Address>();
  readonly #ranges: { first: Address; last: Address }[] = [];
  readonly #others: AddressRanges[] = [];

  add(first: string, last: string, invert: boolean): boolean {
    const range = rangeOf(readAddress(first), readAddress(last));
    if (range === undefined) return false;
    if (invert) this.#others.push(new AddressRanges([range]));
    else if (range.first === range.last) this.#single.add(range.first);
    else this.#ranges.push(range);
    return true;
  }

  finish(): DeniedAddresses {
    return { single: this.#single, ranges: new AddressRanges(this.#ranges), others: this.#others };
  }
}

/** Who has no address that can be read is in no range; policies that deny everybody but some deny it. */
function isDenied({ single, ranges, others }: DeniedAddresses, address: Address | undefined): boolean {
  if (address === undefined) return others.length > 0;
  if (single.has(address) || ranges.has(address)) return true;
  for (let i = 0; i < others.length; i++) if (!(others[i] as AddressRanges).has(address)) return true;
  return false;
}

/** `context:version:owner-application:KEYTYPE`. */
function subscriptionOf(
  context: string,
  version: string,
  { owner, name }: RuntimeApplication,
  keyType: KeyType,
): string {
  return `${context}:${version}:${owner}-${name}:${keyType}`;
}
