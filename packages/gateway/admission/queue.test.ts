import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AdmissionQueue, Ticket } from './queue.ts';

/** The same as plainly as possible: a list of those that wait, looked through each time. */
class Model {
  readonly running = new Set<Ticket<number>>();
  waiting: Ticket<number>[] = [];
  readonly most: number;
  readonly sizes: ReadonlyMap<number, number>;

  constructor(most: number, sizes: ReadonlyMap<number, number>) {
    this.most = most;
    this.sizes = sizes;
  }

  enter(ticket: Ticket<number>): string {
    if (this.running.size < this.most) {
      this.running.add(ticket);
      return 'running';
    }
    const before = this.waiting.filter(({ priority }) => priority === ticket.priority).length;
    if (before >= (this.sizes.get(ticket.priority) ?? 0)) return 'full';
    this.waiting.push(ticket);
    return 'waiting';
  }

  leave(ticket: Ticket<number>): Ticket<number> | null {
    this.waiting = this.waiting.filter((other) => other !== ticket);
    if (!this.running.delete(ticket)) return null;
    const best = Math.max(...this.waiting.map(({ priority }) => priority));
    const next = this.waiting.find(({ priority }) => priority === best) ?? null;
    if (next) {
      this.waiting = this.waiting.filter((other) => other !== next);
      this.running.add(next);
    }
    return next;
  }
}

test('calls run up to the bound, wait up to the size of their queue, and leave it by priority and then age', () => {
  const queues = fc.uniqueArray(
    fc.record({ priority: fc.integer({ min: -3, max: 10 }), size: fc.integer({ min: 0, max: 4 }) }),
    { selector: ({ priority }) => priority, minLength: 1, maxLength: 4 },
  );
  const steps = fc.array(fc.record({ enters: fc.boolean(), which: fc.nat(1000) }), { maxLength: 80 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), queues, steps, (most, lines, actions) => {
      const queue = new AdmissionQueue<number>(most, lines);
      const model = new Model(most, new Map(lines.map(({ priority, size }) => [priority, size])));
      const all: Ticket<number>[] = [];
      for (const { enters, which } of actions) {
        if (enters || all.length === 0) {
          const ticket = new Ticket(all.length, lines[which % lines.length]?.priority ?? 0);
          all.push(ticket);
          assert.equal(queue.enter(ticket), model.enter(ticket));
        } else {
          // Any ticket, also one that left before: leaving twice changes nothing.
          const ticket = all[which % all.length] as Ticket<number>;
          assert.equal(queue.leave(ticket), model.leave(ticket));
        }
        for (const { priority, running, waiting } of queue.lines) {
          const of = (tickets: Iterable<Ticket<number>>) => [...tickets].filter((one) => one.priority === priority);
          assert.equal(running, of(model.running).length);
          assert.equal(waiting, of(model.waiting).length);
        }
      }
      const order = queue.lines.map(({ priority }) => priority);
      assert.deepEqual(
        order,
        [...order].sort((one, other) => other - one),
      );
    }),
    { numRuns: 300 },
  );
});
