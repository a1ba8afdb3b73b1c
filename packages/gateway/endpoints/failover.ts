import type { Exchange } from '../chain/exchange.ts';
import { earliest, type Group, isSpent, type Sender } from './sender.ts';

/** Children in order of preference; each at most once per call (wso2-gateway.md 4.6, with the design's deviation). */
export class Failover implements Group {
  readonly kind = 'Failover';
  readonly name: string;
  parent: Group | null = null;
  readonly #children: readonly Sender[];

  constructor(name: string, children: readonly Sender[]) {
    this.name = name;
    this.#children = children;
    for (const child of children) child.parent = this;
  }

  get readyAt(): number {
    return earliest(this.#children);
  }

  send(exchange: Exchange): boolean {
    for (let i = 0; i < this.#children.length; i++) {
      const child = this.#children[i] as Sender;
      if (!isSpent(exchange, child) && child.send(exchange)) return true;
    }
    return false;
  }

  takeOver(exchange: Exchange): boolean {
    return this.send(exchange);
  }
}
