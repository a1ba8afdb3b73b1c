/**
 * `npm run conformance -- throttling --full`: four gateways before one limit in a Redis that dies and comes back empty, at 5,000 calls a second;
 * prints what was admitted in each window and how long the answers took. The exit code is 1 when the bound, its 99 % or the 20 ms were missed.
 */
import { runTrial, type Trial } from './shared/run.ts';
import { type Standard, violationsOf } from './shared/verdict.ts';

const trial: Trial = { gateways: 4, rate: 5000, limit: 10_000, seconds: 5, before: 3, after: 4 };
/** 99 of 100 answers must come within 20 ms, Redis or not; the log says that gateways share, that Redis went, and that it came back. */
const standard: Standard = { p99: 20, disturbed: 0, lines: 4 };

export async function full(): Promise<number> {
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (clean: () => unknown) => void cleanups.push(clean) };
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    say(`${trial.gateways} gateways, ${trial.rate} calls/s, limit ${trial.limit} in ${trial.seconds} s`);
    const result = await runTrial(scope, trial, say);
    for (const [index, lines] of result.log.entries()) say(`log of gateway ${index + 1}: ${lines.join('; ')}`);
    const wrong = violationsOf(result, trial, standard);
    say(wrong.length === 0 ? 'all held' : wrong.join('\n'));
    return wrong.length === 0 ? 0 : 1;
  } finally {
    for (const clean of cleanups.reverse()) await clean();
  }
}
