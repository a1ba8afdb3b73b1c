import type { Trial, TrialResult, WindowResult } from './run.ts';

/** How much is asked of the machine besides what always holds. */
export interface Standard {
  /**
   * Milliseconds within which 99 of 100 answers of a window must come. Where the machine itself is slower, which calls without a limit tell,
   * they must come within a quarter more than those took.
   */
  readonly p99: number;
  /** Windows that may miss that, and others in which Redis may seem away, because the machine stood still. */
  readonly disturbed: number;
  /** Lines in the log of a gateway about Redis, at most: two for an outage. */
  readonly lines: number;
}

/** What was wrong in a trial, in words; empty when nothing was. */
export function violationsOf(
  { windows, log, delivered, admitted }: TrialResult,
  trial: Trial,
  { p99, disturbed, lines: mostLines }: Standard,
): string[] {
  const wrong: string[] = [];
  const upset = windows.filter(({ phase, away }) => phase !== 'outage' && away > 0).length;
  if (upset > disturbed) wrong.push(`in ${upset} windows nobody could decide about some calls though Redis was there`);
  const allowed = ({ unlimitedP99 }: WindowResult) => Math.max(p99, unlimitedP99 * 1.25);
  const slow = windows.filter((one) => one.p99 > allowed(one) && one.phase !== 'first');
  const times = slow.map((one) => `${one.p99.toFixed(1)} ms (${one.phase}, ${allowed(one).toFixed(1)} ms allowed)`);
  if (slow.length > disturbed) wrong.push(`p99 of ${times.join(', ')}`);
  for (const [index, one] of windows.entries()) {
    const name = `window ${index + 1} (${one.phase})`;
    if (one.others.length > 0) wrong.push(`${name}: answers that nobody expects: ${one.others.join(' | ')}`);
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
    if (lines.length > mostLines)
      wrong.push(`gateway ${index + 1} says ${lines.length} things about Redis: ${lines.join('; ')}`);
  }
  return wrong;
}
