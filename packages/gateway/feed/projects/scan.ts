import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { candidates } from './files.ts';

/** A project found in the folder. */
export interface FoundProject {
  readonly path: string;
  readonly kind: 'folder' | 'archive';
  /** Changes whenever one of its files does. */
  readonly signature: string;
}

/** Projects looked at side by side. */
const atOnce = 32;

/** The projects in a folder: the folder itself when it is one, else each folder and each `.zip` directly in it. Hidden names are passed over. */
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
  if (!facts?.isFile() || !path.toLowerCase().endsWith('.zip')) return undefined;
  return { path, kind: 'archive', signature: `${facts.mtimeMs} ${facts.size} ${facts.ino}` };
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
