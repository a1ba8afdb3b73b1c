import type { Exchange } from '../chain/exchange.ts';
import { earliest, type Group, isSpent, type Sender } from './sender.ts';

/** Children that share the calls in turn. A call whose child fails goes on to the next one it has not tried, unless failing over is off. */
export class LoadBalance implements Group {
  readonly kind = 'Loadbalance';
  readonly name: string;
  parent: Group | null = null;
  readonly #children: readonly Sender[];
  readonly #failover: boolean;
  #cursor = 0;

  constructor(name: string, children: readonly Sender[], failover: boolean) {
    this.name = name;
    this.#children = children;
    this.#failover = failover;
    for (const child of children) child.parent = this;
  }

  get readyAt(): number {
    return earliest(this.#children);
  }

  send(exchange: Exchange): boolean {
    const count = this.#children.length;
    for (let looks = 0; looks < count; looks++) {
      const child = this.#children[this.#cursor] as Sender;
      this.#cursor = this.#cursor + 1 === count ? 0 : this.#cursor + 1;
      if (!isSpent(exchange, child) && child.send(exchange)) return true;
    }
    return false;
  }

  takeOver(exchange: Exchange): boolean {
    return this.#failover && this.send(exchange);
  }
}
