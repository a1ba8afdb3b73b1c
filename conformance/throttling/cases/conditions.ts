import type { ConditionalGroup, PlanCondition, Quota } from '@sluice/model';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';
import type { Ask } from '../world.ts';

const all = { throttling: { conditions: { headers: true, claims: true, queryParameters: true } } };
const behindProxies = { throttling: { ...all.throttling, trustedProxies: ['127.0.0.0/8'] } };
const forwarded = (address: string): Ask => ({ headers: { 'x-forwarded-for': address } });

function group(quota: Quota | null, ...conditions: readonly PlanCondition[]): ConditionalGroup {
  return { description: '', conditions, quota };
}

function address(value: string, invert = false): PlanCondition {
  return { type: 'IPCONDITION', invert, addresses: { type: 'IPSPECIFIC', address: value } };
}

function range(first: string, last: string, invert = false): PlanCondition {
  return { type: 'IPCONDITION', invert, addresses: { type: 'IPRANGE', first, last } };
}

function header(name: string, value: string, invert = false): PlanCondition {
  return { type: 'HEADERCONDITION', invert, name, value };
}

function query(name: string, value: string, invert = false): PlanCondition {
  return { type: 'QUERYPARAMETERCONDITION', invert, name, value };
}

function claim(name: string, value: string, invert = false): PlanCondition {
  return { type: 'JWTCLAIMSCONDITION', invert, claim: name, value };
}

const gold = header('x-grade', 'gold');

/** Conditions, calls that meet them, and calls that do not. */
const meanings: readonly {
  readonly name: string;
  readonly title: string;
  readonly conditions: readonly PlanCondition[];
  readonly meets: readonly Ask[];
  readonly misses: readonly Ask[];
  readonly proxies?: true;
}[] = [
  {
    name: 'address',
    title: 'a condition about one address',
    conditions: [address('127.0.0.7')],
    meets: [{ from: '127.0.0.7' }],
    misses: [{}, { from: '127.0.0.70' }],
  },
  {
    name: 'address-inverted',
    title: 'an inverted condition about one address',
    conditions: [address('127.0.0.7', true)],
    meets: [{}, { from: '127.0.0.8' }],
    misses: [{ from: '127.0.0.7' }],
  },
  {
    name: 'range',
    title: 'a condition about a range with its ends',
    conditions: [range('127.0.0.5', '127.0.0.9')],
    meets: [{ from: '127.0.0.5' }, { from: '127.0.0.9' }],
    misses: [{ from: '127.0.0.4' }, { from: '127.0.0.10' }],
  },
  {
    name: 'range-inverted',
    title: 'an inverted condition about a range',
    conditions: [range('127.0.0.5', '127.0.0.9', true)],
    meets: [{ from: '127.0.0.4' }, { from: '127.0.0.10' }],
    misses: [{ from: '127.0.0.5' }, { from: '127.0.0.9' }],
  },
  {
    name: 'range-of-ipv6',
    title: 'a condition about a range of IPv6 addresses',
    conditions: [range('2001:db8::10', '2001:db8::1:0')],
    meets: [forwarded('2001:db8::10'), forwarded('2001:DB8::ffff')],
    misses: [forwarded('2001:db8::f'), forwarded('127.0.0.1'), forwarded('2001:db8::1:1')],
    proxies: true,
  },
  {
    name: 'header',
    title: 'a condition about a header',
    conditions: [gold],
    meets: [{ headers: { 'X-Grade': 'gold' } }, { headers: { 'x-grade': 'gold', accept: '*/*' } }],
    misses: [{}, { headers: { 'x-grade': 'silver' } }, { headers: { 'x-grades': 'gold' } }],
  },
  {
    name: 'header-inverted',
    title: 'an inverted condition about a header',
    conditions: [header('x-grade', 'gold', true)],
    meets: [{ headers: { 'x-grade': 'silver' } }],
    misses: [{ headers: { 'x-grade': 'gold' } }],
  },
  {
    name: 'query-parameter',
    title: 'a condition about a query parameter',
    conditions: [query('grade', 'gold')],
    meets: [{ path: '/orders/1.0.0/x?grade=gold' }, { path: '/orders/1.0.0/x?a=b&grade=gold&c=d' }],
    misses: [{}, { path: '/orders/1.0.0/x?grade=silver' }, { path: '/orders/1.0.0/x?upgrade=gold' }],
  },
  {
    name: 'query-parameter-encoded',
    title: 'a condition about a query parameter whose value is percent-encoded',
    conditions: [query('grade', 'gold & more')],
    meets: [{ path: '/orders/1.0.0/x?grade=gold%20%26%20more' }, { path: '/orders/1.0.0/x?gr%61de=gold+%26+more' }],
    misses: [{ path: '/orders/1.0.0/x?grade=gold%20&%20more' }],
  },
  {
    name: 'query-parameter-inverted',
    title: 'an inverted condition about a query parameter',
    conditions: [query('grade', 'gold', true)],
    meets: [{ path: '/orders/1.0.0/x?grade=silver' }],
    misses: [{ path: '/orders/1.0.0/x?grade=gold' }],
  },
  {
    name: 'claim',
    title: 'a condition about a claim of the token',
    conditions: [claim('grade', 'gold')],
    meets: [{ claims: { grade: 'gold' } }],
    misses: [{}, { claims: { grade: 'silver' } }],
  },
  {
    name: 'claim-inverted',
    title: 'an inverted condition about a claim',
    conditions: [claim('grade', 'gold', true)],
    meets: [{ claims: { grade: 'silver' } }],
    misses: [{ claims: { grade: 'gold' } }],
  },
  {
    name: 'all-of-several',
    title: 'several conditions of one group',
    conditions: [gold, query('q', '1'), claim('grade', 'gold'), address('127.0.0.1')],
    meets: [{ headers: { 'x-grade': 'gold' }, path: '/orders/1.0.0/x?q=1', claims: { grade: 'gold' } }],
    misses: [
      { headers: { 'x-grade': 'gold' }, path: '/orders/1.0.0/x?q=1' },
      { headers: { 'x-grade': 'gold' }, claims: { grade: 'gold' } },
      { path: '/orders/1.0.0/x?q=1', claims: { grade: 'gold' } },
      { headers: { 'x-grade': 'gold' }, path: '/orders/1.0.0/x?q=1', claims: { grade: 'gold' }, from: '127.0.0.9' },
    ],
  },
  {
    name: 'one-straight-one-inverted',
    title: 'a group of one condition and one that is inverted',
    conditions: [gold, address('127.0.0.7', true)],
    meets: [{ headers: { 'x-grade': 'gold' } }],
    misses: [{}, { headers: { 'x-grade': 'gold' }, from: '127.0.0.7' }],
  },
];

