import type { ThrottlingCase } from '../case.ts';
import { answerCases } from './answers.ts';
import { authorityCases } from './authority.ts';
import { backendCases } from './backend.ts';
import { burstCases } from './bursts.ts';
import { byteCases } from './bytes.ts';
import { changeCases } from './changes.ts';
import { clockCases } from './clock.ts';
import { conditionCases } from './conditions.ts';
import { customCases } from './custom.ts';
import { denyCases } from './deny.ts';
import { graphqlCases } from './graphql.ts';
import { organizationCases } from './organizations.ts';
import { pairCases } from './pairs.ts';
import { planCases } from './plans.ts';
import { protocolCases } from './protocols.ts';
import { streamCases } from './streams.ts';
import { unauthenticatedCases } from './unauthenticated.ts';
import { windowCases } from './windows.ts';

/** The table: every case, level by level. */
export const cases: readonly ThrottlingCase[] = [
  ...denyCases,
  ...planCases,
  ...conditionCases,
  ...burstCases,
  ...customCases,
  ...backendCases,
  ...unauthenticatedCases,
  ...organizationCases,
  ...windowCases,
  ...clockCases,
  ...authorityCases,
  ...byteCases,
  ...answerCases,
  ...protocolCases,
  ...streamCases,
  ...graphqlCases,
  ...changeCases,
  ...pairCases,
];
