import type { SourcedReport } from '@sluice/control-plane';
import type { Ladder, Rung, TimeoutReport } from '@sluice/model';

const actions: Readonly<Record<Ladder['action'], string>> = {
  fault: 'an error is answered',
  discard: 'the connection is closed without an answer (discard)',
  never: 'the connection is closed without an answer (never)',
};

/** The deadlines of an API as people read them: the ladder of each backend, from the client down. */
export function timeoutText(report: TimeoutReport & Partial<Pick<SourcedReport, 'source'>>): string {
  const { api, source, basePath, defaultBasePath, groups } = report;
  const also = defaultBasePath === null ? '' : `, and ${defaultBasePath} by the same deadlines`;
  return [
    `API ${api}${source === undefined ? '' : `, ${source}`}, at ${basePath}${also}`,
    ...groups.flatMap(({ operations, ladders }) => [
      '',
      ...operations,
      ...(ladders.length === 0 ? ['  no backend is called'] : ladders.flatMap(ladderLines)),
    ]),
    '',
  ].join('\n');
}

function ladderLines({ side, endpoint, url, action, expression, rungs, findings }: Ladder): string[] {
  const rows = rungs.map((rung) => [rung.name, millis(rung.value), placeOf(rung), verdict(rung, rungs)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const silent = rungs.find(({ name }) => name === 'first-byte')?.first;
  return [
    '',
    `  ${side}: ${endpoint}${url === '' ? '' : `  ${url}`}`,
    ...rows.map(([name = '', value = '', place = '', told = '']) =>
      `    ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${place.padEnd(widths[2] ?? 0)}  ${told}`.trimEnd(),
    ),
    ...(expression === undefined
      ? []
      : [`    Calls say their duration themselves, ${expression}, at most the global one.`]),
    silent === undefined
      ? '    A backend that stays silent is waited for without end.'
      : `    A backend that stays silent: ${silent.name} fires first, after ${millis(silent.value)}.`,
    `    When endpoint or global fires, ${actions[action]}.`,
    ...findings.map(({ level, message }) => `    ${level}: ${message}`),
  ];
}

function placeOf({ setting, origin }: Rung): string {
  return origin.endsWith(setting) ? origin : `${origin} (${setting})`;
}

/** What becomes of a deadline beside the others that run with it. */
function verdict({ name, value, first }: Rung, rungs: readonly Rung[]): string {
  if (value === 0) return 'never fires';
  if (name === 'global' && rungs.some((rung) => rung.name === 'endpoint')) return 'replaced by endpoint';
  if (first === undefined || first.name === name) return '';
  return `${first.name} fires before it, after ${millis(first.value)}`;
}

function millis(value: number): string {
  return value === 0 ? 'none' : `${String(value).replace(/\B(?=(\d{3})+$)/g, ',')} ms`;
}
