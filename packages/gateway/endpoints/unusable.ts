import { type ErrorArguments, type ErrorEntry, errors } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import { type Group, Readiness, type Sender } from './sender.ts';

/** An endpoint that cannot be called: it answers with the reason. */
export class Unusable implements Sender {
  readonly name: string;
  parent: Group | null = null;
  readonly #entry: ErrorEntry;
  readonly #args: ErrorArguments;

  private constructor(name: string, entry: ErrorEntry, args: ErrorArguments) {
    this.name = name;
    this.#entry = entry;
    this.#args = args;
  }

  /** A kind of endpoint that the gateway does not implement. */
  static kind(kind: string, name: string): Unusable {
    return new Unusable(name, errors.endpointKindUnsupported, { kind, name });
  }

  /** An endpoint with a mistake. */
  static broken(name: string, detail: string): Unusable {
    return new Unusable(name, errors.endpointUnresolved, { name, detail });
  }

  readonly readyAt = Number.POSITIVE_INFINITY;
  readonly load = 0;

  /** In a group the other members get the call. */
  readiness(): Readiness {
    return Readiness.none;
  }

  send(exchange: Exchange): boolean {
    fail(exchange, this.#entry, this.#args);
    return true;
  }
}
