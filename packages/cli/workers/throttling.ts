import type { LevelStatistics, ThrottlingStatistics } from '@sluice/gateway';

/** What several processes did with the calls of each level, in the order of the levels; undefined where none has counted. */
export function sumThrottling(all: Iterable<ThrottlingStatistics | undefined>): ThrottlingStatistics | undefined {
  let sum: ThrottlingStatistics | undefined;
  for (const one of all) {
    if (one !== undefined) sum = sum === undefined ? one : added(sum, one);
  }
  return sum;
}

function added(sum: ThrottlingStatistics, one: ThrottlingStatistics): ThrottlingStatistics {
  return {
    levels: sum.levels.map((level, place) => addedLevel(level, one.levels[place])),
    waited: sum.waited + one.waited,
    unasked: sum.unasked + one.unasked,
  };
}

/** Every process has the same levels. */
function addedLevel(sum: LevelStatistics, one: LevelStatistics | undefined): LevelStatistics {
  if (one === undefined) return sum;
  return {
    level: sum.level,
    admitted: sum.admitted + one.admitted,
    passed: sum.passed + one.passed,
    refused: sum.refused + one.refused,
  };
}
