import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProjectError } from './project-error.ts';

/** The files of an apictl project that a gateway reads (wso2-control-plane.md 4.5); the others are for the control plane. */
export const projectFiles = [
  'api.yaml',
  'api.yml',
  'api.json',
  'Definitions/swagger.yaml',
  'Definitions/swagger.yml',
  'Definitions/swagger.json',
  'deployment_environments.yaml',
  'deployment_environments.yml',
  'deployment_environments.json',
] as const;

/** Bytes of the largest file that is read; WSO2's limit on definitions. */
export const largestFile = 10 * 1024 * 1024;

/** A project as it lies in a folder or an archive. */
export interface ProjectFiles {
  /** The first of the names that exists, with its text and its place for messages. */
  first(names: readonly string[]): { readonly name: string; readonly place: string; readonly text: string } | undefined;
  /** Place of the project for messages. */
  readonly place: string;
}

/** Texts by name, under a common place. */
export function filesOf(place: string, separator: string, texts: ReadonlyMap<string, string>): ProjectFiles {
  return {
    place,
    first(names) {
      const name = names.find((one) => texts.has(one));
      return name === undefined ? undefined : { name, place: place + separator + name, text: texts.get(name) ?? '' };
    },
  };
}

/** Reads a project folder. Links are not followed: a project describes itself. */
export async function readFolder(folder: string): Promise<ProjectFiles> {
  const texts = new Map<string, string>();
  for (const name of projectFiles) {
    const path = join(folder, name);
    const facts = await lstat(path).catch(() => undefined);
    if (facts === undefined) continue;
    if (!facts.isFile()) throw new ProjectError(path, undefined, 'it is not a regular file');
    if (facts.size > largestFile) throw new ProjectError(path, undefined, `it is larger than ${largestFile} bytes`);
    texts.set(name, await readFile(path, 'utf8'));
  }
  return filesOf(folder, '/', texts);
}
