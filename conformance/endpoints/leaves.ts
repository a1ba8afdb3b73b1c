import type { Gateway } from '@sluice/gateway';
import { silentLog } from '@sluice/model';
import { LeafBoard } from '../../packages/cli/endpoints/board.ts';
import { MachineEndpoints } from '../../packages/cli/endpoints/desk.ts';

/** What a leaf is: `active` and `off`, or the rest that it was given with the code that led to it. */
export type Leaf =
  | 'active'
  | 'off'
  | { readonly state: 'suspended'; readonly code: number; readonly millis: number }
  | { readonly state: 'timeout'; readonly code: number; readonly remaining: number };

/** Leaves by name (`prod`, `prod[1]`); those that are not named are active. */
export type Leaves = Readonly<Record<string, Leaf>>;

/** Given a rest for so many milliseconds, WSO2's 30 s where a case says nothing, because of this code. */
export function suspended(code: number, millis = 30_000): Leaf {
  return { state: 'suspended', code, millis };
}

/** Has timed out, and may do so as often again before it is suspended. */
export function timedOut(code: number, remaining: number): Leaf {
  return { state: 'timeout', code, remaining };
}

/** The leaves of a gateway as its operator sees and switches them, by way of what its processes tell each other. */
export class OperatorsView {
  readonly #board = new LeafBoard(() => performance.now());
  /** The place of the gateway among the processes that tell each other about leaves. */
  readonly seat = this.#board.join();
  readonly #gateway: () => Gateway;
  readonly #desk: MachineEndpoints;

  constructor(gateway: () => Gateway) {
    this.#gateway = gateway;
    this.#desk = new MachineEndpoints({
      board: this.#board,
      log: silentLog,
      leaves: async () => [...gateway().leaves()],
    });
  }

  /** Those that are not active, by name. */
  async resting(): Promise<Record<string, Leaf>> {
    const keys = new Map([...this.#gateway().leaves()].map(({ id, key }) => [id, key]));
    const found: Record<string, Leaf> = {};
    for (const { id, name, state: status, cause } of await this.#desk.all()) {
      const { lastDuration = 0, remaining = 0 } = this.#board.stateOf(keys.get(id) ?? '') ?? {};
      const code = cause?.code ?? 0;
      if (status === 'off') found[name] = 'off';
      else if (status === 'suspended') found[name] = suspended(code, lastDuration);
      else if (status === 'timeout') found[name] = timedOut(code, remaining);
    }
    return found;
  }

  /** Answers and faults of a leaf. */
  async counts(name: string): Promise<readonly [answers: number, faults: number]> {
    const { answers, faults } = (await this.#desk.all()).find((one) => one.name === name) ?? {
      answers: -1,
      faults: -1,
    };
    return [answers, faults];
  }

  /** Switches a leaf off or on by hand. */
  async switch(name: string, on: boolean): Promise<void> {
    const row = [...this.#gateway().leaves()].find((one) => one.name === name);
    await this.#desk.switch(row?.id ?? '', on, 'the operator of the case');
  }
}
