import type { Authority, Lease, LeaseRequest, Pool } from '../authority.ts';
import { Charges } from '../charges.ts';
import { Ledger } from '../ledger.ts';
import type { Limit } from '../limit.ts';
import { MachineAuthority } from '../machine/authority.ts';
import type { Connection } from '../machine/connection.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a call charges: a level, its limit, the key, and the units. */
export interface Charge {
  readonly level: string;
  readonly limit: Limit;
  readonly key: string;
  readonly units: number;
}

/** What became of a call. */
export interface Outcome {
  readonly charges: readonly Charge[];
  readonly verdict: 'admitted' | 'refused';
  /** Place of the charge that refused it, and why. */
  readonly at: number;
  readonly cause: 'limit' | 'away';
  /** When it came and when it was decided: monotonic milliseconds, and the wall clock at the decision. */
  readonly came: number;
  readonly decided: number;
  readonly wall: number;
}

/** As the gateway has it. */
export const patience = 2000;

/** Some workers and the authority of their machine in virtual time, with a channel between them that takes its time. */
export class VirtualMachine {
  readonly time: VirtualTime;
  readonly authority: MachineAuthority;
  readonly outcomes: Outcome[] = [];
  /** Every lease that was granted, with the time of the grant. */
  readonly leases: { readonly at: number; readonly lease: Lease }[] = [];
  /** Calls that were made and not decided. */
  open = 0;
  readonly #workers: Worker[] = [];
  readonly #delay: () => number;
  readonly #fail: 'closed' | 'open';
  #isAway = false;
  #held: (() => void)[] = [];

  /** `delay`: milliseconds that a message takes. */
  constructor(
    time: VirtualTime,
    {
      workers,
      delay,
      pool,
      fail = 'closed',
    }: { workers: number; delay: () => number; pool?: Pool; fail?: 'closed' | 'open' },
  ) {
    this.time = time;
    this.#delay = delay;
    this.#fail = fail;
    this.authority = new MachineAuthority({ clock: time.clock, ...(pool && { pool }) });
    for (let number = 0; number < workers; number++) this.#workers.push(this.#start(number));
  }

  /** A worker handles a call; one that is not there handles none. */
  call(worker: number, charges: readonly Charge[]): void {
    const { ledger } = this.#workers[worker % this.#workers.length] as Worker;
    const { clock, now: came } = this.time;
    const list = new Charges();
    for (const { level, limit, key, units } of charges) list.add(ledger.counter(level, limit, key), units);
    const note = (verdict: 'admitted' | 'refused', { at, cause }: Charges) => {
      this.outcomes.push({ charges, verdict, at, cause, came, decided: this.time.now, wall: clock.epoch() });
    };
    const verdict = ledger.take(list, clock.epoch());
    if (verdict !== 'waiting') {
      note(verdict, list);
      return;
    }
    this.open++;
    const worked = this.#workers[worker % this.#workers.length] as Worker;
    worked.waiting++;
    ledger.wait(list, (late, at) => {
      if (worked.isDead) return;
      this.open--;
      worked.waiting--;
      note(late, at);
    });
  }

  /** A worker dies with all it holds, and another one takes its place. */
  crash(worker: number): void {
    const number = worker % this.#workers.length;
    const dead = this.#workers[number] as Worker;
    dead.isDead = true;
    this.open -= dead.waiting;
    dead.connection.close(true);
    this.#workers[number] = this.#start(number);
  }

  /** The authority stops to answer, and goes on later with all that has come meanwhile. */
  pause(): void {
    this.#isAway = true;
  }

  resume(): void {
    this.#isAway = false;
    for (const message of this.#held.splice(0)) message();
  }

  /** All workers give back what they hold. */
  close(): void {
    for (const { ledger } of this.#workers) ledger.close();
  }

  #start(number: number): Worker {
    const connection = this.authority.connect(`worker ${number}`);
    const worker: Worker = { connection, isDead: false, waiting: 0, ledger: undefined as never };
    // Messages of one direction arrive in their order.
    let there = 0;
    let back = 0;
    const authority: Authority = {
      request: (batch: readonly LeaseRequest[], answer) => {
        const deliver = () => {
          if (worker.isDead) return;
          if (this.#isAway) this.#held.push(deliver);
          else connection.request(batch, reply);
        };
        const reply = (leases: readonly Lease[]) => {
          for (const lease of leases) this.leases.push({ at: this.time.now, lease });
          back = Math.max(back, this.time.now + this.#delay());
          this.time.at(back - this.time.now, () => {
            if (!worker.isDead) answer(leases);
          });
        };
        there = Math.max(there, this.time.now + this.#delay());
        this.time.at(there - this.time.now, deliver);
      },
      watch: (forget) => connection.watch?.(forget),
    };
    worker.ledger = new Ledger({ authority, clock: this.time.clock, patience, fail: this.#fail });
    return worker;
  }
}

interface Worker {
  ledger: Ledger;
  readonly connection: Connection;
  isDead: boolean;
  waiting: number;
}

/** A pseudo-random delay of a message, in milliseconds; the same for the same seed. */
export function delays(seed: number, most: number): () => number {
  let state = seed | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state >>> 0) / 2 ** 32) * most;
  };
}
