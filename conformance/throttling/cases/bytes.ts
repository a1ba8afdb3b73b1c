import assert from 'node:assert/strict';
import type { ThrottlingCase } from '../case.ts';
import { calls, data } from '../plans.ts';
import type { Ask } from '../world.ts';

const end = { until: '2026-06-10T12:01:00Z' };

/** A body of so many bytes, whose length the head tells. */
function sized(bytes: number, ask: Ask = {}): Ask {
  return { method: 'POST', body: 'b'.repeat(bytes), ...ask };
}

/** The same, whose length nobody knows before its end. */
function chunked(bytes: number): Ask {
  return sized(bytes, { headers: { 'transfer-encoding': 'chunked' } });
}

/** Bandwidth quotas (wso2-gateway.md 7.3; issue 5: a length that is told must fit into what is left). */
export const byteCases: readonly ThrottlingCase[] = [
  {
    id: 'bytes/to-the-last-one',
    section: 'WSO2 7.3',
    title: 'a bandwidth quota ends before or after its last byte',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1000));
      await world.admits(1, sized(24));
      await world.refuses('subscription', sized(1), end);
    },
  },
  {
    id: 'bytes/that-do-not-fit',
    section: 'issue 5.1',
    title: 'a body that is larger than what is left passes, or takes what it did not get',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1000));
      await world.refuses('subscription', sized(25));
      await world.admits(1, sized(24));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/of-each-unit',
    section: 'WSO2 7.4',
    title: 'a megabyte is a million bytes',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'MB') } });
      await world.admits(1, sized(1024 * 1024 - 1));
      await world.refuses('subscription', sized(2));
      await world.admits(1, sized(1));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/next-window',
    section: 'WSO2 7.3',
    title: 'a bandwidth quota is not renewed, or at another time',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1024));
      world.clock.pass(59_999);
      await world.refuses('subscription', sized(1), end);
      world.clock.pass(1);
      await world.admits(1, sized(1024));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/larger-than-the-quota',
    section: 'issue 5.1',
    title: 'a body that no window has room for passes at the beginning of one',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.refuses('subscription', sized(1025));
      await world.admits(1, sized(1024));
    },
  },
  {
    id: 'bytes/unknown-length-charged',
    section: 'issue 5.1',
    title: 'bodies of unknown length are not counted',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, chunked(1000));
      await world.refuses('subscription', sized(25));
      await world.admits(1, sized(24));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/unknown-length-beyond',
    section: 'issue 5.1',
    title: 'what a body of unknown length took beyond the quota is forgotten',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, chunked(5000));
      await world.refuses('subscription', chunked(1), end);
      await world.refuses('subscription', sized(1), end);
      world.clock.pass(60_000);
      await world.admits(1, sized(1024));
    },
  },
  {
    id: 'bytes/answers-are-free',
    section: 'WSO2 7.3',
    title: 'bytes of answers are counted though nobody asked for it',
    async play(world) {
      world.answer = 'a'.repeat(5000);
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1000));
      await world.admits(1, sized(24));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/of-answers-by-setting',
    section: 'issue 5.1',
    title: 'bytes of answers are not counted though the setting asks for it',
    async play(world) {
      world.answer = 'a'.repeat(500);
      await world.serve({ subscription: { quota: data(1, 'KB') } }, { throttling: { countResponseBytes: true } });
      await world.admits(1, sized(500));
      await world.refuses('subscription', sized(25));
      await world.admits(1, sized(24));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/of-answers-without-request-body',
    section: 'issue 5.1',
    title: 'calls without a body are never refused for the bytes of their answers',
    async play(world) {
      world.answer = 'a'.repeat(600);
      await world.serve({ subscription: { quota: data(1, 'KB') } }, { throttling: { countResponseBytes: true } });
      await world.admits(2);
      await world.refuses('subscription');
    },
  },
  {
    id: 'bytes/each-application',
    section: 'WSO2 7.1',
    title: 'two applications share a bandwidth quota',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1024));
      await world.admits(1, sized(1024, { client: 'client-2' }));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/of-an-api',
    section: 'WSO2 7.1',
    title: 'the bandwidth quota of an API is counted by application',
    async play(world) {
      await world.serve({ apiPlan: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1000));
      await world.refuses('api', sized(25, { client: 'client-2' }), end);
      await world.admits(1, sized(24, { client: 'client-2' }));
    },
  },
  {
    id: 'bytes/of-an-operation',
    section: 'WSO2 7.1',
    title: 'the bandwidth quota of an operation holds for another one',
    async play(world) {
      await world.serve({ operationPlan: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1024));
      await world.refuses('operation', sized(1), end);
      await world.admits(1, sized(1024, { method: 'PUT' }));
    },
  },
  {
    id: 'bytes/of-an-application',
    section: 'WSO2 7.1',
    title: 'the bandwidth quota of an application is shared by its users',
    async play(world) {
      await world.serve({ application: { quota: data(1, 'KB') } });
      await world.admits(1, sized(1024, { claims: { sub: 'mary' } }));
      await world.refuses('application', sized(1, { claims: { sub: 'mary' } }), end);
      await world.admits(1, sized(1024, { claims: { sub: 'john' } }));
    },
  },
  {
    id: 'bytes/beside-calls',
    section: 'issue 5.3',
    title: 'bytes that a call did not get are taken from the quota',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') }, application: { quota: calls(2, 'sec') } });
      await world.admits(2, sized(100));
      for (let call = 0; call < 4; call++) await world.refuses('application', sized(400));
      world.clock.pass(1000);
      await world.admits(1, sized(824));
      await world.refuses('subscription', sized(1));
    },
  },
  {
    id: 'bytes/refused-calls-are-not-calls',
    section: 'issue 5.3',
    title: 'calls whose bytes did not fit are taken from quotas of calls',
    async play(world) {
      await world.serve({ subscription: { quota: data(1, 'KB') }, application: { quota: calls(3) } });
      for (let call = 0; call < 5; call++) await world.refuses('subscription', sized(2000));
      await world.admits(3, sized(10));
      await world.refuses('application', sized(10));
    },
  },
  {
    id: 'bytes/body-arrives-whole',
    section: 'issue 5.1',
    title: 'counting changes a body on its way',
    async play(world) {
      await world.serve({ subscription: { quota: data(10, 'KB') } });
      await world.admits(1, sized(700));
      await world.admits(1, chunked(900));
      assert.deepEqual(
        world.backend.received.map(({ body }) => body),
        ['b'.repeat(700), 'b'.repeat(900)],
      );
    },
  },
];
