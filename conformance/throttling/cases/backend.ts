import type { ThrottlingCase } from '../case.ts';

const sandbox = { client: 'client-1-sandbox' };

/** The bound on what a backend gets, `maxTps` (wso2-gateway.md 5.5, 7.1). */
export const backendCases: readonly ThrottlingCase[] = [
  {
    id: 'backend/production-alone',
    section: 'WSO2 5.5',
    title: 'a bound on the production backend holds for the sandbox',
    async play(world) {
      await world.serve({ api: { maxTps: { production: { count: 2, timeUnit: 'sec' } } } });
      await world.admitsExactly(2, 'hard');
      await world.admits(6, sandbox);
    },
  },
  {
    id: 'backend/sandbox-alone',
    section: 'WSO2 5.5',
    title: 'a bound on the sandbox holds for the production backend',
    async play(world) {
      await world.serve({ api: { maxTps: { sandbox: { count: 2, timeUnit: 'sec' } } } });
      await world.admitsExactly(2, 'hard', sandbox);
      await world.admits(6);
    },
  },
  {
    id: 'backend/both-apart',
    section: 'WSO2 7.1',
    title: 'production and sandbox are counted together',
    async play(world) {
      await world.serve({
        api: { maxTps: { production: { count: 3, timeUnit: 'min' }, sandbox: { count: 2, timeUnit: 'min' } } },
      });
      await world.admits(2);
      await world.admitsExactly(2, 'hard', sandbox);
      await world.admitsExactly(1, 'hard');
    },
  },
  {
    id: 'backend/callers-together',
    section: 'WSO2 7.1',
    title: 'each application gets the whole of a backend',
    async play(world) {
      await world.serve({ api: { maxTps: { production: { count: 3, timeUnit: 'min' } } } });
      await world.admits(1, { claims: { sub: 'mary' } });
      await world.admits(1, { client: 'client-2' });
      await world.admitsExactly(1, 'hard');
    },
  },
  {
    id: 'backend/each-api',
    section: 'WSO2 7.1',
    title: 'two APIs share the bound of one of them',
    async play(world) {
      await world.serve({ api: { maxTps: { production: { count: 2, timeUnit: 'min' } } } });
      await world.admitsExactly(2, 'hard');
      await world.admitsExactly(2, 'hard', { path: '/stock/1.0.0/x' });
    },
  },
  ...(
    [
      ['sec', '2026-06-10T12:00:31Z'],
      ['min', '2026-06-10T12:01:30Z'],
      ['hour', '2026-06-10T13:00:30Z'],
    ] as const
  ).map(
    ([timeUnit, end]): ThrottlingCase => ({
      id: `backend/one-${timeUnit}`,
      section: 'WSO2 5.5',
      title: `a bound by the ${timeUnit} counts from another time than the first call`,
      async play(world) {
        world.clock.set('2026-06-10T12:00:30.000Z');
        await world.serve({ api: { maxTps: { production: { count: 2, timeUnit } } } });
        await world.admitsExactly(2, 'hard', {}, { until: end });
        world.clock.passTo(new Date(Date.parse(end) - 1).toISOString());
        await world.refuses('hard', {}, { until: end });
        world.clock.passTo(end);
        await world.admitsExactly(2, 'hard');
      },
    }),
  ),
];
