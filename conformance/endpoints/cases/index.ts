import type { EndpointsCase } from '../case.ts';
import { faultCases } from './faults.ts';

/** The table: every case, theme by theme. */
export const cases: readonly EndpointsCase[] = [...faultCases];
