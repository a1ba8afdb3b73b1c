import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Limit } from '../limit.ts';
import { at, TestGateway, turn } from '../testing/gateways.ts';
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts';
import { openWire, type Wire } from '../testing/wire.ts';

/** What may happen to gateways and to Redis. `who` is taken modulo those that are there. */
type Step =
  | {
      readonly what: 'ask';
      readonly who: number;
      readonly counter: number;
      readonly units: number;
      readonly times: number;
    }
  | { readonly what: 'return'; readonly who: number; readonly counter: number }
  | { readonly what: 'cut' | 'mend' | 'die' | 'leave'; readonly who: number }
  | { readonly what: 'join' | 'kill' | 'start' | 'freeze' | 'thaw' }
  | { readonly what: 'wait'; readonly millis: number };

const who = fc.nat({ max: 7 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('ask' as const),
      who,
      counter: fc.nat({ max: 3 }),
      units: fc.integer({ min: 1, max: 9 }),
      times: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('return' as const), who, counter: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('cut', 'mend', 'mend', 'die', 'leave'), who }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('join', 'kill', 'start', 'start', 'freeze', 'thaw') }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), millis: fc.integer({ min: 1, max: 900 }) }) },
) as fc.Arbitrary<Step>;

const limits: readonly Limit[] = [
  { amount: 1, measure: 'calls', window: { kind: 'aligned', unit: 'hour', count: 1 } },
  { amount: 50, measure: 'calls', window: { kind: 'aligned', unit: 'hour', count: 1 } },
  { amount: 1000, measure: 'calls', window: { kind: 'aligned', unit: 'day', count: 1 } },
  { amount: 120, measure: 'calls', window: { kind: 'aligned', unit: 'sec', count: 1 } },
];

interface Member {
  readonly gateway: TestGateway;
  readonly wire: Wire;
  readonly last: Map<number, { readonly window: number; readonly units: number }>;
  /** The others that it has been with, or heard of. */
  readonly knows: Set<Member>;
  cut: boolean;
}

/** What the model knows: the units that were let out of each window, and to whom. It knows nothing of shares, rosters or scripts. */
class Spent {
  private readonly units = new Map<string, Map<Member, number>>();

  add(member: Member, counter: number, window: number, units: number): void {
    const key = `${counter}@${window}`;
    const of = this.units.get(key) ?? new Map<Member, number>();
    this.units.set(key, of);
    of.set(member, (of.get(member) ?? 0) + units);
    const sum = [...of.values()].reduce((a, b) => a + b, 0);
    const most = (limits[counter] as Limit).amount;
    assert.ok(sum <= most, `${sum} of ${most} were granted of the window ${key}`);
  }

  forget(member: Member): void {
    for (const of of this.units.values()) of.delete(member);
  }
}

/** Milliseconds after which a gateway hears the others, whatever was between them. */
const hearsAgain = 1500;

class World {
  private readonly server: RedisServer;
  private readonly spent = new Spent();
  private readonly members: Member[] = [];
  private readonly gone: Member[] = [];
  private up = true;
  private frozen = false;
  /** When something last changed in who reaches whom. */
  private disturbed = 0;

  constructor(server: RedisServer) {
    this.server = server;
  }

  async join(): Promise<void> {
    if (this.members.length >= 5) return;
    const wire = await openWire(this.server.port);
    const fail = this.members.length % 3 === 2 ? 'closed' : 'local-share';
    const gateway = new TestGateway(at(wire.port), { fail });
    this.members.push({ gateway, wire, last: new Map(), knows: new Set(), cut: false });
    this.disturbed = performance.now();
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.take(one);
    this.server.thaw();
    if (!this.up) await this.server.start();
    this.up = true;
    for (const { wire } of this.members) wire.mend();
    await turn(1500);
    await Promise.all(this.members.map((member) => this.askAll(member)));
  }

