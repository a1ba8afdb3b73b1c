import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { candidates } from './files.ts';

/** What was found in the folder: a project, or a file beside the projects. */
export interface FoundProject {
  readonly path: string;
  /** `file` may be an exported policy, or anything else. */
  readonly kind: 'folder' | 'archive' | 'file';
  /** Changes whenever one of its files does. */
  readonly signature: string;
}

/** Projects looked at side by side. */
const atOnce = 32;

/** The projects in a folder: the folder itself when it is one, else each folder and each `.zip` directly in it, and the YAML and JSON files there. Hidden names are passed over. */
export async function findProjects(folder: string): Promise<FoundProject[]> {
  const own = await folderProject(folder);
  if (own !== undefined) return [own];
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const found: FoundProject[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const batch = names.slice(from, from + atOnce).map((name) => lookAt(join(folder, name)));
    for (const project of await Promise.all(batch)) if (project !== undefined) found.push(project);
  }
  return found;
}

async function lookAt(path: string): Promise<FoundProject | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory()) return folderProject(path);
  const ending = /\.(?:zip|ya?ml|json)$/i.exec(path)?.[0].toLowerCase();
  if (!facts?.isFile() || ending === undefined) return undefined;
  const kind = ending === '.zip' ? 'archive' : 'file';
  return { path, kind, signature: `${facts.mtimeMs} ${facts.size} ${facts.ino}` };
}

/** Undefined when the folder holds no API. */
async function folderProject(path: string): Promise<FoundProject | undefined> {
  const names = await candidates(path);
  const facts = await Promise.all(names.map((name) => lstat(join(path, name)).catch(() => undefined)));
  const isProject = names.some((name, index) => name.startsWith('api.') && facts[index] !== undefined);
  if (!isProject) return undefined;
  const signature = facts.map((one) => (one === undefined ? '-' : `${one.mtimeMs} ${one.size} ${one.ino}`)).join(' ');
  return { path, kind: 'folder', signature };
}
