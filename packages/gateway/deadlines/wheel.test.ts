import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadline, Wheel } from './wheel.ts';

/** Arms deadlines and resolves with how late each was, in milliseconds, when all have fired. */
function lateness(wheel: Wheel, delays: readonly number[]): Promise<number[]> {
  const began = performance.now();
  return new Promise((resolve) => {
    const late: number[] = [];
    const hold = setInterval(() => {}, 1000);
    for (const delay of delays) {
      const deadline = new Deadline(() => {
        late.push(performance.now() - began - delay);
        if (late.length < delays.length) return;
        clearInterval(hold);
        resolve(late);
      });
      wheel.arm(deadline, delay);
    }
  });
}

test('a deadline that arms a longer one when it fires does not put off those in between', async () => {
  const wheel = new Wheel();
  const began = performance.now();
  const hold = setInterval(() => {}, 1000);
  const fired = await new Promise<number>((resolve) => {
    const long = new Deadline(() => {});
    wheel.arm(new Deadline(() => wheel.arm(long, 60_000)), 20);
    wheel.arm(new Deadline(() => resolve(performance.now() - began)), 60);
  });
  clearInterval(hold);
  assert.ok(fired < 110, `${fired} ms instead of 60`);
});

test('a deadline never fires early, and within 50 ms of its time among thousands', async () => {
  const delays = Array.from({ length: 5000 }, (_, index) => (index * 37) % 600);
  const late = await lateness(new Wheel(), delays);
  assert.ok(Math.min(...late) >= -0.01, `earliest ${Math.min(...late)}`);
  late.sort((a, b) => a - b);
  assert.ok((late[Math.floor(late.length * 0.99)] as number) < 50, `p99 ${late[Math.floor(late.length * 0.99)]}`);
});

test('a deadline further out than one turn of the wheel waits for its own turn', async () => {
  const [late = -1] = await lateness(new Wheel(), [4200]);
  assert.ok(late >= 0 && late < 50, `${late}`);
});

test('whatever is armed, moved and disarmed, exactly what is left armed fires', async () => {
  const action = fc.record({ id: fc.nat(19), disarm: fc.boolean(), delay: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const wheel = new Wheel();
      const fired = new Map<number, number>();
      const deadlines = Array.from(
        { length: 20 },
        (_, id) => new Deadline(() => fired.set(id, (fired.get(id) ?? 0) + 1)),
      );
      const armed = new Set<number>();
      for (const { id, disarm, delay } of actions) {
        const deadline = deadlines[id] as Deadline;
        if (disarm) {
          wheel.disarm(deadline);
          armed.delete(id);
        } else {
          wheel.arm(deadline, delay);
          armed.add(id);
        }
      }
      assert.equal(wheel.size, armed.size);
      await lateness(wheel, [60]);
      assert.deepEqual([...fired.keys()].sort(), [...armed].sort());
      assert.ok([...fired.values()].every((times) => times === 1));
      assert.equal(wheel.size, 0);
    }),
    { numRuns: 25 },
  );
});

test('what expires may arm itself again and disarm its neighbours', async () => {
  const wheel = new Wheel();
  let rounds = 0;
  await new Promise<void>((resolve) => {
    const hold = setInterval(() => {}, 1000);
    const neighbour = new Deadline(() => assert.fail('it was disarmed'));
    const self = new Deadline(() => {
      wheel.disarm(neighbour);
      if (++rounds < 3) wheel.arm(self, 10);
      else {
        clearInterval(hold);
        resolve();
      }
    });
    wheel.arm(neighbour, 10.1);
    wheel.arm(self, 10);
  });
  assert.equal(rounds, 3);
});

test('a deadline that is due again as soon as it expires leaves the event loop its turns', async () => {
  const wheel = new Wheel();
  let fired = 0;
  const began = performance.now();
  const self: Deadline = new Deadline(() => {
    fired++;
    if (performance.now() - began < 100) wheel.armAt(self, began);
  });
  wheel.arm(self, 8);
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (performance.now() - began < 100 || wheel.size > 0) return;
      clearInterval(look);
      resolve();
    }, 5);
  });
  assert.ok(fired <= 20, `fired ${fired} times in 100 ms`);
});