  async close(): Promise<void> {
    this.server.thaw();
    if (!this.up) await this.server.start();
    await Promise.all([...this.members, ...this.gone].map(({ gateway }) => gateway.pool.close()));
    for (const { wire } of [...this.members, ...this.gone]) wire.close();
  }

  private async take(one: Step): Promise<void> {
    this.meet();
    if (one.what === 'wait') return turn(one.millis);
    if (one.what === 'join') return this.join();
    if (one.what === 'kill' || one.what === 'start') return this.turnServer(one.what === 'start');
    if (one.what === 'freeze' || one.what === 'thaw') return this.holdServer(one.what === 'freeze');
    if (!('who' in one)) return;
    const index = one.who % Math.max(1, this.members.length);
    const member = this.members[index];
    if (!member) return;
    switch (one.what) {
      case 'ask':
        await Promise.all(Array.from({ length: one.times }, () => this.ask(member, one.counter, one.units)));
        return;
      case 'return':
        return this.giveBack(member, one.counter);
      case 'cut':
        member.cut = true;
        return member.wire.cut();
      case 'mend':
        member.cut = false;
        this.disturbed = performance.now();
        return member.wire.mend();
      case 'die':
        // Nobody asks it any more, and nobody hears of it.
        member.wire.cut();
        this.gone.push(...this.members.splice(index, 1));
        return;
      case 'leave':
        this.members.splice(index, 1);
        this.gone.push(member);
        await member.gateway.pool.close();
    }
  }

  /** Those that Redis has been with for a while know of each other, and of whom the others know. */
  private meet(): void {
    if (!this.up || this.frozen || performance.now() - this.disturbed < hearsAgain) return;
    const together = this.members.filter(({ cut }) => !cut);
    const known = new Set(together.flatMap((one) => [one, ...one.knows]));
    for (const one of together) for (const other of known) one.knows.add(other);
  }

  /**
   * What those had spent that are gone is lost with the data of Redis where nobody who is there knows of them: docs/operating.md says so.
   * Of one that left the others know what it had spent; one that died keeps its windows closed.
   */
  private loseData(): void {
    const known = new Set(this.members.flatMap((one) => [...one.knows]));
    for (const member of this.gone) if (!known.has(member)) this.spent.forget(member);
  }

  private holdServer(still: boolean): void {
    if (!this.up) return;
    this.frozen = still;
    this.disturbed = performance.now();
    if (still) this.server.freeze();
    else this.server.thaw();
  }

  private async turnServer(on: boolean): Promise<void> {
    if (on === this.up) return;
    this.holdServer(false);
    if (on) await this.server.start();
    else await this.server.kill();
    if (!on) this.loseData();
    this.up = on;
    this.disturbed = performance.now();
  }

  private async ask(member: Member, counter: number, needed: number): Promise<void> {
    const { units, window } = await member.gateway.ask(`bound/${counter}`, limits[counter] as Limit, needed);
    if (units === 0) return;
    this.spent.add(member, counter, window, units);
    member.last.set(counter, { window, units });
  }

  private async giveBack(member: Member, counter: number): Promise<void> {
    const last = member.last.get(counter);
    member.last.delete(counter);
    if (!last) return;
    this.spent.add(member, counter, last.window, -last.units);
    await member.gateway.ask(`bound/${counter}`, limits[counter] as Limit, 0, {
      returned: last.units,
      window: last.window,
    });
  }

  private async askAll(member: Member): Promise<void> {
    for (let i = 0; i < 150; i++) for (const counter of limits.keys()) await this.ask(member, counter, 10);
  }
}

test('whatever happens to gateways, their connections and Redis, no window of a limit is exceeded', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { minLength: 15, maxLength: 40 }),
      async (count, steps) => {
        const server = await startRedisServer();
        const world = new World(server);
        try {
          for (let i = 0; i < count; i++) await world.join();
          await turn(hearsAgain + 100);
          await world.run(steps);
        } finally {
          await world.close();
          await server.stop();
        }
      },
    ),
    { numRuns: Number(process.env.SLUICE_RUNS ?? 5), endOnFailure: true },
  );
});
