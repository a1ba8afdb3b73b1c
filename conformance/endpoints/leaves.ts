import assert from 'node:assert/strict';
import type { LogFields } from '@sluice/model';

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

/** What the log has told of leaves: each change of a state is a line of it. */
export class LeafWatch {
  readonly #leaves = new Map<string, Leaf>();

  hear(message: string, fields: LogFields = {}): void {
    const name = String(fields.endpoint);
    const code = Number(fields.cause);
    if (message === 'An endpoint is suspended') this.#leaves.set(name, suspended(code, Number(fields.duration)));
    else if (message.startsWith('An endpoint timed out')) {
      this.#leaves.set(name, timedOut(code, Number(fields.remaining)));
    } else if (message === 'An endpoint is switched off') this.#leaves.set(name, 'off');
    else if (message === 'An endpoint is active again') this.#leaves.delete(name);
  }

  assert(leaves: Leaves): void {
    const wanted = Object.entries(leaves).filter(([, leaf]) => leaf !== 'active');
    assert.deepEqual(Object.fromEntries(this.#leaves), Object.fromEntries(wanted), 'leaves that are not active');
  }
}
