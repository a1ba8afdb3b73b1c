import { readFileSync, statSync } from 'node:fs';
import type { Finding } from './report.ts';

/** Largest `deployment.toml`, in bytes. */
export const maximumFileSize = 1_048_576;

/** Text of the settings file; null when it is not there and need not be; a finding when it cannot be used. */
export type FileText = { readonly text: string | null } | { readonly finding: Finding };

/** Reads the whole file. `name` is what origins carry; `required` says that a missing file is an error. */
export function readSettingsFile(path: string, name: string, required: boolean): FileText {
  const refuse = (problem: string, remedy: string, expected?: string): FileText => ({
    finding: {
      severity: 'error',
      key: '',
      origin: { kind: 'file', file: name, line: 1 },
      problem,
      ...(expected === undefined ? {} : { expected }),
      remedy,
      nearest: [],
    },
  });
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) {
      if (!required) return { text: null };
      return refuse(
        `there is no file ${path}`,
        'name another file, or leave the argument out to use deployment.toml in the home',
      );
    }
    if (!facts.isFile()) return refuse(`${path} is not a file`, 'put the settings into a plain file of that name');
    if (facts.size > maximumFileSize) {
      return refuse(
        `the file has ${facts.size} bytes`,
        'move what does not belong there elsewhere',
        `at most ${maximumFileSize} bytes`,
      );
    }
    const bytes = readFileSync(path);
    if (bytes.length > maximumFileSize) {
      return refuse(
        `the file has ${bytes.length} bytes`,
        'move what does not belong there elsewhere',
        `at most ${maximumFileSize} bytes`,
      );
    }
    try {
      return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
    } catch {
      return refuse('the file is not UTF-8', 'save it as UTF-8', 'a text file in UTF-8');
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const remedy =
      code === 'EACCES' || code === 'EPERM' ? 'let the user that runs Sluice read it' : 'make the file readable';
    return refuse(`${path} cannot be read (${code})`, remedy);
  }
}
