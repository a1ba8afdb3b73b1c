import { holds, type Verdict } from './budgets.ts';
import type { Row } from './figures.ts';

/** The rows of one case as a table for people. */
export function table(title: string, rows: readonly Row[], titles: ReadonlyMap<string, string>): string {
  const idle = rows.some(({ kibPerIdleConnection }) => kibPerIdleConnection !== undefined);
  const added = rows.some(({ addedP99Millis }) => addedP99Millis !== undefined);
  const more = [...(idle ? ['KiB/idle'] : []), ...(added ? ['p99 added'] : [])];
  const head = [title, 'CPU µs', 'x nginx', 'req/s', 'p50 ms', 'p99 ms', 'RSS MiB', ...more];
  const lines = rows.map((row) => [
    titles.get(row.proxy) ?? row.proxy,
    ...(row.cpuMicrosPerRequest === null
      ? [row.reason ?? '']
      : [
          show(row.cpuMicrosPerRequest, 1),
          show(row.ratioToNginx, 2),
          show(row.requestsPerSecond, 0),
          show(row.p50Millis, 2),
          show(row.p99Millis, 2),
          show(row.rssMiB, 0),
          ...(idle ? [show(row.kibPerIdleConnection ?? null, 1)] : []),
          ...(added ? [show(row.addedP99Millis ?? null, 2)] : []),
        ]),
  ]);
  const first = Math.max(...[head, ...lines].map(([text = '']) => text.length));
  const line = (cells: readonly string[]) => {
    const [name = '', ...figures] = cells;
    // A reason is prose, not a figure in a column.
    const rest = figures.length === 1 ? [figures[0]] : figures.map((figure) => figure.padStart(9));
    return `${[name.padEnd(first), ...rest].join('  ')}\n`;
  };
  return `${line(head)}${'-'.repeat(first + head.slice(1).length * 11)}\n${lines.map(line).join('')}${warning(rows)}`;
}

/** The promises and what was measured of them, one a line. */
export function verdictLines(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((one) => {
    const { budget, figure, bound, aim, unit } = one;
    const aimed = aim === undefined ? '' : `, aim ${aim}`;
    const held = holds(one);
    const word = held === undefined ? 'not measured' : held ? 'pass' : 'FAIL';
    return [
      one.case,
      budget,
      figure === null ? '-' : `${figure.toFixed(2)} ${unit}`,
      `at most ${bound} ${unit}${aimed}`,
      word,
    ];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}

/** Says what the machine did besides: where that is much, small differences and slow calls prove nothing. */
export function warning(rows: readonly Row[]): string {
  const others = Math.max(...rows.map(({ othersShare }) => othersShare ?? 0));
  const stolen = Math.max(...rows.map(({ stolenShare }) => stolenShare ?? 0));
  const sentences = [
    ...(others > 0.1
      ? [`Other programs took up to ${Math.round(others * 100)} % of the proxy's processor: read the ratios with care.`]
      : []),
    ...(stolen > 0.005
      ? [
          `The host of this machine took a processor away for up to ${(stolen * 100).toFixed(1)} % of the time: the slowest of a hundred calls may have waited for that.`,
        ]
      : []),
  ];
  return sentences.map((sentence) => `${sentence}\n`).join('');
}

function show(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}
