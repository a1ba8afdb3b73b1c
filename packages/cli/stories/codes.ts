import { type ErrorEntry, errors, phaseName, readingsOf, synapseCodes } from '@sluice/model';

/** What a code or the name of an error is about; undefined for other words. */
export function codeText(word: string): string | undefined {
  if (/^\d{3,6}$/.test(word)) return numberText(Number(word));
  const entry = Object.values<ErrorEntry>(errors).find(({ key }) => key === word);
  return entry === undefined ? undefined : `${entryLines(entry, null).join('\n')}\n`;
}

/** Every row that may have sent the number; several where a base and the ordinal of a protocol state make another one's number. */
function numberText(code: number): string | undefined {
  const known = synapseCodes.find((one) => one.code === code);
  const readings = readingsOf(code);
  if (known === undefined && readings.length === 0) return undefined;
  const lines = [
    `${code}${known === undefined ? '' : `  ${known.meaning}`}`,
    ...(known?.instead === undefined ? [] : [known.instead]),
    ...(readings.length > 1
      ? [`It may be one of ${readings.length}; the header Sluice-Cause of the answer says which.`]
      : []),
    ...readings.flatMap(({ entry, phase }) => ['', ...entryLines(entry, phase)]),
  ];
  return `${lines.join('\n')}\n`;
}

function entryLines(
  { key, code, status, description, remedy, setting, phases }: ErrorEntry,
  phase: number | null,
): string[] {
  const sum =
    phase === null ? `${code}${phases === undefined ? '' : ` + ${phases.join(' or ')}`}` : `${code} + ${phase}`;
  return [
    `${key}${phase === null ? '' : `, ${phaseName(phase)}`}  (code ${sum}, status ${status})`,
    `  ${description}`,
    ...(setting === undefined ? [] : [`  setting ${setting}`]),
    `  ${remedy}`,
  ];
}
