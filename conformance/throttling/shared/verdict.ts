import type { Trial, TrialResult } from './run.ts';

/** How much is asked of the machine besides what always holds. */
export interface Standard {
  /** Milliseconds within which 99 of 100 answers of each window must come. */
  readonly p99: number;
  /** Windows but that of the outage in which Redis may seem away, because the machine stood still: nothing is asked of them but the bound. */
  readonly disturbed: number;
}

/** What was wrong in a trial, in words; empty when nothing was. */
export function violationsOf(
  { windows, log, delivered, admitted }: TrialResult,
  trial: Trial,
  { p99, disturbed }: Standard,
): string[] {
  const wrong: string[] = [];
  const upset = windows.filter(({ phase, away }) => phase !== 'outage' && away > 0).length;
  if (upset > disturbed) wrong.push(`in ${upset} windows nobody could decide about some calls though Redis was there`);
  for (const [index, one] of windows.entries()) {
    const name = `window ${index + 1} (${one.phase})`;
    if (one.others.length > 0) wrong.push(`${name}: answers that nobody expects: ${one.others.join(' | ')}`);
    if (one.p99 > p99) wrong.push(`${name}: p99 of ${one.p99.toFixed(1)} ms, ${p99} is allowed`);
    // Of a window whose last answers came after its end nobody can say what was admitted in it.
    if (!one.whole) continue;
    if (one.admitted > trial.limit) wrong.push(`${name}: ${one.admitted} admitted, the limit is ${trial.limit}`);
    const demanded = one.sent >= trial.limit * 1.1;
    if (one.phase !== 'outage' && one.away === 0 && demanded && one.admitted < 0.99 * trial.limit) {
      wrong.push(`${name}: ${one.admitted} of ${trial.limit} admitted, 99 % are asked for`);
    }
  }
  const judged = windows.filter(({ whole, sent, phase }) => phase !== 'outage' && whole && sent >= trial.limit * 1.1);
  if (judged.length < (trial.before + trial.after) / 2) wrong.push('the machine was too slow to judge by: ask again');
  if (delivered !== admitted) wrong.push(`the backend got ${delivered} calls, clients were told of ${admitted}`);
  for (const [index, lines] of log.entries()) {
    if (lines.length === 0) wrong.push(`gateway ${index + 1} says nothing about Redis`);
    if (lines.length > 6)
      wrong.push(`gateway ${index + 1} says ${lines.length} things about Redis: ${lines.join('; ')}`);
  }
  return wrong;
}
