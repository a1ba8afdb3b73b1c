import { errorSections } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';
import { phaseName, readingsOf, type SynapseCode, synapseCodes } from './synapse-codes.ts';

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
  return `${introduction}\n${sections.flat().join('\n')}\n${codes()}`;
}

const codesIntroduction = `## Codes of WSO2's endpoints

What a fault of a backend or an endpoint has for a code in WSO2, and which rows above stand for it. Where a row has a \`+\`, the ordinal of the protocol state
is added: 0 before a connection stood, 1 and 2 while head and body of the request were sent, 3 while the answer was waited for, 4 and 5 while its head and body
were read. Such sums coincide with other codes; \`sluice explain CODE\` lists all that a number may mean, and \`Sluice-Cause\` says which it was. Lists of
codes in an endpoint's configuration are held against the sum, as in WSO2.

| code | what it is about | rows, and sums that make the number |
|---|---|---|
`;

function codes(): string {
  return codesIntroduction + synapseCodes.map(codeRow).join('');
}

function codeRow({ code, meaning, instead }: SynapseCode): string {
  const bases = errorSections
    .flatMap(({ rows }) => Object.values<ErrorEntry>(rows))
    .filter((entry) => entry.code === code);
  const sums = readingsOf(code).filter(({ entry }) => entry.code !== code);
  const names = [
    ...bases.map(({ key, phases }) => `\`${key}\`${phases === undefined ? '' : ' +'}`),
    ...sums.map(({ entry, phase }) => `\`${entry.key}\` ${phaseName(phase ?? 0)}`),
  ];
  return `| ${[code, meaning, [...(instead === undefined ? [] : [instead]), names.join(', ')].join(' ').trim()].map(cell).join(' | ')} |\n`;
}

const rule = '|---|---|---|---|---|---|';

function rowOf(entry: ErrorEntry): string {
  const code = entry.code === entry.status ? '' : `${entry.code}${entry.phases === undefined ? '' : '+'}`;
  const remedy = entry.setting === undefined ? entry.remedy : `${entry.remedy} Setting: \`${entry.setting}\`.`;
  const name = `<a id="${entry.key}"></a>\`${entry.key}\``;
  return `| ${[name, code, entry.status, entry.message.trim(), entry.description, remedy].map(cell).join(' | ')} |`;
}

function cell(value: string | number): string {
  return String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
