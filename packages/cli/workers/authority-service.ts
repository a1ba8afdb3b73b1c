import type { Authority } from '@sluice/throttle';
import { fromWire, leasesToWire } from './lease-wire.ts';
import type { CounterReset, LeaseGrant, LeaseWish } from './messages.ts';

/** Asks the machine's authority for one worker, and sends what it grants over the worker's channel. */
export class AuthorityService {
  readonly #authority: Authority;
  readonly #post: (message: LeaseGrant | CounterReset) => void;

  constructor(authority: Authority, post: (message: LeaseGrant | CounterReset) => void) {
    this.#authority = authority;
    this.#post = post;
    authority.watch?.((counter) => post({ kind: 'reset', counter }));
  }

  take({ batch, requests }: LeaseWish): void {
    const wanted = requests.map(fromWire);
    this.#authority.request(wanted, (leases) =>
      this.#post({ kind: 'grant', batch, leases: leasesToWire(wanted, leases) }),
    );
  }
}
