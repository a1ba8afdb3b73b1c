import { errorSections } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';

const introduction = `# Errors

Every 4xx and 5xx that Sluice itself makes is one of these. This page is generated from \`packages/model/errors\`
by \`node packages/model/errors/write-docs.ts\`; a test fails when the two differ.

The gateway sends the code as a string, the REST APIs as a number. Answers of the gateway carry the name in the
header \`Sluice-Cause\`. Words in braces are filled in. A \`+\` after a code means that the ordinal of the protocol
state at the time of the failure is added to it.
`;

/** The page \`docs/errors.md\`, made from the catalogue. */
export function errorsDocument(): string {
  const sections = errorSections.map(({ title, rows }) => {
    const lines = Object.values(rows).map(rowOf);
    return [`## ${title}`, '', '| name | code | status | message | description | what to do |', rule, ...lines, ''];
  });
  return `${introduction}\n${sections.flat().join('\n')}`;
}

const rule = '|---|---|---|---|---|---|';

function rowOf(entry: ErrorEntry): string {
  const code = entry.code === entry.status ? '' : `${entry.code}${entry.addsPhase ? '+' : ''}`;
  const remedy = entry.setting === undefined ? entry.remedy : `${entry.remedy} Setting: \`${entry.setting}\`.`;
  const name = `<a id="${entry.key}"></a>\`${entry.key}\``;
  return `| ${[name, code, entry.status, entry.message.trim(), entry.description, remedy].map(cell).join(' | ')} |`;
}

function cell(value: string | number): string {
  return String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