/** Conditional groups of advanced plans (wso2-gateway.md 7.4). */
export const conditionCases: readonly ThrottlingCase[] = [
  ...meanings.map(
    ({ name, title, conditions, meets, misses, proxies }): ThrottlingCase => ({
      id: `conditions/${name}`,
      section: 'WSO2 7.4',
      title: `${title} counts the wrong calls`,
      async play(world) {
        await world.serve(
          { apiPlan: { quota: calls(50), conditionalGroups: [group(calls(meets.length), ...conditions)] } },
          proxies ? behindProxies : all,
        );
        for (const ask of misses) await world.admits(1, ask);
        for (const ask of meets) await world.admits(1, ask);
        for (const ask of meets) await world.refuses('api', ask);
        for (const ask of misses) await world.admits(1, ask);
      },
    }),
  ),
  ...(
    [
      ['headers', gold, { headers: { 'x-grade': 'gold' } }],
      ['query-parameters', query('q', '1'), { path: '/orders/1.0.0/x?q=1' }],
      ['claims', claim('grade', 'gold'), { claims: { grade: 'gold' } }],
    ] as const
  ).map(
    ([name, condition, ask]): ThrottlingCase => ({
      id: `conditions/${name}-switched-off`,
      section: 'WSO2 7.4',
      title: `conditions about ${name} are held although they are not switched on`,
      async play(world) {
        await world.serve({ apiPlan: { quota: calls(3), conditionalGroups: [group(calls(1), condition)] } });
        await world.admitsExactly(3, 'api', ask);
      },
    }),
  ),
  {
    id: 'conditions/apart-from-the-rest',
    section: 'WSO2 7.1',
    title: 'calls of a group are taken from the quota of the rest',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(2), conditionalGroups: [group(calls(3), gold)] } }, all);
      await world.admitsExactly(3, 'api', { headers: { 'x-grade': 'gold' } });
      await world.admitsExactly(2, 'api');
    },
  },
  {
    id: 'conditions/window-of-its-own',
    section: 'WSO2 7.4',
    title: 'a group has the window of its plan',
    async play(world) {
      await world.serve(
        { apiPlan: { quota: calls(2, 'day'), conditionalGroups: [group(calls(2, 'sec'), gold)] } },
        all,
      );
      const golden = { headers: { 'x-grade': 'gold' } };
      await world.admitsExactly(2, 'api', golden, { until: '2026-06-10T12:00:01Z' });
      await world.admitsExactly(2, 'api', {}, { until: '2026-06-11T00:00:00Z' });
      world.clock.pass(1000);
      await world.admitsExactly(2, 'api', golden);
      await world.refuses('api');
    },
  },
  {
    id: 'conditions/first-group-that-fits',
    section: 'WSO2 7.1',
    title: 'a call that meets two groups is counted in the later one',
    async play(world) {
      const groups = [group(calls(2), gold), group(calls(4), address('127.0.0.1'))];
      await world.serve({ apiPlan: { quota: calls(9), conditionalGroups: groups } }, all);
      await world.admitsExactly(2, 'api', { headers: { 'x-grade': 'gold' } });
      await world.admitsExactly(4, 'api');
      await world.admitsExactly(9, 'api', { from: '127.0.0.2' });
    },
  },
  {
    id: 'conditions/without-quota',
    section: 'WSO2 7.4',
    title: 'a group without a quota is counted',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(2), conditionalGroups: [group(null, gold)] } }, all);
      await world.admits(8, { headers: { 'x-grade': 'gold' } });
      await world.admitsExactly(2, 'api');
      await world.admits(2, { headers: { 'x-grade': 'gold' } });
    },
  },
  {
    id: 'conditions/on-operations',
    section: 'WSO2 7.1',
    title: 'groups of an operation’s plan are shared by its operations',
    async play(world) {
      await world.serve({ operationPlan: { quota: calls(1), conditionalGroups: [group(calls(2), gold)] } }, all);
      const headers = { 'x-grade': 'gold' };
      await world.admitsExactly(2, 'operation', { headers });
      await world.admitsExactly(2, 'operation', { headers, method: 'POST' });
      await world.admitsExactly(1, 'operation');
    },
  },
  {
    id: 'conditions/each-api',
    section: 'WSO2 7.1',
    title: 'the group of a plan is shared by the APIs that have the plan',
    async play(world) {
      await world.serve({ apiPlan: { quota: null, conditionalGroups: [group(calls(2), address('127.0.0.1'))] } });
      await world.admitsExactly(2, 'api');
      await world.admitsExactly(2, 'api', { path: '/stock/1.0.0/x' });
    },
  },
];
