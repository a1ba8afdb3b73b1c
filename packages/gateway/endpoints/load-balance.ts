import type { LoadBalanceEndpoint } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import type { BackendFault } from '../transport/call.ts';
import { Attempts } from './attempts.ts';
import type { Algorithm } from './balance/algorithm.ts';
import type { GroupSettings } from './group-settings.ts';
import { best, earliest, type Group, isSpent, Readiness, type Sender } from './sender.ts';

/** Children that share the calls. A call whose child fails goes on to another one it has not tried, unless failing over is off. */
export class LoadBalance implements Group {
  readonly kind = 'Loadbalance';
  readonly name: string;
  parent: Group | null = null;
  readonly #children: readonly Sender[];
  readonly #algorithm: Algorithm;
  readonly #attempts: Attempts;
  readonly #failover: boolean;
  /** Ready children below which those that are given a rest are called too. */
  readonly #fewest: number;
  /** Which children may take the call that is looked at: written anew for each choice. */
  readonly #usable: Uint8Array;

  constructor(
    endpoint: LoadBalanceEndpoint,
    children: readonly Sender[],
    algorithm: Algorithm,
    settings: GroupSettings,
  ) {
    this.name = endpoint.name;
    this.#children = children;
    this.#algorithm = algorithm;
    this.#attempts = new Attempts(settings);
    this.#failover = endpoint.failover || (endpoint.offSince !== undefined && !settings.failoverSwitch);
    this.#fewest = ((endpoint.panicThreshold ?? 0) * children.length) / 100;
    this.#usable = new Uint8Array(children.length);
    for (const child of children) child.parent = this;
  }

  get readyAt(): number {
    return earliest(this.#children);
  }

  get load(): number {
    let sum = 0;
    for (const child of this.#children) sum += child.load;
    return sum;
  }

  readiness(exchange: Exchange): Readiness {
    const readiness = best(this.#children, exchange);
    return readiness === Readiness.resting && this.#panics(exchange) ? Readiness.ready : readiness;
  }

  send(exchange: Exchange): boolean {
    this.#attempts.begin(exchange);
    this.#look(exchange);
    for (;;) {
      const place = this.#algorithm.next(this.#usable, exchange);
      if (place === -1) return false;
      if ((this.#children[place] as Sender).send(exchange)) return true;
      this.#usable[place] = 0;
    }
  }

  takeOver(exchange: Exchange, fault: BackendFault): boolean {
    if (this.#failover) return this.#attempts.again(exchange, fault, this);
    exchange.notes?.stays('no-failover');
    return false;
  }

  /** Marks the children that may take the call. */
  #look(exchange: Exchange): void {
    const least = this.#panics(exchange) ? Readiness.resting : Readiness.ready;
    for (let place = 0; place < this.#children.length; place++) {
      const child = this.#children[place] as Sender;
      this.#usable[place] = !isSpent(exchange, child) && child.readiness(exchange) >= least ? 1 : 0;
    }
  }

  /** So few children are ready, whether or not this call has tried them, that those which rest are called too. */
  #panics(exchange: Exchange): boolean {
    if (this.#fewest === 0) return false;
    let ready = 0;
    for (const child of this.#children) if (child.readiness(exchange) === Readiness.ready) ready++;
    return ready < this.#fewest;
  }
}
