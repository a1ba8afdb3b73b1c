import type { Suite, SuiteCase } from './suite.ts';

/** What became of a case. */
export interface Result extends SuiteCase {
  readonly result: 'pass' | 'FAIL';
  readonly millis: number;
  /** Why it failed; null when it passed. */
  readonly error: string | null;
}

/** Runs these cases, some at once, and gives their results in the order of the table. A last row tells of what was left behind, if anything was. */
export async function runCases<C extends SuiteCase>(suite: Suite<C>, cases: readonly C[]): Promise<Result[]> {
  const running = await suite.start();
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    while (next < cases.length) {
      const index = next++;
      const one = cases[index] as C;
      const began = performance.now();
      const error = await running.run(one).then(() => null, reasonOf);
      const { id, section, title } = one;
      const millis = Math.round(performance.now() - began);
      results[index] = { id, section, title, result: error === null ? 'pass' : 'FAIL', millis, error };
    }
  };
  await Promise.all(Array.from({ length: suite.concurrency }, lane));
  const left = await running.close().then(() => null, reasonOf);
  if (left !== null) {
    results.push({
      id: 'afterwards',
      section: '',
      title: 'cases leave something behind',
      result: 'FAIL',
      millis: 0,
      error: left,
    });
  }
  return results;
}

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** The results as a table for people, with what failed and a count below it. */
export function formatTable(results: readonly Result[]): string {
  const header = ['case', 'section', 'guards against', 'result', 'ms'] as const;
  const rows = results.map((one) => [one.id, one.section, one.title, one.result, String(one.millis)]);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  const failed = results.filter(({ error }) => error !== null);
  const failures = failed.flatMap(({ id, error }) => ['', `${id}: ${error}`]);
  const count = `${results.length} cases, ${results.length - failed.length} passed, ${failed.length} failed`;
  return [line(header), ...rows.map(line), ...failures, '', count, ''].join('\n');
}
