/** `npm run bench`: Sluice beside nginx, HAProxy and the usual gateways of Node.js. docs/benchmarks.md explains the figures. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from '../packages/cli/home/self-signed.ts';
import { startBackend } from './backend.ts';
import { cases, type Deployment } from './cases.ts';
import { type Comparison, compare, warmUp } from './compare.ts';
import { startFleet } from './fleet.ts';
import { chooseCores, pinSelf } from './machine/cores.ts';
import { isInstalled, openWorkbench } from './machine/workbench.ts';
import { measureMemory } from './memory/measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import { endpointPrograms, limiters, sharedLimiters } from './proxies/all.ts';
import type { ProxyProgram } from './proxies/proxy.ts';
import { sluice } from './proxies/sluice.ts';
import { startRedis } from './redis.ts';
import { memoryVerdict, type Verdict, verdictsOf } from './results/budgets.ts';
import { published, type Row } from './results/figures.ts';
import { table, verdictLines, warning } from './results/table.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await run(options);
} catch (error) {
  process.stderr.write(`npm run bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
// The backend still runs: the exit ends it.
process.exit();

async function run(options: Options): Promise<void> {
  const bench = openWorkbench();
  for (const command of ['nginx', 'wrk'])
    if (!isInstalled(command)) throw new Error(`${command} is not installed: apt-get install nginx haproxy wrk`);
  const cores = chooseCores();
  pinSelf(cores.load);
  const certificateFile = join(bench.directory, 'certificate.pem');
  writeFileSync(certificateFile, await selfSigned('localhost'), { mode: 0o600 });
  const site = {
    bench,
    core: cores.proxy,
    backendPort: await startBackend(bench, cores.load),
    certificateFile,
  };
  const comparison: Comparison = { ...options, bench, cores, backendPort: site.backendPort, say };
  const rows: Row[] = [];
  const verdicts: Verdict[] = [];
  const report = (title: string, found: readonly Row[], judged: readonly Verdict[]) => {
    rows.push(...found);
    verdicts.push(...judged);
    say('');
    if (options.json) process.stderr.write(warning(found));
    else process.stdout.write(`\n${table(title, found, titlesOf(options))}${verdictLines(judged)}`);
  };
  const peers = options.proxies.filter(({ peer }) => peer).map(({ key }) => key);
  for (const deployment of new Set(options.cases.map((the) => the.deployment))) {
    say(`starting the programs (${deployment})`);
    const proxies = programsOf(deployment, options.proxies);
    const shared = deployment === 'shared limits' ? { redisPort: await startRedis(bench, cores.load) } : {};
    const fleet = await startFleet(proxies, { ...site, ...shared }, deployment);
    const [simplest] = cases;
    if (simplest) await warmUp(simplest, fleet, { ...comparison, proxies });
    for (const the of options.cases.filter((one) => one.deployment === deployment)) {
      const { rows: found, samples } = await compare(the, fleet, { ...comparison, proxies });
      report(`${the.title} [${the.key}]`, found, verdictsOf(the, found, samples, peers));
    }
    await fleet.stop();
  }
  for (const the of options.memory) {
    say(the.title);
    const row = await measureMemory(the, site, cores);
    report(`${the.title} [${the.key}]`, [row], [memoryVerdict(the, row)]);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(rows.map(published), null, 2)}\n`);
  const summary = `\nBudgets\n${verdictLines(verdicts)}`;
  (options.json ? process.stderr : process.stdout).write(summary);
}

/** The cases of limits and of endpoints compare Sluice with itself, and with those that limit too. */
function programsOf(deployment: Deployment, chosen: readonly ProxyProgram[]): readonly ProxyProgram[] {
  if (deployment === 'limits') return limiters;
  if (deployment === 'endpoints') return endpointPrograms;
  return deployment === 'shared limits' ? sharedLimiters : chosen;
}

function titlesOf({ proxies }: Options): ReadonlyMap<string, string> {
  const all = [...proxies, sluice, ...limiters, ...sharedLimiters, ...endpointPrograms];
  return new Map(all.map(({ key, title }) => [key, title]));
}

/** Shows on a terminal what is going on, in one line that the next one replaces. */
function say(progress: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${progress}`);
}
