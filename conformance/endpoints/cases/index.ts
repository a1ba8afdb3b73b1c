import type { EndpointsCase } from '../case.ts';
import { addressCases } from './addresses.ts';
import { balanceCases } from './balance.ts';
import { failoverCases } from './failover.ts';
import { faultCases } from './faults.ts';
import { kindCases } from './kinds.ts';
import { levelCases } from './levels.ts';
import { stateCases } from './states.ts';
import { timeoutCases } from './timeouts.ts';

/** The table: every case, theme by theme. */
export const cases: readonly EndpointsCase[] = [
  ...faultCases,
  ...timeoutCases,
  ...levelCases,
  ...stateCases,
  ...kindCases,
  ...addressCases,
  ...failoverCases,
  ...balanceCases,
];
