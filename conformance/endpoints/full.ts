/**
 * `npm run conformance -- endpoints --full`: 2,000 calls a second for a minute to groups of endpoints whose backends fail in every way and are
 * killed by turns; prints what reached them how often, by their own counts. The exit code is 1 when a call that may have been done was sent again.
 */
import { runStorm, type Storm } from './storm/run.ts';

const storm: Storm = { rate: 2000, seconds: 60, workers: 2, connections: 512, seed: 20 };

export async function full(): Promise<number> {
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (clean: () => unknown) => void cleanups.push(clean) };
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    say(`${storm.rate} calls/s for ${storm.seconds} s, ${storm.workers} workers, three backends`);
    const { calls, deliveries, repeated, ends, violations, missed, kills } = await runStorm(scope, storm);
    say(`${calls} calls, ${missed} more found no connection of the client free; backends were killed ${kills} times`);
    for (const [end, count] of Object.entries(ends).toSorted(([, one], [, other]) => other - one)) {
      say(`  ${String(count).padStart(7)}  ${end}`);
    }
    say(
      `${deliveries} requests reached the backends; calls that reached them more than once: ${JSON.stringify(repeated)}`,
    );
    const enough = calls >= storm.rate * storm.seconds * 0.9;
    if (!enough) say('the machine was too slow to judge by: ask again');
    say(violations.length === 0 ? 'all held' : violations.slice(0, 50).join('\n'));
    return violations.length === 0 && enough ? 0 : 1;
  } finally {
    for (const clean of cleanups.reverse()) await clean();
  }
}
