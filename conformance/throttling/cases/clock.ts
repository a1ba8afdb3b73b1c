import type { ThrottlingCase } from '../case.ts';
import { burst, calls } from '../plans.ts';

/** Clocks that are set (issue 5, leases: neither a step back nor one forward may break the bound). */
export const clockCases: readonly ThrottlingCase[] = [
  {
    id: 'clock/back-opens-no-window',
    section: 'issue 5.4',
    title: 'a clock that is set back opens a window that was used up',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admitsExactly(3, 'subscription');
      world.clock.set('2026-06-10T11:58:30.000Z');
      await world.refuses('subscription');
      await world.refuses('subscription', { path: '/orders/1.0.0/y' });
    },
  },
  {
    id: 'clock/back-within-the-window',
    section: 'issue 5.4',
    title: 'a clock that is set back within a window counts anew',
    async play(world) {
      world.clock.set('2026-06-10T12:00:40.000Z');
      await world.serve({ subscription: { quota: calls(4) } });
      await world.admits(2);
      world.clock.set('2026-06-10T12:00:10.000Z');
      await world.admitsExactly(2, 'subscription');
    },
  },
  {
    id: 'clock/back-over-an-end',
    section: 'issue 5.4',
    title: 'a window that ended is open again when the clock is set back over its end',
    async play(world) {
      world.clock.set('2026-06-10T12:00:59.000Z');
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admitsExactly(3, 'subscription');
      world.clock.pass(1000);
      await world.admitsExactly(3, 'subscription');
      world.clock.set('2026-06-10T12:00:59.500Z');
      await world.refuses('subscription');
    },
  },
  {
    id: 'clock/forward-opens-the-next',
    section: 'issue 5.4',
    title: 'a clock that is set forward keeps calls out of a window that has begun',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admitsExactly(3, 'subscription');
      world.clock.pass(60_000);
      await world.admitsExactly(3, 'subscription', {}, { until: '2026-06-10T12:02:00Z' });
    },
  },
  {
    id: 'clock/burst-keeps-its-length',
    section: 'issue 5.4',
    title: 'a clock that is set back makes the window of a burst longer',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2, 'min') } });
      await world.admitsExactly(2, 'subscriptionBurst');
      world.clock.set('2026-06-10T11:00:00.000Z');
      await world.refuses('subscriptionBurst');
      world.clock.pass(60_000);
      await world.admitsExactly(2, 'subscriptionBurst');
    },
  },
  {
    id: 'clock/burst-is-no-shorter',
    section: 'issue 5.4',
    title: 'a clock that is set forward ends the window of a burst',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2, 'min') } });
      await world.admitsExactly(2, 'subscriptionBurst');
      world.clock.set('2026-06-10T15:00:00.000Z');
      await world.refuses('subscriptionBurst');
    },
  },
  {
    id: 'clock/years-of-silence',
    section: 'WSO2 7.3',
    title: 'a gateway that nobody called for years counts in an old window',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2, 'month') } });
      await world.admitsExactly(2, 'subscription');
      world.clock.passTo('2028-02-29T23:59:59.000Z');
      await world.admitsExactly(2, 'subscription', {}, { until: '2028-03-01T00:00:00Z' });
    },
  },
];
