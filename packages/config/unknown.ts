import type { Origin } from '@sluice/model';
import { knownNames, knownVariables, resolveName, sectionKind } from './names.ts';
import { editDistance, nearest } from './nearest.ts';
import type { Finding } from './report.ts';
import type { Given } from './resolve.ts';

/** A key that the table does not have. */
export interface Unknown {
  readonly written: string;
  readonly origin: Origin;
}

/** More unknown keys than this are counted, not listed: the file is then for another program. */
const listed = 100;

/** Unknown keys are warnings with the nearest names; a table where a value belongs, or the other way round, is an error. Values are never shown. */
export function unknownFindings(unknowns: readonly Unknown[]): Finding[] {
  const findings = unknowns.slice(0, listed).map((unknown) => misshapen(unknown) ?? misspelled(unknown));
  const first = unknowns[listed];
  if (first !== undefined) {
    findings.push({
      severity: 'warning',
      key: '',
      origin: first.origin,
      problem: `${unknowns.length - listed} more keys are not known`,
      remedy: 'check that this is the deployment.toml of an API manager',
      nearest: [],
    });
  }
  return findings;
}

/** A member of an open table that looks like a misspelling of a known member of that table. */
export function doubtfulFindings({ resolved, written, origin }: Given): Finding[] {
  if (!resolved.key.endsWith('.*')) return [];
  const prefix = resolved.key.slice(0, -1);
  const member = resolved.place.slice(prefix.length);
  if (member.length < 5) return [];
  const known = [...knownNames()].filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('.'));
  const meant = known.find(
    (name) => editDistance(member.toLowerCase(), name.slice(prefix.length).toLowerCase(), 2) <= 2,
  );
  if (meant === undefined) return [];
  return [
    {
      severity: 'warning',
      key: written,
      origin,
      problem: 'is not a known setting and has no effect',
      remedy: `write ${meant}, or remove it`,
      nearest: [meant],
    },
  ];
}

function misshapen({ written, origin }: Unknown): Finding | undefined {
  const fault = (problem: string, expected: string, remedy: string): Finding => ({
    severity: 'error',
    key: written,
    origin,
    problem,
    expected,
    remedy,
    nearest: [],
  });
  const kind = sectionKind(written);
  if (kind === 'table')
    return fault('is a section, not a value', 'a table', `write [${written}] and the members below it`);
  if (kind === 'array')
    return fault(
      'is a list of sections, not a value',
      'an array of tables',
      `write [[${written}]] and the members below it`,
    );
  const steps = written.split('.');
  for (let length = steps.length - 1; length > 0; length--) {
    const above = steps.slice(0, length).join('.');
    const plain = above.replace(/\[\d+\]$/, '');
    if (resolveName(above) !== undefined && !above.endsWith(']')) {
      return fault(
        `is inside ${above}, which is a value, not a section`,
        'a value',
        `give ${above} a value, or correct the name of the section`,
      );
    }
    if (plain === above && sectionKind(above) === 'array') {
      return fault(
        `is in a single table ${above}`,
        'an array of tables',
        `write [[${above}]] in the place of [${above}]`,
      );
    }
    if (plain !== above && sectionKind(plain) === 'table' && resolveName(written.replace(above, plain)) !== undefined) {
      return fault(
        `is in an array of tables ${plain}`,
        'a single table',
        `write [${plain}] in the place of [[${plain}]]`,
      );
    }
  }
  return undefined;
}

function misspelled({ written, origin }: Unknown): Finding {
  const ofVariable = origin.kind === 'environment';
  const pattern = written.replace(/\[\d+\]/g, '[]');
  const close = nearest(ofVariable ? written.toUpperCase() : pattern, ofVariable ? knownVariables() : knownNames());
  return {
    severity: 'warning',
    key: written,
    origin,
    problem: 'is not a known setting and is ignored',
    remedy:
      close.length > 0 ? `write ${close[0]}, or remove it` : 'remove it; `sluice explain settings` lists what there is',
    nearest: close,
  };
}
