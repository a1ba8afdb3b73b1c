import type { EndpointsCase } from '../case.ts';
import { addressCases } from './addresses.ts';
import { answerCases } from './answers.ts';
import { balanceCases } from './balance.ts';
import { callCases } from './calls.ts';
import { failoverCases } from './failover.ts';
import { faultCases } from './faults.ts';
import { groupCases } from './groups.ts';
import { http2Cases } from './http2.ts';
import { kindCases } from './kinds.ts';
import { levelCases } from './levels.ts';
import { operatorCases } from './operator.ts';
import { sessionCases } from './sessions.ts';
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
  ...groupCases,
  ...sessionCases,
  ...operatorCases,
  ...answerCases,
  ...callCases,
  ...http2Cases,
];
