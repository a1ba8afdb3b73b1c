import type { SoakReport } from './soak.ts';

/** The report as tables for people, the verdict last. */
export function formatReport(report: SoakReport): string {
  const { tallies, failures, faults, rest, memory, violations } = report;
  const kinds = [...tallies].map(([kind, one]) => [
    kind,
    ...[one.calls, one.answered, one.provoked, one.explained, one.left, one.wrong].map(String),
  ]);
  const sum = (column: number) => String(kinds.reduce((total, row) => total + Number(row[column]), 0));
  const total = ['all', ...[1, 2, 3, 4, 5, 6].map(sum)];
  const counted = (counts: ReadonlyMap<string, number>) =>
    [...counts].sort().map(([what, count]) => [what, String(count)]);
  return [
    `${report.calls} calls on ${report.connections} connections in ${report.seconds} s`,
    table(
      ['calls', 'made', 'answered', 'failed as asked', 'explained', 'client left', 'UNEXPLAINED'],
      [...kinds, total],
    ),
    table(['faults injected', 'times'], counted(faults)),
    table(['calls that failed', 'times'], counted(failures)),
    table(
      ['held at rest', 'before', 'after'],
      rest.map(({ what, before, after }) => [what, String(before), String(after)]),
    ),
    table(
      ['memory', 'seconds', 'from MiB', 'to MiB', 'most MiB', 'growth'],
      memory.map(({ pid, seconds, firstMiB, lastMiB, mostMiB, growth }) => [
        `process ${pid}`,
        String(seconds),
        ...[firstMiB, lastMiB, mostMiB].map((value) => value.toFixed(1)),
        `${(growth * 100).toFixed(1)} %`,
      ]),
    ),
    violations.length === 0
      ? 'PASS: no wrong body, no call answered twice, nothing left behind, every failed call explained\n'
      : `FAIL: ${violations.length} violations\n${violations.slice(0, 30).join('\n')}\n`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}\n`;
  return `\n${line(head)}${'-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))}\n${rows.map(line).join('')}`;
}
