/**
 * `npm run conformance -- soak [--minutes N] [--seconds N] [--seed N] [--workers N]`: mixed load with faults, a report, and exit code 1
 * when anything was wrong. Ten minutes by default.
 */
import { parseArgs } from 'node:util';
import { formatReport } from './report.ts';
import { runSoak } from './soak.ts';

const cleanups: (() => unknown)[] = [];
try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
    },
  });
  const seconds =
    values.seconds === undefined ? 60 * number('--minutes', values.minutes) : number('--seconds', values.seconds);
  const say = (progress: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${progress}`);
  };
  const report = await runSoak(
    { after: (clean) => void cleanups.push(clean) },
    { seconds, seed: number('--seed', values.seed), workers: number('--workers', values.workers), say },
  );
  say('');
  process.stdout.write(formatReport(report));
  if (report.violations.length > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`conformance soak: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  for (const clean of cleanups.reverse()) await clean();
}

function number(option: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${option}: a whole number above 0, not "${text}"`);
  return Number(text);
}
