import { application, entry } from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';
import { denial } from '../site.ts';

const mary = { claims: { sub: 'mary' } };
const stock = { path: '/stock/1.0.0/x' };
const desk = { client: 'client-2' };
/** A refusal by a deny policy holds until somebody lifts it: it names no time. */
const forever = { until: null };
const behindProxies = { throttling: { trustedProxies: ['127.0.0.0/8'] } };
const forwarded = (address: string) => ({ headers: { 'x-forwarded-for': address } });

/** Deny policies (wso2-gateway.md 7.6). */
export const denyCases: readonly ThrottlingCase[] = [
  {
    id: 'deny/api',
    section: 'WSO2 7.6',
    title: 'a denied API is served, or another one is not',
    async play(world) {
      await world.serve({ deny: [{ type: 'API', value: '/orders/1.0.0' }] });
      await world.refuses('denied', {}, forever);
      await world.admits(1, stock);
    },
  },
  {
    id: 'deny/api-of-another-version',
    section: 'WSO2 7.6',
    title: 'a denied version denies the others',
    async play(world) {
      await world.serve({ deny: [{ type: 'API', value: '/orders/1.0' }] });
      await world.admits(1);
    },
  },
  {
    id: 'deny/api-under-its-default-path',
    section: 'WSO2 7.6',
    title: 'a denied API is served under its path without version',
    async play(world) {
      await world.serve({
        api: { defaultBasePath: '/orders' },
        stock: { defaultBasePath: null },
        deny: [{ type: 'API', value: '/orders/1.0.0' }],
      });
      await world.refuses('denied', { path: '/orders/x' }, forever);
    },
  },
  {
    id: 'deny/application',
    section: 'WSO2 7.6',
    title: 'a denied application is served, or one beside it is not',
    async play(world) {
      await world.serve({ deny: [{ type: 'APPLICATION', value: 'admin:shop' }] });
      await world.refuses('denied', {}, forever);
      await world.refuses('denied', { client: 'client-1-sandbox' }, forever);
      await world.admits(1, desk);
    },
  },
  {
    id: 'deny/application-of-another-owner',
    section: 'WSO2 7.6',
    title: 'an application is denied for the name of another owner’s',
    async play(world) {
      await world.serve({ deny: [{ type: 'APPLICATION', value: 'mary:shop' }] });
      await world.admits(1);
    },
  },
  {
    id: 'deny/application-renamed',
    section: 'WSO2 7.6',
    title: 'a denial of an application stays when it gets another name',
    async play(world) {
      await world.serve({ deny: [{ type: 'APPLICATION', value: 'admin:shop' }] });
      await world.refuses('denied');
      await world.put(entry.application(application({ name: 'market' })));
      await world.admits(1);
    },
  },
  {
    id: 'deny/user',
    section: 'WSO2 7.6',
    title: 'a denied user is served by way of some application',
    async play(world) {
      await world.serve({ deny: [{ type: 'USER', value: 'mary@carbon.super' }] });
      await world.refuses('denied', mary, forever);
      await world.refuses('denied', { ...mary, ...desk }, forever);
      await world.admits(1, { claims: { sub: 'john' } });
    },
  },
  {
    id: 'deny/user-without-organization',
    section: 'WSO2 7.6',
    title: 'a user denied by the bare name is served',
    async play(world) {
      await world.serve({ deny: [{ type: 'USER', value: 'mary' }] });
      await world.refuses('denied', mary, forever);
      await world.refuses('denied', { claims: { sub: 'mary@carbon.super' } }, forever);
      await world.admits(1, { claims: { sub: 'maryann' } });
    },
  },
  {
    id: 'deny/subscription',
    section: 'WSO2 7.6',
    title: 'a denied subscription denies the other key type, API or application',
    async play(world) {
      await world.serve({
        deny: [{ type: 'SUBSCRIPTION', value: '/orders/1.0.0:1.0.0:admin-shop:PRODUCTION' }],
      });
      await world.refuses('denied', {}, forever);
      await world.admits(1, { client: 'client-1-sandbox' });
      await world.admits(1, stock);
      await world.admits(1, desk);
    },
  },
  {
    id: 'deny/address',
    section: 'WSO2 7.6',
    title: 'a denied address is served, or the one beside it is not',
    async play(world) {
      await world.serve({ deny: [{ type: 'IP', address: '127.0.0.7', invert: false }] });
      await world.refuses('denied', { from: '127.0.0.7' }, forever);
      await world.admits(1, { from: '127.0.0.8' });
    },
  },
  {
    id: 'deny/all-but-an-address',
    section: 'WSO2 7.6',
    title: 'an inverted denial denies the one address that it spares',
    async play(world) {
      await world.serve({ deny: [{ type: 'IP', address: '127.0.0.7', invert: true }] });
      await world.admits(1, { from: '127.0.0.7' });
      await world.refuses('denied', { from: '127.0.0.8' }, forever);
    },
  },
  {
    id: 'deny/range-with-both-ends',
    section: 'WSO2 7.6',
    title: 'the ends of a denied range are served',
    async play(world) {
      await world.serve({ deny: [{ type: 'IPRANGE', first: '127.0.0.5', last: '127.0.1.5', invert: false }] });
      for (const from of ['127.0.0.5', '127.0.0.200', '127.0.1.5']) await world.refuses('denied', { from }, forever);
      for (const from of ['127.0.0.4', '127.0.1.6']) await world.admits(1, { from });
    },
  },
  {
    id: 'deny/all-but-a-range',
    section: 'WSO2 7.6',
    title: 'an inverted range denies what is in it',
    async play(world) {
      await world.serve({ deny: [{ type: 'IPRANGE', first: '127.0.0.5', last: '127.0.0.9', invert: true }] });
      for (const from of ['127.0.0.5', '127.0.0.9']) await world.admits(1, { from });
      for (const from of ['127.0.0.4', '127.0.0.10']) await world.refuses('denied', { from }, forever);
    },
  },
  {
    id: 'deny/address-of-ipv6',
    section: 'issue 5.1',
    title: 'an address of IPv6 is compared as text and not as an address',
    async play(world) {
      await world.serve({ deny: [{ type: 'IP', address: '2001:db8:0:0::1', invert: false }] }, behindProxies);
      for (const address of ['2001:db8::1', '2001:0DB8:0000::0001', '[2001:db8::1]:4711']) {
        await world.refuses('denied', forwarded(address), forever);
      }
      await world.admits(1, forwarded('2001:db8::2'));
    },
  },
  {
    id: 'deny/range-of-ipv6',
    section: 'issue 5.1',
    title: 'a range of IPv6 addresses denies too much or too little',
    async play(world) {
      await world.serve(
        { deny: [{ type: 'IPRANGE', first: '2001:db8::ff', last: '2001:db8::1:0', invert: false }] },
        behindProxies,
      );
      for (const address of ['2001:db8::ff', '2001:db8::abcd', '2001:db8::1:0']) {
        await world.refuses('denied', forwarded(address), forever);
      }
      for (const address of ['2001:db8::fe', '2001:db8::1:1', '10.0.0.1']) await world.admits(1, forwarded(address));
    },
  },
  {
    id: 'deny/mapped-address',
    section: 'issue 5.1',
    title: 'an IPv4 client is served when it comes mapped into IPv6',
    async play(world) {
      await world.serve({ deny: [{ type: 'IP', address: '10.1.2.3', invert: false }] }, behindProxies);
      await world.refuses('denied', forwarded('::ffff:10.1.2.3'), forever);
    },
  },
  {
    id: 'deny/forged-address',
    section: 'issue 5.1',
    title: 'a denied client is served for a header that names another address',
    async play(world) {
      await world.serve({ deny: [{ type: 'IP', address: '127.0.0.7', invert: false }] });
      await world.refuses('denied', { from: '127.0.0.7', ...forwarded('10.0.0.1') }, forever);
      await world.admits(1, { from: '127.0.0.8', ...forwarded('127.0.0.7') });
    },
  },
  {
    id: 'deny/switched-off',
    section: 'WSO2 7.6',
    title: 'a deny policy that is switched off denies',
    async play(world) {
      await world.serve({
        deny: [
          { type: 'API', value: '/orders/1.0.0', enabled: false },
          { type: 'APPLICATION', value: 'admin:shop', enabled: false },
          { type: 'USER', value: 'admin', enabled: false },
          { type: 'IP', address: '127.0.0.1', invert: false, enabled: false },
          { type: 'IPRANGE', first: '127.0.0.0', last: '127.0.0.9', invert: false, enabled: false },
          { type: 'SUBSCRIPTION', value: '/orders/1.0.0:1.0.0:admin-shop:PRODUCTION', enabled: false },
        ],
      });
      await world.admits(2);
    },
  },
  {
    id: 'deny/on-and-off',
    section: 'issue 5.2',
    title: 'switching a deny policy has no effect on a running gateway',
    async play(world) {
      const condition = { type: 'IP', address: '127.0.0.1', invert: false } as const;
      await world.serve({ deny: [{ ...condition, enabled: false }] });
      await world.admits(1);
      await world.put(denial(condition, 'deny-0'));
      await world.refuses('denied');
      await world.put(denial({ ...condition, enabled: false }, 'deny-0'));
      await world.admits(1);
      await world.put(denial(condition, 'deny-0'));
      await world.refuses('denied');
      await world.remove('denyPolicy', 'deny-0');
      await world.admits(1);
    },
  },
  {
    id: 'deny/not-by-this-gateway',
    section: 'WSO2 7.7',
    title: 'enable_blacklist_condition = false still denies',
    async play(world) {
      await world.serve({ deny: [{ type: 'API', value: '/orders/1.0.0' }] }, { throttling: { denyPolicies: false } });
      await world.admits(1);
    },
  },
  {
    id: 'deny/of-another-organization',
    section: 'WSO2 7.6',
    title: 'a denied address of one organization is denied in another',
    async play(world) {
      await world.serve({
        more: [denial({ type: 'IP', address: '127.0.0.1', invert: false }, 'theirs', 'other.example')],
      });
      await world.admits(1);
    },
  },
  {
    id: 'deny/each-of-several',
    section: 'WSO2 7.6',
    title: 'of several deny policies of one type only the last holds',
    async play(world) {
      await world.serve({
        deny: ['127.0.0.3', '127.0.0.4', '127.0.0.5'].map(
          (address) => ({ type: 'IP', address, invert: false }) as const,
        ),
      });
      for (const from of ['127.0.0.3', '127.0.0.4', '127.0.0.5']) await world.refuses('denied', { from });
      await world.remove('denyPolicy', 'deny-1');
      await world.admits(1, { from: '127.0.0.4' });
      await world.refuses('denied', { from: '127.0.0.5' });
    },
  },
  {
    id: 'deny/anonymous-calls',
    section: 'WSO2 7.6',
    title: 'calls without a token are served from a denied address',
    async play(world) {
      await world.serve({
        api: {
          operations: [{ verb: 'GET', target: '/*', authType: 'None', throttlingPolicy: 'Unlimited', scopes: [] }],
        },
        deny: [{ type: 'IP', address: '127.0.0.7', invert: false }],
      });
      await world.refuses('denied', { client: null, from: '127.0.0.7' }, forever);
      await world.admits(1, { client: null });
    },
  },
  {
    id: 'deny/before-any-limit',
    section: 'WSO2 7.1',
    title: 'a used-up limit answers a denied call',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(1) }, deny: [{ type: 'USER', value: 'mary' }] });
      await world.admitsExactly(1, 'api');
      await world.refuses('denied', mary, forever);
    },
  },
  {
    id: 'deny/consumes-nothing',
    section: 'issue 5.3',
    title: 'denied calls are taken from quotas',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(3) }, deny: [{ type: 'USER', value: 'mary' }] });
      for (let call = 0; call < 5; call++) await world.refuses('denied', mary, forever);
      await world.admitsExactly(3, 'api');
    },
  },
];
