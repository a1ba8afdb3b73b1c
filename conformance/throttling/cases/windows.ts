import type { TimeUnit } from '@sluice/model';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';

/** When windows end: length, a time in it, and its end (wso2-gateway.md 7.3; months as the issue says). */
const ends: readonly (readonly [name: string, unit: TimeUnit, count: number, at: string, end: string])[] = [
  ['one-second', 'sec', 1, '2026-06-10T12:00:00.250Z', '2026-06-10T12:00:01Z'],
  ['thirty-seconds', 'sec', 30, '2026-06-10T12:00:29.999Z', '2026-06-10T12:00:30Z'],
  ['seven-seconds', 'sec', 7, '2026-06-10T12:00:00Z', '2026-06-10T12:00:03Z'],
  ['one-minute', 'min', 1, '2026-06-10T12:00:59.001Z', '2026-06-10T12:01:00Z'],
  ['five-minutes', 'min', 5, '2026-06-10T12:03:00Z', '2026-06-10T12:05:00Z'],
  ['seven-minutes', 'min', 7, '2026-06-10T12:00:00Z', '2026-06-10T12:06:00Z'],
  ['ninety-minutes', 'min', 90, '2026-06-10T13:00:00Z', '2026-06-10T13:30:00Z'],
  ['one-hour', 'hour', 1, '2026-06-10T12:59:59.999Z', '2026-06-10T13:00:00Z'],
  ['five-hours', 'hour', 5, '2026-06-10T12:00:00Z', '2026-06-10T14:00:00Z'],
  ['one-day', 'day', 1, '2026-06-10T00:00:00Z', '2026-06-11T00:00:00Z'],
  ['seven-days', 'day', 7, '2026-06-10T12:00:00Z', '2026-06-11T00:00:00Z'],
  ['day-before-the-summer', 'day', 1, '2026-03-28T23:59:59Z', '2026-03-29T00:00:00Z'],
  ['month-of-31', 'month', 1, '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z'],
  ['february', 'month', 1, '2027-02-28T12:00:00Z', '2027-03-01T00:00:00Z'],
  ['leap-february', 'month', 1, '2028-02-28T12:00:00Z', '2028-03-01T00:00:00Z'],
  ['leap-day', 'month', 1, '2028-02-29T23:59:59Z', '2028-03-01T00:00:00Z'],
  ['december', 'month', 1, '2026-12-31T12:00:00Z', '2027-01-01T00:00:00Z'],
  ['two-months', 'month', 2, '2026-02-28T12:00:00Z', '2026-03-01T00:00:00Z'],
  ['a-quarter', 'month', 3, '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z'],
  ['a-year', 'month', 12, '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['five-months', 'month', 5, '2026-04-01T00:00:00Z', '2026-09-01T00:00:00Z'],
  ['year-2100', 'month', 1, '2100-02-28T23:59:59Z', '2100-03-01T00:00:00Z'],
];

export const windowCases: readonly ThrottlingCase[] = [
  ...ends.map(
    ([name, unit, count, at, end]): ThrottlingCase => ({
      id: `windows/${name}`,
      section: 'WSO2 7.3',
      title: `a window of ${count} ${unit} that holds ${at} ends at another time than ${end}`,
      async play(world) {
        world.clock.set(at);
        await world.serve({ subscription: { quota: calls(2, unit, count) } });
        await world.admitsExactly(2, 'subscription', {}, { until: end });
        world.clock.passTo(new Date(Date.parse(end) - 1).toISOString());
        await world.refuses('subscription', {}, { until: end });
        world.clock.passTo(end);
        await world.admitsExactly(2, 'subscription');
      },
    }),
  ),
  {
    id: 'windows/shared-by-all-keys',
    section: 'WSO2 7.3',
    title: 'the window of an application begins with its first call and not with the minute',
    async play(world) {
      world.clock.set('2026-06-10T12:00:10.000Z');
      await world.serve({ application: { quota: calls(2) } });
      await world.admitsExactly(2, 'application');
      world.clock.passTo('2026-06-10T12:00:50.000Z');
      await world.admitsExactly(2, 'application', { client: 'client-2' }, { until: '2026-06-10T12:01:00Z' });
      world.clock.passTo('2026-06-10T12:01:00.000Z');
      await world.admitsExactly(2, 'application');
      await world.admitsExactly(2, 'application', { client: 'client-2' });
    },
  },
  {
    id: 'windows/idle-ones-save-nothing',
    section: 'WSO2 7.3',
    title: 'units that nobody used in a window are added to the next one',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admits(1);
      world.clock.pass(5 * 60_000);
      await world.admitsExactly(3, 'subscription');
    },
  },
  {
    id: 'windows/many-in-a-row',
    section: 'issue 5.1',
    title: 'a window admits more or less than its limit when others came before it',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3, 'sec') } });
      for (let second = 0; second < 6; second++) {
        await world.admitsExactly(3, 'subscription');
        world.clock.pass(1000);
      }
    },
  },
  {
    id: 'windows/limit-of-one',
    section: 'issue 5.4',
    title: 'a limit of one admits none, or two',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1) } });
      await world.admitsExactly(1, 'subscription');
      world.clock.pass(60_000);
      await world.admitsExactly(1, 'subscription');
    },
  },
  {
    id: 'windows/limit-of-ten-million',
    section: 'issue 5.4',
    title: 'a limit of ten million a window holds calls up',
    async play(world) {
      await world.serve({ subscription: { quota: calls(10_000_000, 'month') } });
      await world.admits(20);
    },
  },
];
