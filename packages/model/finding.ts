/** One thing that is wrong in a configuration or a document that somebody gave us, said so that they can mend it. */
export interface Finding {
  /** `error`: what was meant cannot be served; `warning`: it can, but perhaps not as meant. */
  readonly level: 'error' | 'warning';
  /** Where: `production_endpoints[1].config.actionDuration`, `paths["/orders/{id}"].get.parameters[0]`. */
  readonly path: string;
  /** What stands there, shortened; never a secret. */
  readonly value: string;
  /** What may stand there. */
  readonly expected: string;
  readonly remedy: string;
}

/** A finding in one line, as error descriptions and logs show it. */
export function describeFinding(finding: Finding): string {
  return `${finding.path}: ${finding.value} found, ${finding.expected} expected. ${finding.remedy}`;
}

/** Stands in for a value that must not be shown. */
export const hidden = Symbol('hidden');

/** Findings kept of one document; further ones are counted by nobody, since the first few are mended first. */
const maxFindings = 100;
const maxShown = 120;

/** Collects findings, bounded, whatever the document says. */
export class Findings {
  readonly list: Finding[] = [];

  error(path: string, value: unknown, expected: string, remedy: string): void {
    this.add('error', path, value, expected, remedy);
  }

  warning(path: string, value: unknown, expected: string, remedy: string): void {
    this.add('warning', path, value, expected, remedy);
  }

  get hasErrors(): boolean {
    return this.list.some((finding) => finding.level === 'error');
  }

  private add(level: Finding['level'], path: string, value: unknown, expected: string, remedy: string): void {
    if (this.list.length < maxFindings) this.list.push({ level, path, value: show(value), expected, remedy });
  }
}

/** A hostile value as a short text: composites by kind only, text cut, credentials of a URL left out. */
function show(value: unknown): string {
  if (value === hidden) return 'a hidden value';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const text = value.slice(0, maxShown).replace(/\/\/[^/@]*@/, '//***@');
  return JSON.stringify(value.length > maxShown ? `${text}…` : text);
}

const plainKey = /^[A-Za-z_][\w-]*$/;

/** Appends a member or an index to a path: `a.b`, `a[0]`, `a["/x"]`. */
export function member(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  const shown = key.length > maxShown ? `${key.slice(0, maxShown)}…` : key;
  if (!plainKey.test(shown)) return `${path}[${JSON.stringify(shown)}]`;
  return path === '' ? shown : `${path}.${shown}`;
}
