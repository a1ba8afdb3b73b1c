/**
 * `npm run conformance -- SUITE [--case NAME] [--json] [--full]`: runs the cases of a suite, a folder beside this file, and prints them as a table.
 * `--case` chooses those whose id holds NAME, and may be given several times. The exit code is 1 when one failed.
 * `--full` runs, where a suite has it, what takes too long for every day: `full.ts`.
 * A folder with a `main.ts` of its own is run by that, with options of its own: `npm run conformance -- soak --minutes 10`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable, runCases } from './results.ts';
import type { Suite, SuiteCase } from './suite.ts';

const usage = 'npm run conformance -- SUITE [--case NAME] [--json] [--full]';

function fileOf(name: string, file = 'suite.ts'): URL {
  return new URL(`./${name}/${file}`, import.meta.url);
}

async function main(): Promise<void> {
  const [first = ''] = process.argv.slice(2);
  const program = fileOf(first, 'main.ts');
  if (/^\w+$/.test(first) && existsSync(program)) {
    process.argv.splice(2, 1);
    await import(program.href);
    return;
  }
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { case: { type: 'string', multiple: true }, json: { type: 'boolean' }, full: { type: 'boolean' } },
  });
  const [name = ''] = positionals;
  const folders = readdirSync(new URL('.', import.meta.url));
  const suites = folders.filter((folder) => existsSync(fileOf(folder)));
  if (positionals.length !== 1 || !suites.includes(name)) {
    const programs = folders.filter((folder) => existsSync(fileOf(folder, 'main.ts')));
    throw new Error(`usage: ${usage}; the suites are ${[...suites, ...programs].join(', ')}`);
  }
  if (values.full) {
    if (!existsSync(fileOf(name, 'full.ts'))) throw new Error(`${name} has no run beyond its cases`);
    const { full } = (await import(fileOf(name, 'full.ts').href)) as { full(): Promise<number> };
    process.exitCode = await full();
    return;
  }
  const { suite } = (await import(fileOf(name).href)) as { suite: Suite<SuiteCase> };
  const wanted = values.case ?? [''];
  const cases = suite.cases.filter(({ id }) => wanted.some((part) => id.includes(part)));
  if (cases.length === 0) {
    const themes = new Set(suite.cases.map(({ id }) => id.split('/')[0]));
    throw new Error(
      `no case of ${name} has ${wanted.join(' or ')} in its name; names begin with ${[...themes].join(', ')}`,
    );
  }
  const results = await runCases(suite, cases);
  const text = values.json ? `${JSON.stringify(results, null, 2)}\n` : formatTable(results);
  // An exit does not wait for what a pipe has not taken yet.
  await new Promise((resolve) => process.stdout.write(text, resolve));
  // What a failed case has left open must not keep the process.
  if (results.some(({ error }) => error !== null)) process.exit(1);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
