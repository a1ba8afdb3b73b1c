import assert from 'node:assert/strict';
import type { ThrottlingCase } from '../case.ts';
import { burst, calls } from '../plans.ts';
import { type ReasonName, reasons } from '../reasons.ts';
import { nextAccess } from '../refusal.ts';
import type { Site } from '../site.ts';
import type { Ask } from '../world.ts';

const end = '2026-06-10T12:01:00Z';
const soap11 = { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:order"' };
const soap12 = { 'content-type': 'application/soap+xml' };
const types = { xml: /^application\/xml/, 'soap-1.1': /^text\/xml/, 'soap-1.2': /^application\/soap\+xml/ } as const;

/** Each reason with a picture that leads to it at once. */
const roads: readonly (readonly [ReasonName, Site])[] = [
  ['api', { apiPlan: { quota: calls(1) } }],
  ['operation', { operationPlan: { quota: calls(1) } }],
  ['subscription', { subscription: { quota: calls(1) } }],
  ['subscriptionBurst', { subscription: { burst: burst(1, 'min') } }],
  ['application', { application: { quota: calls(1) } }],
  ['applicationBurst', { application: { burst: burst(1, 'min') } }],
  ['hard', { api: { maxTps: { production: { count: 1, timeUnit: 'min' } } } }],
  ['denied', { deny: [{ type: 'USER', value: 'mary' }] }],
];

/** An answer in another form than JSON, and what all of them share. */
function inForm(
  form: 'xml' | 'soap-1.1' | 'soap-1.2',
  ask: Ask,
  [name, site]: (typeof roads)[number],
  check: (body: string, reason: (typeof reasons)[ReasonName], description: string) => void,
): ThrottlingCase {
  const reason = reasons[name];
  return {
    id: `answers/${form}-${reason.cause}`,
    section: 'WSO2 7.2',
    title: `${reason.cause} is answered in another form than ${form}`,
    async play(world) {
      await world.serve(site);
      if (name !== 'denied') await world.admits(1, ask);
      const before = world.backend.received.length;
      const answer = await world.call({ ...ask, claims: { sub: name === 'denied' ? 'mary' : 'admin' } });
      assert.equal(answer.headers['sluice-cause'], reason.cause, answer.body);
      assert.equal(answer.status, reason.status);
      assert.equal(answer.headers['retry-after'], name === 'denied' ? undefined : '60');
      assert.match(answer.headers['content-type'] ?? '', types[form]);
      const description =
        reason.description + (name === 'denied' ? '' : ` .You can access API after ${nextAccess(end)}`);
      check(answer.body, reason, description);
      assert.equal(world.backend.received.length, before);
    },
  };
}

const xml: Ask = { headers: { accept: 'application/xml' } };

export const answerCases: readonly ThrottlingCase[] = [
  ...roads.map(
    ([name, site]): ThrottlingCase => ({
      id: `answers/json-${reasons[name].cause}`,
      section: 'WSO2 7.2',
      title: `${reasons[name].cause} is answered in other words, or at another time`,
      async play(world) {
        await world.serve(site);
        if (name !== 'denied') await world.admits(1);
        const ask = name === 'denied' ? { claims: { sub: 'mary' } } : {};
        const { body, headers } = await world.refuses(name, ask, { until: name === 'denied' ? null : end });
        const members = ['code', 'message', 'description', ...(name === 'denied' ? [] : ['nextAccessTime'])];
        assert.deepEqual(Object.keys(JSON.parse(body)), members, 'WSO2 4.x has these members, in this order');
        assert.equal(headers['www-authenticate'], undefined);
      },
    }),
  ),
  ...roads.map((road) =>
    inForm('xml', xml, road, (body, reason, description) => {
      const next = reason.status === 403 ? '' : `<amt:nextAccessTime>${nextAccess(end)}</amt:nextAccessTime>`;
      assert.equal(
        body,
        `<amt:fault xmlns:amt="http://wso2.org/apimanager/throttling"><amt:code>${reason.code}</amt:code>` +
          `<amt:message>${reason.message}</amt:message><amt:description>${description}</amt:description>${next}</amt:fault>`,
      );
    }),
  ),
  ...([roads[0], roads[6], roads[7]] as (typeof roads)[number][]).flatMap((road) => [
    inForm('soap-1.1', { method: 'POST', body: '<e/>', headers: soap11 }, road, assertSoap),
    inForm('soap-1.2', { method: 'POST', body: '<e/>', headers: soap12 }, road, assertSoap),
  ]),
  {
    id: 'answers/cors',
    section: 'WSO2 6.3',
    title: 'a page of another origin cannot read that it was refused',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(1) } });
      const ask = { headers: { origin: 'https://shop.example' } };
      await world.admits(1, ask);
      const { headers } = await world.refuses('api', ask);
      assert.equal(headers['access-control-allow-origin'], '*');
    },
  },
  {
    id: 'answers/rate-limit-not-asked-for',
    section: 'issue 5.3',
    title: 'RateLimit headers are sent though nobody asked for them',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1) } });
      const admitted = await world.admits(1);
      const refused = await world.refuses('subscription');
      for (const { headers } of [admitted, refused]) {
        assert.equal(headers.ratelimit, undefined);
        assert.equal(headers['ratelimit-policy'], undefined);
      }
    },
  },
  {
    id: 'answers/rate-limit',
    section: 'IETF ratelimit §4',
    title: 'RateLimit headers tell another limit, rest or time than holds',
    async play(world) {
      world.clock.set('2026-06-10T12:00:15.000Z');
      const limit = { quota: 3, window: 60 };
      await world.serve({ subscription: { quota: calls(3) } }, { throttling: { rateLimitHeaders: true } });
      for (const left of [2, 1, 0])
        assertRateLimit((await world.admits(1)).headers, [{ ...limit, rest: left, seconds: 45 }]);
      assertRateLimit((await world.refuses('subscription')).headers, [{ ...limit, rest: 0, seconds: 45 }]);
      world.clock.pass(45_000);
      assertRateLimit((await world.admits(1)).headers, [{ ...limit, rest: 2, seconds: 60 }]);
    },
  },
  {
    id: 'answers/rate-limit-of-each-level',
    section: 'IETF ratelimit §4',
    title: 'RateLimit leaves one of several levels out',
    async play(world) {
      await world.serve(
        { subscription: { quota: calls(50) }, application: { quota: calls(3) } },
        { throttling: { rateLimitHeaders: true } },
      );
      assertRateLimit((await world.admits(1)).headers, [
        { quota: 50, window: 60, rest: 49, seconds: 60 },
        { quota: 3, window: 60, rest: 2, seconds: 60 },
      ]);
    },
  },
  {
    id: 'answers/rate-limit-unlimited',
    section: 'IETF ratelimit §4',
    title: 'unlimited calls are told a limit',
    async play(world) {
      await world.serve({}, { throttling: { rateLimitHeaders: true } });
      const { headers } = await world.admits(1);
      assert.equal(headers.ratelimit, undefined);
      assert.equal(headers['ratelimit-policy'], undefined);
    },
  },
];

