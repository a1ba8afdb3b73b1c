import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import { inTurn } from './turns.ts';

/** How a name becomes addresses. Rejects, with the resolver's `code`, when it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/**
 * The system's own way (getaddrinfo): it reads /etc/hosts, search domains and what else the machine is set up with, as every
 * other program on it does. It tells no time to live, which is why that is a setting; asking a name server directly would tell
 * it, and know nothing of the rest.
 */
export const lookupBySystem: Lookup = async (name) => {
  const found = await systemLookup(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

export interface NameOptions {
  /** Milliseconds for which the addresses of a name are taken as they are; 0 asks anew for each connection. `sluice.gateway.dns_ttl`. */
  readonly ttl: number;
  /** Milliseconds beyond that for which they go on being used while the name does not resolve. `sluice.gateway.dns_stale`. */
  readonly stale: number;
  /** Longest wait for the resolver, milliseconds; 0 never fires. `sluice.gateway.dns_timeout`. */
  readonly timeout: number;
}

export const defaultNames: NameOptions = { ttl: 30_000, stale: 600_000, timeout: 5000 };

/** Who wants the addresses of a name. */
export interface AddressUser {
  /** Never empty, in the order in which to try them. */
  resolved(addresses: readonly string[]): void;
  /** `reason` as the resolver has it (`ENOTFOUND`), or in words. */
  unresolved(reason: string): void;
}

/** Lookups that may be under way at once. The system's resolver has threads for two of them; the others would wait there. */
const mostLookups = 8;
/** Names that are remembered. */
const mostNames = 4096;
/** Addresses of one name that are used. */
const mostAddresses = 32;
/** Milliseconds after a failed lookup before the name is looked up again. */
const retryPause = 1000;
/** Milliseconds for which a connection waits for new addresses while old ones are there. */
const staleWait = 200;

/** What is known of one name. */
class Name {
  readonly host: string;
  addresses: readonly string[] = [];
  /** Monotonic milliseconds of the last lookup that succeeded. */
  resolvedAt = Number.NEGATIVE_INFINITY;
  /** Why the last lookup failed, and when the next may be made. */
  failure = '';
  retryAt = 0;
  /** A lookup is under way or queued; `late` once nobody waits for it any more. */
  looking = false;
  late = false;
  turn = 0;
  /** Addresses that did not take a connection since the last lookup. */
  readonly avoided = new Set<string>();
  readonly users = new Set<AddressUser>();
  readonly deadline: Deadline;

  constructor(host: string, expire: (name: Name) => void) {
    this.host = host;
    this.deadline = new Deadline(() => expire(this));
  }
}

/** The addresses of backends by name. A lookup serves everybody who waits for it; nobody waits longer than the options allow. */
export class Names {
  readonly #options: NameOptions;
  readonly #lookup: Lookup;
  readonly #names = new Map<string, Name>();
  readonly #queue: Name[] = [];
  #lookups = 0;
  /** Lookups that failed since the start. */
  failed = 0;

  constructor(options: NameOptions, lookup: Lookup) {
    this.#options = options;
    this.#lookup = lookup;
  }

  /** Calls `user` back, at once where nothing has to be looked up. An IP address is its own address. */
  ask(host: string, user: AddressUser): void {
    if (isIP(host) !== 0) {
      user.resolved([host]);
      return;
    }
    const name = this.#names.get(host) ?? this.#remember(host);
    const now = performance.now();
    if (now < name.resolvedAt + this.#options.ttl) {
      user.resolved(next(name));
      return;
    }
    if (!name.looking && now >= name.retryAt) this.#look(name, now);
    if (name.looking && !name.late) name.users.add(user);
    else this.#settle(name, user);
  }

  /** Stops waiting; harmless when `user` does not wait. */
  withdraw(host: string, user: AddressUser): void {
    this.#names.get(host)?.users.delete(user);
  }

  /** An address did not take a connection: until the next lookup it is tried after the others. */
  avoid(host: string, address: string): void {
    const name = this.#names.get(host);
    if (name !== undefined && name.addresses.length > 1) name.avoided.add(address);
  }

  /** Stops every clock; for a gateway that closes. */
  close(): void {
    for (const name of this.#names.values()) wheel.disarm(name.deadline);
  }

  #remember(host: string): Name {
    if (this.#names.size >= mostNames) {
      for (const [old, { looking }] of this.#names) {
        if (looking) continue;
        this.#names.delete(old);
        break;
      }
    }
    const name = new Name(host, (one) => this.#expired(one));
    this.#names.set(host, name);
    return name;
  }

  #look(name: Name, now: number): void {
    name.looking = true;
    name.late = false;
    const { timeout } = this.#options;
    const patience = this.#usable(name, now) ? Math.min(staleWait, timeout || staleWait) : timeout;
    if (patience > 0) wheel.arm(name.deadline, patience);
    if (this.#lookups < mostLookups) this.#start(name);
    else this.#queue.push(name);
  }

  #start(name: Name): void {
    this.#lookups++;
    this.#lookup(name.host).then(
      (addresses) => this.#found(name, addresses, 'ENODATA'),
      (error: NodeJS.ErrnoException) => this.#found(name, [], error.code ?? error.message),
    );
  }

  #found(name: Name, addresses: readonly string[], failure: string): void {
    this.#lookups--;
    name.looking = false;
    wheel.disarm(name.deadline);
    const now = performance.now();
    const unique = [...new Set(addresses)].filter((address) => isIP(address) !== 0).slice(0, mostAddresses);
    if (unique.length > 0) {
      name.addresses = unique;
      name.resolvedAt = now;
      name.retryAt = 0;
      name.avoided.clear();
    } else {
      this.failed++;
      name.failure = failure;
      name.retryAt = now + retryPause;
    }
    const queued = this.#queue.shift();
    if (queued) this.#start(queued);
    this.#settleAll(name);
  }

  /** The lookup takes too long. It goes on, for those who come later. */
  #expired(name: Name): void {
    name.late = true;
    name.failure = 'the resolver does not answer';
    this.#settleAll(name);
  }

  #settleAll(name: Name): void {
    const users = [...name.users];
    name.users.clear();
    for (const user of users) this.#settle(name, user);
  }

  #settle(name: Name, user: AddressUser): void {
    if (this.#usable(name, performance.now())) user.resolved(next(name));
    else user.unresolved(name.failure);
  }

  /** Old addresses are better than none, for a time. */
  #usable(name: Name, now: number): boolean {
    const { ttl, stale } = this.#options;
    return name.addresses.length > 0 && now <= name.resolvedAt + ttl + stale;
  }
}

function next(name: Name): readonly string[] {
  return inTurn(name.addresses, name.turn++, name.avoided);
}
