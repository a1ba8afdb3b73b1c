import type { Trial, TrialResult } from './run.ts';

/** What was wrong in a trial, in words; empty when nothing was. `p99` in milliseconds is asked of every window. */
export function violationsOf({ windows, log, delivered, admitted }: TrialResult, trial: Trial, p99: number): string[] {
  const wrong: string[] = [];
  for (const [index, one] of windows.entries()) {
    const name = `window ${index + 1} (${one.phase})`;
    if (one.others.length > 0) wrong.push(`${name}: answers that are neither 200 nor 429: ${one.others.join(' | ')}`);
    if (one.p99 > p99) wrong.push(`${name}: p99 of ${one.p99.toFixed(1)} ms, ${p99} is allowed`);
    // Of a window whose last answers came after its end nobody can say what was admitted in it.
    if (!one.whole) continue;
    if (one.admitted > trial.limit) wrong.push(`${name}: ${one.admitted} admitted, the limit is ${trial.limit}`);
    const demanded = one.sent >= trial.limit * 1.1;
    if (one.phase !== 'outage' && demanded && one.admitted < 0.99 * trial.limit) {
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
