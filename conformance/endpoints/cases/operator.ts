import assert from 'node:assert/strict';
import { answers, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { type Leaves, suspended, timedOut } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import type { Toml } from '../settings.ts';
import { type EndpointRules, failover, http } from '../site.ts';
import { passes } from '../world.ts';

const done = answered('done', { a: 1 });
const off: Outcome = failed('http-endpoint-not-ready', {
  received: {},
  leaves: { prod: 'off' },
  tells: '[ State : MAINTNENCE ]',
});

function refused(leaves: Leaves): Outcome {
  return failed('backend-connection-refused', { received: {}, leaves });
}

/** Leaves that are switched by hand. */
const switches: readonly EndpointsCase[] = [
  {
    id: 'operator/off-and-on',
    section: 'WSO2 4.2',
    title: 'a leaf that is off gets calls, or gets none when it is on again',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      await world.leaves.switch('prod', false);
      await world.call({}, off);
      await passes(60);
      await world.call({}, off);
      await world.leaves.switch('prod', true);
      await world.call({}, done);
    },
  },
  {
    id: 'operator/on-wakes',
    section: 'WSO2 4.2',
    title: 'a suspended leaf that is switched on rests on, or has lost its retries',
    async play(world) {
      const backend = await world.dead('a', answers('done'));
      const timing = { actionSelect: 'fault', actionDuration: '100', retryTimeOut: '1' };
      await world.serve(http(timing));
      await world.call({}, refused({ prod: suspended(101503) }));
      await world.leaves.switch('prod', true);
      backend.does = silent;
      await backend.start();
      const fired = { name: 'endpoint', millis: 100 } as const;
      const late = (leaves: Leaves) => failed('endpoint-timeout', { fired, received: { a: 1 }, leaves });
      await world.call({}, late({ prod: timedOut(101504, 0) }));
      await world.call({}, late({ prod: suspended(101504) }));
    },
  },
  {
    id: 'operator/off-member',
    section: 'WSO2 4.6',
    title: 'a member that is off keeps its group from the others',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.backend('b', answers('second'));
      await world.serve(failover([{}, {}]));
      await world.leaves.switch('prod[0]', false);
      await world.call({}, answered('second', { b: 1 }, { leaves: { 'prod[0]': 'off' } }));
      await world.leaves.switch('prod[0]', true);
      await world.call({}, done);
    },
  },
  {
    id: 'operator/off-all',
    section: 'WSO2 4.6',
    title: 'clients are told when to come again though nobody knows',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.backend('b', answers('second'));
      await world.serve(failover([{}, {}]));
      for (const name of ['prod[0]', 'prod.failover[0]']) await world.leaves.switch(name, false);
      const leaves: Leaves = { 'prod[0]': 'off', 'prod.failover[0]': 'off' };
      await world.call({}, failed('no-endpoint-ready', { received: {}, leaves }));
    },
  },
  {
    id: 'operator/off-in-flight',
    section: 'WSO2 4.2',
    title: 'a call that was on its way is broken off, or its answer switches the leaf on',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      const release = await world.holds('a');
      await world.leaves.switch('prod', false);
      await release();
      await world.call({}, off);
    },
  },
  {
    id: 'operator/off-deployed-anew',
    section: 'issue 4.3',
    title: 'a deployment switches on what an operator has switched off',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve(http());
      await world.leaves.switch('prod', false);
      await world.serve(http());
      await world.call({}, off);
    },
  },
  {
    id: 'operator/counts',
    section: 'issue 4.7',
    title: 'answers and faults of a leaf are not those that came',
    async play(world) {
      const backend = await world.backend('a', answers('done'));
      await world.serve(http({ suspendDuration: '0' }));
      for (let count = 0; count < 3; count++) await world.call({}, done);
      backend.does = sends('', 'rst');
      const reset = failed('backend-reset', { phase: 3, received: { a: 1 }, leaves: {} });
      for (let count = 0; count < 2; count++) await world.call({}, reset);
      backend.does = answers('sorry', { status: 500 });
      await world.call({}, answered('sorry', { a: 1 }, { status: 500 }));
      assert.deepEqual(await world.leaves.counts('prod'), [4, 2]);
    },
  },
];

/** What the gateway says for all endpoints. */
const settings: readonly EndpointsCase[] = (
  [
    ['duration', { 'synapse.global_endpoint_suspend_duration': 70 }, {}, 70],
    ['duration-endpoint-first', { 'synapse.global_endpoint_suspend_duration': 70 }, { suspendDuration: '90' }, 90],
    [
      'overrides',
      {
        'synapse.global_endpoint_suspend_duration': 70,
        'synapse.override_endpoint_suspend_config_with_global_values': true,
      },
      { suspendDuration: '90' },
      70,
    ],
    ['duration-off', { 'synapse.global_endpoint_suspend_duration': -1 }, {}, 30_000],
  ] as const satisfies readonly (readonly [string, Toml, EndpointRules, number])[]
).map(
  ([id, properties, config, millis]): EndpointsCase => ({
    id: `operator/all-${id}`,
    section: 'WSO2 3',
    title: 'the rest that the gateway has for all endpoints is not the one that they get',
    toml: Object.fromEntries(Object.entries(properties).map(([name, value]) => [`synapse_properties.${name}`, value])),
    async play(world) {
      await world.dead('a', answers('done'));
      await world.serve(http(config));
      await world.call({}, refused({ prod: suspended(101503, millis) }));
    },
  }),
);

/** Faults beyond the limit suspend a leaf whatever its lists say (wso2-gateway.md 4.5). */
const limits: readonly EndpointsCase[] = [
  {
    id: 'operator/fault-limit',
    section: 'WSO2 4.5',
    title: 'a leaf that never rests is asked without end though its faults are limited',
    toml: {
      'synapse_properties.maximum.failover.retries': 2,
      'synapse_properties.suspend.duration.on.maximum.failover': 5000,
    },
    async play(world) {
      await world.dead('a', answers('done'));
      await world.serve(http({ suspendDuration: '0' }));
      await world.call({}, refused({}));
      await world.call({}, refused({ prod: suspended(101503, 5000) }));
    },
  },
];

export const operatorCases: readonly EndpointsCase[] = [...switches, ...settings, ...limits];
