import { describeOrigin, type Origin } from '@sluice/model';

/** One thing that is wrong, or may be, with the settings. */
export interface Finding {
  /** An error must stop the start; a warning is printed and the start goes on. */
  readonly severity: 'error' | 'warning';
  /** The key as it was written; empty when the file as a whole is meant. */
  readonly key: string;
  /** The value as it was written, secrets masked; absent where it may be a secret or says nothing. */
  readonly value?: string;
  readonly origin: Origin;
  /** What is wrong, as a sentence without its subject where there is a key. */
  readonly problem: string;
  /** What would have been taken. */
  readonly expected?: string;
  readonly remedy: string;
  /** Known names close to `key`. */
  readonly nearest: readonly string[];
  /** Lines of the file around a syntax error, values masked. */
  readonly excerpt?: string;
}

/** All findings, those of the file by line, before those of variables and arguments. */
export interface Report {
  readonly findings: readonly Finding[];
  /** True when there is at least one error. */
  readonly failed: boolean;
}

/** Puts findings into their order. */
export function makeReport(findings: Iterable<Finding>): Report {
  const ordered = [...findings].sort((a, b) => place(a) - place(b));
  return { findings: ordered, failed: ordered.some((finding) => finding.severity === 'error') };
}

function place(finding: Finding): number {
  return finding.origin.kind === 'file' ? finding.origin.line : Number.MAX_SAFE_INTEGER;
}

/** The report as people read it; empty when there is nothing to say. */
export function describeReport(report: Report): string {
  return report.findings.map(describeFinding).join('\n');
}

/** One finding as a block of lines, each ended by a line feed. */
export function describeFinding(finding: Finding): string {
  const subject = finding.value === undefined ? finding.key : `${finding.key} = ${finding.value}`;
  const lines = [
    `${finding.severity}: ${describeOrigin(finding.origin)}: ${[subject, finding.problem].filter(Boolean).join(' ')}`,
  ];
  if (finding.excerpt !== undefined) lines.push(...finding.excerpt.split('\n').map((line) => `    ${line}`));
  if (finding.expected !== undefined) lines.push(`  expected  ${finding.expected}`);
  if (finding.nearest.length > 0) lines.push(`  nearest   ${finding.nearest.join(', ')}`);
  lines.push(`  remedy    ${finding.remedy}`);
  return `${lines.join('\n')}\n`;
}
