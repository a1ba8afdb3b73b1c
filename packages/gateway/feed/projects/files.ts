import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProjectError } from './project-error.ts';

/** The files of an apictl project that a gateway reads (wso2-control-plane.md 4.5); the others are for the control plane. */
const projectFiles = [
  'api.yaml',
  'api.yml',
  'api.json',
  'Definitions/swagger.yaml',
  'Definitions/swagger.yml',
  'Definitions/swagger.json',
  'Definitions/schema.graphql',
  'Definitions/graphql-complexity.yaml',
  'Definitions/graphql-complexity.yml',
  'deployment_environments.yaml',
  'deployment_environments.yml',
  'deployment_environments.json',
  'params.yaml',
  'params.yml',
] as const;

/** Folder of a project's WSDL document, whose name is that of the API or any other. */
const wsdlFolder = 'WSDL/';

/** Whether a file of a project, by its path inside, is one that a gateway reads. */
export function isProjectFile(path: string): boolean {
  return (projectFiles as readonly string[]).includes(path) || isWsdl(path);
}

function isWsdl(path: string): boolean {
  return path.startsWith(wsdlFolder) && /^[^/]+\.wsdl$/i.test(path.slice(wsdlFolder.length));
}

/** Paths inside a project folder that may be read: those with fixed names, there or not, and WSDL documents. */
export async function candidates(folder: string): Promise<string[]> {
  const inside = join(folder, wsdlFolder.slice(0, -1));
  const facts = await lstat(inside).catch(() => undefined);
  const wsdl = facts?.isDirectory() ? await readdir(inside).catch(() => []) : [];
  return [...projectFiles, ...wsdl.map((name) => wsdlFolder + name).filter(isWsdl)];
}

/** Bytes of the largest file that is read; WSO2's limit on definitions. */
export const largestFile = 10 * 1024 * 1024;

/** A project as it lies in a folder or an archive. */
export interface ProjectFiles {
  /** The first of the names that exists, with its text and its place for messages. */
  first(names: readonly string[]): { readonly name: string; readonly place: string; readonly text: string } | undefined;
  /** The WSDL document; the first by name where there are several. */
  wsdl(): { readonly place: string; readonly text: string } | undefined;
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
    wsdl() {
      const name = [...texts.keys()].filter(isWsdl).sort()[0];
      return name === undefined ? undefined : { place: place + separator + name, text: texts.get(name) ?? '' };
    },
  };
}

/** Reads a project folder. Links are not followed: a project describes itself. */
export async function readFolder(folder: string): Promise<ProjectFiles> {
  const texts = new Map<string, string>();
  for (const name of await candidates(folder)) {
    const path = join(folder, name);
    const facts = await lstat(path).catch(() => undefined);
    if (facts === undefined) continue;
    if (!facts.isFile()) throw new ProjectError(path, undefined, 'it is not a regular file');
    if (facts.size > largestFile) throw new ProjectError(path, undefined, `it is larger than ${largestFile} bytes`);
    texts.set(name, await readFile(path, 'utf8'));
  }
  return filesOf(folder, '/', texts);
}
