import type { ThrottlingCase } from '../case.ts';
import { burst, calls } from '../plans.ts';

export const burstCases: readonly ThrottlingCase[] = [
  {
    id: 'bursts/from-the-first-call',
    section: 'WSO2 7.3',
    title: 'the window of a burst ends with the minute of the clock',
    async play(world) {
      world.clock.set('2026-06-10T12:00:45.000Z');
      await world.serve({ subscription: { burst: burst(2, 'min') } });
      await world.admitsExactly(2, 'subscriptionBurst', {}, { until: '2026-06-10T12:01:45Z' });
      world.clock.passTo('2026-06-10T12:01:44.999Z');
      await world.refuses('subscriptionBurst');
      world.clock.pass(1);
      await world.admitsExactly(2, 'subscriptionBurst', {}, { until: '2026-06-10T12:02:45Z' });
    },
  },
  {
    id: 'bursts/next-one-waits-for-a-call',
    section: 'WSO2 7.3',
    title: 'the next window of a burst begins when the last one ends and not with a call',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2, 'min') } });
      await world.admits(1);
      world.clock.pass(90_000);
      await world.admits(1);
      world.clock.pass(45_000);
      await world.admitsExactly(1, 'subscriptionBurst', {}, { until: '2026-06-10T12:02:30Z' });
    },
  },
  {
    id: 'bursts/a-second-rounded-up',
    section: 'WSO2 7.2',
    title: 'Retry-After names a second in which the burst still holds',
    async play(world) {
      world.clock.set('2026-06-10T12:00:00.400Z');
      await world.serve({ subscription: { burst: burst(2, 'sec') } });
      await world.admitsExactly(2, 'subscriptionBurst', {}, { until: '2026-06-10T12:00:01.400Z' });
      world.clock.pass(999);
      await world.refuses('subscriptionBurst', {}, { until: '2026-06-10T12:00:01.400Z' });
      world.clock.pass(1);
      await world.admits(2);
    },
  },
  {
    id: 'bursts/beside-a-quota',
    section: 'WSO2 7.1',
    title: 'a burst lets more pass than the quota beside it',
    async play(world) {
      await world.serve({ subscription: { quota: calls(5), burst: burst(2) } });
      await world.admitsExactly(2, 'subscriptionBurst');
      world.clock.pass(1000);
      await world.admitsExactly(2, 'subscriptionBurst');
      world.clock.pass(1000);
      await world.admitsExactly(1, 'subscription', {}, { until: '2026-06-10T12:01:00Z' });
    },
  },
  {
    id: 'bursts/each-application-its-own',
    section: 'WSO2 7.1',
    title: 'two applications share the burst of their plan',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2) } });
      await world.admitsExactly(2, 'subscriptionBurst');
      await world.admitsExactly(2, 'subscriptionBurst', { client: 'client-2' });
    },
  },
  {
    id: 'bursts/each-api-its-own',
    section: 'WSO2 7.1',
    title: 'two APIs share the burst of a subscription plan',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2) } });
      await world.admitsExactly(2, 'subscriptionBurst');
      await world.admitsExactly(2, 'subscriptionBurst', { path: '/stock/1.0.0/x' });
    },
  },
  {
    id: 'bursts/application-over-apis',
    section: 'WSO2 7.1',
    title: 'the burst of an application plan is counted by API',
    async play(world) {
      await world.serve({ application: { burst: burst(3) } });
      await world.admits(2);
      await world.admitsExactly(1, 'applicationBurst', { path: '/stock/1.0.0/x' });
      await world.refuses('applicationBurst');
    },
  },
  {
    id: 'bursts/application-by-user',
    section: 'WSO2 7.1',
    title: 'users of one application share the burst of its plan',
    async play(world) {
      await world.serve({ application: { burst: burst(2, 'min') } });
      await world.admitsExactly(2, 'applicationBurst', { claims: { sub: 'mary' } });
      await world.admitsExactly(2, 'applicationBurst', { claims: { sub: 'john' } }, { until: '2026-06-10T12:01:00Z' });
    },
  },
  {
    id: 'bursts/own-words-of-applications',
    section: 'WSO2 7.2',
    title: 'the refusal of an application burst reads as that of a quota',
    async play(world) {
      await world.serve({ application: { quota: calls(9), burst: burst(1, 'min') } });
      await world.admitsExactly(1, 'applicationBurst', {}, { until: '2026-06-10T12:01:00Z' });
    },
  },
];
