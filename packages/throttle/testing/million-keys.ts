/**
 * Counts a call of a million users each, or of so many, and prints what that took in bytes: of what is in use, and of the whole process, beyond what one has
 * that is as busy with few users: `node --expose-gc --max-semi-space-size=8 --initial-old-space-size=32 million-keys.ts ledger|authority [USERS]`.
 */
import type { Authority, LeaseRequest } from '../authority.ts';
import { Charges } from '../charges.ts';
import { Ledger } from '../ledger.ts';
import type { Limit } from '../limit.ts';
import { MachineAuthority } from '../machine/authority.ts';
import { counterName } from '../name.ts';
import { VirtualTime } from './virtual-time.ts';

const users = Number(process.argv[3] ?? 1_000_000);
/** Users before them, who are gone again. */
const fewUsers = 50_000;
const limit: Limit = { amount: 5000, measure: 'calls', window: { kind: 'aligned', unit: 'hour', count: 1 } };
const time = new VirtualTime(Date.UTC(2026, 0, 5));
const keyOf = (user: number) => `1c2d5b1e-7a52-4a4e-9d6f-4c9b5f0a7e11:user${user}@carbon.super`;

/** Grants seven units of everything, and keeps nothing. */
const generous: Authority = {
  request(batch, answer) {
    answer(
      batch.map(({ counter, needed }) => {
        return { counter, window: 1, units: needed + 6, left: 4000, endsIn: 3_600_000, outcome: 'granted' } as const;
      }),
    );
  },
};

function collected(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function fillLedger(count: number): { rows(): number } {
  const ledger = new Ledger({ authority: generous, clock: time.clock, patience: 100, fail: 'closed' });
  const book = ledger.book('application', limit);
  const charges = new Charges();
  for (let user = 0; user < count; user++) {
    charges.clear();
    charges.add(book.counter(keyOf(user)), 1);
    if (ledger.take(charges, time.clock.epoch()) === 'waiting') ledger.wait(charges, () => {});
    // As many calls wait at once as a busy worker has.
    if (user % 100 === 99) time.pass(10);
  }
  return { rows: () => ledger.size };
}

function fillAuthority(count: number): { rows(): number } {
  const authority = new MachineAuthority({ clock: time.clock });
  const connection = authority.connect('worker 1');
  for (let user = 0; user < count; user += 100) {
    const batch: LeaseRequest[] = [];
    for (let i = 0; i < 100; i++) {
      const counter = counterName('application', limit, keyOf(user + i));
      batch.push({ counter, limit, needed: 1, owed: 0, returned: 0, window: 0 });
    }
    connection.request(batch, () => {});
  }
  return {
    rows() {
      connection.request([], () => {});
      return authority.size;
    },
  };
}

const fill = process.argv[2] === 'ledger' ? fillLedger : fillAuthority;
fill(fewUsers);
const busy = process.memoryUsage.rss();
const before = collected();
const { rows } = fill(users);
const resident = process.memoryUsage.rss();
const grown = collected() - before;
const keys = rows();
time.pass(3_700_000);
const after = rows();
process.stdout.write(JSON.stringify({ keys, grown, busy, resident, after }));
