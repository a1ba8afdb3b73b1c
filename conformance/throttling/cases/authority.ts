import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Authority, Lease, LeaseRequest } from '@sluice/throttle';
import { until } from '../../../packages/gateway/testing/until.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls, plan } from '../plans.ts';
import { planEntry } from '../site.ts';
import type { World } from '../world.ts';

type Answer = (leases: readonly Lease[]) => void;

/** Stands before the machine's authority and keeps its answers for as long as a case wants. */
class Held implements Authority {
  readonly #behind: Authority;
  readonly #kept: (() => void)[] = [];
  #holds = true;
  /** The first thing that was asked. */
  asked: LeaseRequest | null = null;

  constructor(world: World) {
    this.#behind = world.authority.connect('behind');
  }

  get kept(): number {
    return this.#kept.length;
  }

  request(batch: readonly LeaseRequest[], answer: Answer): void {
    this.asked ??= batch[0] ?? null;
    this.#behind.request(batch, (leases) => {
      if (this.#holds) this.#kept.push(() => answer(leases));
      else answer(leases);
    });
  }

  /** Gives all answers and keeps none any more. */
  release(): void {
    this.#holds = false;
    for (const give of this.#kept.splice(0)) give();
  }

  hold(): void {
    this.#holds = true;
  }
}

/** Long enough for calls to wait as long as a case lets them. */
const patient = { throttling: { patience: 30_000 } };
const three = { subscription: { quota: calls(3) } };

