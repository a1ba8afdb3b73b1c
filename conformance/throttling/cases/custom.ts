import type { ThrottlingCase } from '../case.ts';
import { eachUser, rule, siddhi } from '../site.ts';

const mary = { claims: { sub: 'mary' } };
const john = { claims: { sub: 'john' } };
const stock = { path: '/stock/1.0.0/x' };
const desk = { client: 'client-2' };

/** Custom rules: key templates and the usual shape of WSO2's queries (wso2-gateway.md 7.4). */
export const customCases: readonly ThrottlingCase[] = [
  {
    id: 'custom/each-user',
    section: 'WSO2 7.4',
    title: 'a rule by user counts by application or API',
    async play(world) {
      await world.serve({ rules: [{ siddhiQuery: eachUser(3) }] });
      await world.admits(1, mary);
      await world.admits(1, { ...mary, ...stock });
      await world.admitsExactly(1, 'custom', { ...mary, ...desk }, { until: '2026-06-10T12:01:00Z' });
      await world.admitsExactly(3, 'custom', john);
    },
  },
  {
    id: 'custom/one-user-alone',
    section: 'WSO2 7.4',
    title: 'a rule about one user holds for others',
    async play(world) {
      const query = siddhi({
        select: 'userId',
        eligible: "userId == 'mary@carbon.super'",
        key: "str:concat('mary@carbon.super','')",
        amount: 2,
        window: '1 min',
      });
      await world.serve({ rules: [{ keyTemplate: '$userId', siddhiQuery: query }] });
      await world.admitsExactly(2, 'custom', mary);
      await world.admits(5, john);
    },
  },
  {
    id: 'custom/user-and-application',
    section: 'WSO2 7.4',
    title: 'a rule about one user and application holds for others',
    async play(world) {
      const query = siddhi({
        select: 'userId, appId',
        eligible: "userId == 'mary@carbon.super' AND appId == 'app-1'",
        key: "str:concat(appId,':',userId)",
        amount: 2,
        window: '1 min',
      });
      await world.serve({ rules: [{ keyTemplate: '$appId:$userId', siddhiQuery: query }] });
      await world.admitsExactly(2, 'custom', mary);
      await world.admits(4, { ...mary, ...desk });
      await world.admits(4, john);
    },
  },
  ...(
    [
      ['api-context', '$apiContext', 'apiContext', {}, stock],
      ['api-version', '$apiVersion', 'apiVersion', {}, null],
      ['application', '$appId', 'appId', {}, desk],
      ['resource', '$resourceKey', 'resourceKey', {}, { method: 'POST' }],
      ['client-address', '$clientIp', 'ip', {}, { from: '127.0.0.9' }],
      ['organization', '$apiTenant', 'apiTenant', {}, null],
    ] as const
  ).map(
    ([name, keyTemplate, variable, ask, other]): ThrottlingCase => ({
      id: `custom/by-${name}`,
      section: 'WSO2 7.4',
      title: `a rule whose key is ${keyTemplate} counts for another key`,
      async play(world) {
        const query = siddhi({
          select: variable,
          eligible: `not (${variable} is null)`,
          key: `str:concat(${variable},'')`,
          amount: 3,
          window: '1 min',
        });
        await world.serve({ rules: [{ keyTemplate, siddhiQuery: query }] });
        await world.admits(2, { ...ask, ...mary });
        await world.admitsExactly(1, 'custom', { ...ask, ...john });
        if (other !== null) await world.admitsExactly(3, 'custom', { ...other, ...john });
      },
    }),
  ),
  {
    id: 'custom/window-of-hours',
    section: 'WSO2 7.4',
    title: 'the window of a rule is read wrongly from its query',
    async play(world) {
      await world.serve({ rules: [{ siddhiQuery: eachUser(2, '2 hours') }] });
      await world.admitsExactly(2, 'custom', {}, { until: '2026-06-10T14:00:00Z' });
      world.clock.passTo('2026-06-10T13:59:59.999Z');
      await world.refuses('custom');
      world.clock.pass(1);
      await world.admits(1);
    },
  },
  {
    id: 'custom/several-rules',
    section: 'WSO2 7.4',
    title: 'only one of several rules holds',
    async play(world) {
      await world.serve({ rules: [{ siddhiQuery: eachUser(4) }, { siddhiQuery: eachUser(2, '1 sec') }] });
      await world.admitsExactly(2, 'custom', {}, { until: '2026-06-10T12:00:01Z' });
      world.clock.pass(1000);
      await world.admitsExactly(2, 'custom', {}, { until: '2026-06-10T12:01:00Z' });
    },
  },
  {
    id: 'custom/switched-off',
    section: 'issue 5.2',
    title: 'a rule that is switched off holds',
    async play(world) {
      await world.serve({ rules: [{ siddhiQuery: eachUser(2), enabled: false }] });
      await world.admits(5);
    },
  },
  {
    id: 'custom/comes-and-goes',
    section: 'issue 5.2',
    title: 'a rule has no effect on a running gateway, or stays after it was deleted',
    async play(world) {
      await world.serve({});
      await world.admits(3);
      await world.put(rule({ siddhiQuery: eachUser(2) }));
      await world.admitsExactly(2, 'custom');
      await world.remove('customRule', 'rule');
      await world.admits(3);
    },
  },
  {
    id: 'custom/higher-with-counts-kept',
    section: 'issue 5.2',
    title: 'a rule that allows more forgets what was counted',
    async play(world) {
      await world.serve({ more: [rule({ siddhiQuery: eachUser(2) })] });
      await world.admitsExactly(2, 'custom');
      await world.put(rule({ siddhiQuery: eachUser(5) }));
      await world.admitsExactly(3, 'custom');
    },
  },
];
