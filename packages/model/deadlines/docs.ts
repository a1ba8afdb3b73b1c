import { deadlines } from './table.ts';

const [begin, end] = [
  '<!-- The table is written by `node packages/model/deadlines/write-docs.ts`. -->\n',
  '<!-- End of the table. -->\n',
];

/** The page `docs/timeouts.md` with the table of deadlines as it is declared. Throws where the page has no place for it. */
export function timeoutsDocument(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error('docs/timeouts.md has no place for the table');
  return `${page.slice(0, from)}${begin}\n${table()}\n${page.slice(to)}`;
}

function table(): string {
  const lines = Object.entries(deadlines).map(([name, row]) =>
    [
      `\`${name}\``,
      `${row.starts} – ${row.stops}`,
      row.setting === null ? '' : `\`${row.setting}\``,
      row.default === 0 ? '' : `${row.default / 1000} s`,
      row.api === undefined ? '' : `\`timeouts.${row.api}\``,
      name === 'endpoint'
        ? '`config.actionDuration`'
        : row.endpoint === undefined
          ? ''
          : `\`config.timeouts.${row.endpoint}\``,
      row.cause === null ? 'the connection is closed' : `\`${row.cause}\``,
    ].join(' | '),
  );
  const heads = ['name', 'runs', 'setting', 'default', 'API', 'endpoint', 'when it fires'];
  return ['', heads.join(' | '), heads.map(() => '---').join(' | '), ...lines]
    .map((line, index) => (index === 0 ? '' : `| ${line} |\n`))
    .join('');
}
