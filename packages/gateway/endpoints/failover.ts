import type { FailoverEndpoint } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import type { BackendFault } from '../transport/call.ts';
import { Attempts } from './attempts.ts';
import type { GroupSettings } from './group-settings.ts';
import { best, earliest, type Group, isSpent, Readiness, type Sender } from './sender.ts';

/** Children in order of preference; each at most once per call (wso2-gateway.md 4.6, with the design's deviation). */
export class Failover implements Group {
  readonly kind = 'Failover';
  readonly name: string;
  parent: Group | null = null;
  readonly #children: readonly Sender[];
  readonly #attempts: Attempts;
  /** The first that is ready gets each call; else the one that served last gets them until it is not ready. */
  readonly #dynamic: boolean;
  /** Children that are given a rest get calls where none is ready. */
  readonly #panics: boolean;
  #current = 0;

  constructor(endpoint: FailoverEndpoint, children: readonly Sender[], settings: GroupSettings) {
    this.name = endpoint.name;
    this.#children = children;
    this.#attempts = new Attempts(settings);
    this.#dynamic = endpoint.dynamic !== false;
    this.#panics = endpoint.panicThreshold !== undefined;
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
    return readiness === Readiness.resting && this.#panics ? Readiness.ready : readiness;
  }

  send(exchange: Exchange): boolean {
    this.#attempts.begin(exchange);
    if (!this.#dynamic && this.#sendTo(this.#current, exchange, Readiness.ready)) return true;
    return (
      this.#sendToFirst(exchange, Readiness.ready) || (this.#panics && this.#sendToFirst(exchange, Readiness.resting))
    );
  }

  takeOver(exchange: Exchange, fault: BackendFault): boolean {
    return this.#attempts.again(exchange, fault, this);
  }

  #sendToFirst(exchange: Exchange, least: Readiness): boolean {
    for (let place = 0; place < this.#children.length; place++) if (this.#sendTo(place, exchange, least)) return true;
    return false;
  }

  #sendTo(place: number, exchange: Exchange, least: Readiness): boolean {
    const child = this.#children[place] as Sender;
    if (isSpent(exchange, child) || child.readiness(exchange) < least) return false;
    // Before it sends: a child that fails at once has the call taken over within.
    const before = this.#current;
    this.#current = place;
    if (child.send(exchange)) return true;
    this.#current = before;
    return false;
  }
}