function assertSoap(body: string, reason: (typeof reasons)[ReasonName], description: string): void {
  assert.match(
    body,
    /<(?:faultcode|soapenv:Value)>soapenv:(?:Server|Receiver)</,
    'WSO2 says Server for a throttled call',
  );
  assert.ok(body.includes(reason.message) || body.includes(description), body);
}

/** Both headers, as the draft writes them: `"name";q=3;w=60` and `"name";r=2;t=45`, one element for each level that has a limit. */
function assertRateLimit(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  limits: readonly {
    readonly quota: number;
    readonly window: number;
    readonly rest: number;
    readonly seconds: number;
  }[],
): void {
  const policies = String(headers['ratelimit-policy']).split(', ');
  const elements = String(headers.ratelimit).split(', ');
  assert.equal(elements.length, limits.length, String(headers.ratelimit));
  for (const [index, { quota, window, rest, seconds }] of limits.entries()) {
    const [, name, r, t] = /^"([\w.-]+)";r=(\d+);t=(\d+)$/.exec(elements[index] ?? '') ?? [];
    assert.ok(name, `RateLimit: ${headers.ratelimit}`);
    assert.deepEqual([Number(r), Number(t)], [rest, seconds], String(headers.ratelimit));
    assert.equal(policies[index], `"${name}";q=${quota};w=${window}`);
  }
}
