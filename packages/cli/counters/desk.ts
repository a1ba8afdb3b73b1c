import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CounterDesk, type CounterState, errors, SluiceError } from '@sluice/model';
import { type HeldWindow, type Oversight, readCounterName } from '@sluice/throttle';
import { endOfWindow } from './window-end.ts';

/** Counters that are looked at in one turn of the event loop: leases are granted in between. */
const atOnce = 2000;

/** What a desk tells of resets. */
export interface ResetWays {
  /** Hears of every counter that was reset here. */
  onReset(counter: string): void;
  /** Has the gateways reset a counter that share it; rejects where they cannot be told. Absent where none do. */
  readonly tellOthers?: (counter: string) => Promise<void>;
}

/** The counters of this machine's authority, for people. */
export class MachineDesk implements CounterDesk {
  readonly #oversight: Oversight;
  readonly #ways: ResetWays;

  constructor(oversight: Oversight, ways: ResetWays) {
    this.#oversight = oversight;
    this.#ways = ways;
  }

  async list({ search = '', level, offset, limit }: Parameters<CounterDesk['list']>[0]) {
    const wanted = search.toLowerCase();
    const most = offset + limit;
    const found: CounterState[] = [];
    let total = 0;
    let looked = 0;
    for (const window of this.#oversight.windows()) {
      if (++looked % atOnce === 0) await nextTurn();
      const state = stateOf(window);
      if (state === undefined || (level !== undefined && state.level !== level)) continue;
      if (!`${state.level}/${state.key}`.toLowerCase().includes(wanted)) continue;
      total++;
      if (found.push(state) > 2 * most + 1000) keepFullest(found, most);
    }
    keepFullest(found, most);
    return { total, counters: found.slice(offset) };
  }

  async find(id: string): Promise<CounterState | undefined> {
    const window = this.#oversight.find(id);
    return window && stateOf(window);
  }

  /** Of a counter that gateways share true where it is the name of one: what the others have counted is not known here. */
  async reset(id: string): Promise<boolean> {
    const { tellOthers } = this.#ways;
    if (tellOthers === undefined) return this.resetHere(id);
    if (readCounterName(id) === undefined) return false;
    try {
      await tellOthers(id);
    } catch (error) {
      throw new SluiceError(errors.sharedCountersAway, { counter: id, reason: (error as Error).message });
    }
    this.resetHere(id);
    return true;
  }

  /** Another gateway has it reset. False where nothing was counted here. */
  resetHere(id: string): boolean {
    const wasOpen = this.#oversight.reset(id);
    if (wasOpen) this.#ways.onReset(id);
    return wasOpen;
  }
}

function keepFullest(states: CounterState[], most: number): void {
  const share = ({ used, limit }: CounterState) => (limit === 0 ? 1 : used / limit);
  states.sort((one, other) => share(other) - share(one) || (one.id < other.id ? -1 : 1));
  states.length = Math.min(states.length, most);
}

function stateOf({ counter, limit, endsAt, used, holders }: HeldWindow): CounterState | undefined {
  const name = readCounterName(counter);
  if (name === undefined) return undefined;
  const { window } = limit;
  return {
    id: counter,
    level: name.level,
    key: name.key,
    measure: limit.measure,
    limit: limit.amount,
    window:
      window.kind === 'aligned' ? { unit: window.unit, count: window.count } : { unit: 'ms', count: window.millis },
    used,
    left: Math.max(0, limit.amount - used),
    resetsAt: endOfWindow(limit, endsAt),
    holders: holders.filter(({ units }) => units > 0),
  };
}
