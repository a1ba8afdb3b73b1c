import type { ThrottlingCase } from '../case.ts';
import { both, type Level, pairs } from '../levels.ts';

/** Two a second at one level and five a minute at another: what the first refuses must not be missing at the second. */
function consumesNothing(refusing: Level, other: Level): ThrottlingCase {
  return {
    id: `nothing-consumed/${refusing.name}-for-${other.name}`,
    section: 'issue 5.3',
    title: `calls that the level ${refusing.name} refuses are taken from the level ${other.name}`,
    async play(world) {
      await world.serve(both(refusing.limit(2, 'sec'), other.limit(5, 'min')));
      for (let second = 0; second < 2; second++) {
        await world.admits(2);
        for (let call = 0; call < 3; call++) await world.refuses(refusing.reason);
        world.clock.pass(1000);
      }
      await world.admitsExactly(1, other.reason);
    },
  };
}

/** Where both have nothing left, the earlier one answers. */
function order(earlier: Level, later: Level): ThrottlingCase {
  return {
    id: `order/${earlier.name}-before-${later.name}`,
    section: 'WSO2 7.1',
    title: `with both used up, ${later.name} answers though ${earlier.name} comes first`,
    async play(world) {
      await world.serve(both(earlier.limit(2, 'min'), later.limit(2, 'min')));
      await world.admitsExactly(2, earlier.reason, {}, { until: '2026-06-10T12:01:00Z' });
    },
  };
}

export const pairCases: readonly ThrottlingCase[] = [
  ...pairs.flatMap(([one, other]) => [consumesNothing(one, other), consumesNothing(other, one)]),
  ...pairs.map(([earlier, later]) => order(earlier, later)),
];