/** Calls and the authority on their quotas, which may be slow, silent, or grant to others (issue 5, leases). */
export const authorityCases: readonly ThrottlingCase[] = [
  {
    id: 'authority/slow',
    section: 'issue 5.4',
    title: 'a call reaches the backend before it is known whether it may, or is refused though it may',
    async play(world) {
      const authority = new Held(world);
      await world.serve(three, { ...patient, authority });
      const call = world.call();
      await until(() => authority.kept > 0, 'leases are asked for');
      assert.equal(world.backend.received.length, 0);
      authority.release();
      assert.equal((await call).status, 200);
      await world.admitsExactly(2, 'subscription');
    },
  },
  {
    id: 'authority/many-wait',
    section: 'issue 5.4',
    title: 'of calls that wait together more pass than the limit, or fewer',
    async play(world) {
      const authority = new Held(world);
      await world.serve({ subscription: { quota: calls(10) } }, { ...patient, authority });
      const answers = Promise.all(Array.from({ length: 25 }, () => world.call()));
      await until(() => authority.kept > 0, 'leases are asked for');
      authority.release();
      const statuses = (await answers).map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 200).length, 10);
      assert.equal(statuses.filter((status) => status === 429).length, 15);
    },
  },
  {
    id: 'authority/silent-closed',
    section: 'issue 5.4',
    title: 'a call stands still when nobody decides, or passes',
    async play(world) {
      const authority = new Held(world);
      await world.serve(three, { authority, throttling: { patience: 20 } });
      const call = world.call();
      await until(() => authority.kept > 0, 'leases are asked for');
      world.clock.pass(20);
      const answer = await call;
      assert.equal(answer.status, 503);
      assert.equal(answer.headers['sluice-cause'], 'quota-authority-away');
      assert.equal(answer.headers['retry-after'], '1');
      assert.equal(world.backend.received.length, 0);
    },
  },
  {
    id: 'authority/silent-open',
    section: 'issue 5.4',
    title: 'fail = open refuses calls when nobody decides',
    async play(world) {
      const authority = new Held(world);
      await world.serve(three, { authority, throttling: { patience: 20, fail: 'open' } });
      const answers = Promise.all([1, 2, 3, 4].map(() => world.call()));
      await until(() => world.gateway.statistics().throttling?.waited === 4, 'all wait');
      world.clock.pass(20);
      assert.deepEqual(
        (await answers).map(({ status }) => status),
        [200, 200, 200, 200],
      );
    },
  },
  {
    id: 'authority/silent-but-known',
    section: 'issue 5.4',
    title: 'a limit that is known to be reached is forgotten when the authority falls silent',
    async play(world) {
      const authority = new Held(world);
      await world.serve(three, { authority, throttling: { patience: 20, fail: 'open' } });
      authority.release();
      await world.admitsExactly(3, 'subscription');
      authority.hold();
      await world.refuses('subscription');
    },
  },
  {
    id: 'authority/client-gone-while-waiting',
    section: 'issue 5.4',
    title: 'a call whose client left while it waited is taken from the quota',
    async play(world) {
      const authority = new Held(world);
      await world.serve(three, { ...patient, authority });
      const socket = connect(world.port(), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(
        `GET /orders/1.0.0/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.token('client-1')}\r\n\r\n`,
      );
      await until(() => authority.kept > 0, 'leases are asked for');
      socket.destroy();
      await until(() => world.gateway.statistics().inFlight === 0, 'the gateway notices');
      authority.release();
      await world.admitsExactly(3, 'subscription');
    },
  },
  {
    id: 'authority/late-grant',
    section: 'issue 5.4',
    title: 'a grant that comes when its window is over is spent in the next one',
    async play(world) {
      const authority = new Held(world);
      world.clock.set('2026-06-10T12:00:59.000Z');
      await world.serve(three, { ...patient, authority });
      const call = world.call();
      await until(() => authority.kept > 0, 'leases are asked for');
      world.clock.pass(1000);
      authority.release();
      assert.equal((await call).status, 200);
      await world.admitsExactly(2, 'subscription');
    },
  },
  {
    id: 'authority/refused-call-waits-for-nothing',
    section: 'WSO2 7.1',
    title: 'a call that an earlier level refuses waits for what a later one has',
    async play(world) {
      const authority = new Held(world);
      await world.serve({ ...three, application: { quota: calls(3, 'hour') } }, { ...patient, authority });
      authority.release();
      await world.admitsExactly(3, 'subscription');
      authority.hold();
      await world.refuses('subscription');
      assert.equal(authority.kept, 0);
    },
  },
  {
    id: 'authority/two-processes',
    section: 'issue 5.4',
    title: 'another process gets the whole limit once more',
    async play(world) {
      const authority = new Held(world);
      await world.serve({ subscription: { quota: calls(100) } }, { ...patient, authority });
      authority.release();
      await world.admits(30);
      let granted = 0;
      const other = world.authority.connect('other');
      const { counter, limit } = authority.asked as LeaseRequest;
      for (let ask = 0; ask < 40; ask++) {
        const request = { counter, limit, needed: 1, owed: 0, returned: 0, window: 0 };
        other.request([request], ([lease]) => {
          granted += lease?.units ?? 0;
        });
      }
      assert.ok(granted >= 40, `${granted} granted`);
      // A batch says that the answer before it was worked off, and nothing of it is to come back.
      other.request([], () => {});
      await world.admitsExactly(100 - 30 - granted, 'subscription');
    },
  },
  {
    id: 'authority/dead-process',
    section: 'issue 5.4',
    title: 'what a process held when it died is given away again within the window, or missing in the next',
    async play(world) {
      const authority = new Held(world);
      await world.serve({ subscription: { quota: calls(100) } }, { ...patient, authority });
      authority.release();
      await world.admits(10);
      let granted = 0;
      const other = world.authority.connect('other');
      const { counter, limit } = authority.asked as LeaseRequest;
      other.request([{ counter, limit, needed: 25, owed: 0, returned: 0, window: 0 }], ([lease]) => {
        granted += lease?.units ?? 0;
      });
      assert.ok(granted >= 25);
      other.close(true);
      await world.admitsExactly(100 - 10 - granted, 'subscription');
      world.clock.pass(60_000);
      await world.admitsExactly(100, 'subscription');
    },
  },
  {
    id: 'authority/raised-while-exhausted',
    section: 'issue 5.2',
    title: 'a process that remembers a used-up window does not ask again after the limit was raised',
    async play(world) {
      const authority = new Held(world);
      await world.serve({ subscription: { quota: calls(100) } }, { ...patient, authority });
      authority.release();
      await world.admitsExactly(100, 'subscription');
      await world.put(planEntry(plan('subscription', 'tested', { quota: calls(150) })));
      await world.admitsExactly(50, 'subscription');
    },
  },
];
