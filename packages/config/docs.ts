import { describeExpected } from './coerce.ts';
import { describeDefault } from './explain.ts';
import { tomlKey } from './names.ts';
import type { Effect, Setting } from './setting.ts';
import { areas } from './table/index.ts';

const introduction = `# Settings

<!-- Generated from the table in packages/config/table. Run: npm run docs -w packages/config -->

Sluice reads \`deployment.toml\` in its home. It need not be there: every setting has a default. The keys are those of WSO2 API Manager,
so that the file of an installation can be used as it is.

## How a value is found

1. An argument of the command line (\`--offset 1\`).
2. An environment variable: \`SLUICE_\`, then the key in capitals with two underscores for each dot and one for each other character that
   a variable cannot have. \`server.offset\` is \`SLUICE_SERVER__OFFSET\`. Lists are parted by commas. Members of \`[[tables]]\` have no variable.
3. \`deployment.toml\`. \`[server]\` with \`offset = 1\`, \`server.offset = 1\` and \`'http.socket.timeout' = 60000\` in \`[passthru_http]\` all work:
   quotes and dots make no difference. Numbers and truth values may stand in quotes, lists may be one text with commas.
   Durations and sizes are numbers in the unit shown, or texts with a unit: \`"30s"\`, \`"5m"\`, \`"16KB"\`.
4. The default.

Inside a text of the file, \`$env{NAME}\` is an environment variable, \`$ref{other.key}\` another setting, \`$sys{carbon.home}\` the home,
and \`$secret{alias}\` an entry of \`[secrets]\` in clear text between square brackets. Of the \`\${…}\` names of Carbon, those of ports, host, administrator and home are filled in.

\`sluice explain settings KEY\` prints the value in force with the line, variable or argument that it comes from.

## What is reported

A value of the wrong type or outside its range, a file that is not TOML, unreadable or larger than 1 MiB, and values that cannot hold together stop
the start, each with its line and what to do. Unknown keys are warnings with the nearest known name; so are two spellings of one setting with different values, and
deadlines that can never fire because another comes first.

## How to read the tables

*Effect* is empty where Sluice acts on the setting. *None* says why there is no use for it; *not yet* names what it waits for. A key that ends in \`.*\` stands for everything below it.
\`[[name]]\` members are written \`name[].member\`.
`;

/** The text of \`docs/settings.md\`. */
export function settingsDocument(): string {
  return `${introduction}${areas.map(({ title, rows }) => `\n## ${title}\n\n${sectionTable(Object.entries(rows))}`).join('')}`;
}

function sectionTable(rows: readonly (readonly [string, Setting])[]): string {
  return `| Key | Takes | Default | What it does | Effect |\n|---|---|---|---|---|\n${rows.map(rowLine).join('')}`;
}

function rowLine([key, setting]: readonly [string, Setting]): string {
  const also = setting.aliases.length > 0 ? ` Also ${setting.aliases.map(code).join(', ')}.` : '';
  const formerly = setting.formerly.length > 0 ? ` Formerly ${setting.formerly.map(code).join(', ')}.` : '';
  const cells = [
    code(tomlKey(key)),
    key.endsWith('*') ? '' : describeExpected(setting),
    describeDefault(key, setting),
    `${setting.description}${also}${formerly}`,
    effectOf(setting.effect),
  ];
  return `| ${cells.map(cell).join(' | ')} |\n`;
}

function effectOf(effect: Effect): string {
  if (effect.kind === 'applied') return '';
  return effect.kind === 'none' ? `None: ${effect.reason}` : `Not yet: ${effect.capability}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Text inside a cell of a Markdown table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
