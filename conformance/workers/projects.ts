import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Program, type ProgramOptions, startProgram, temporaryHome } from '../program/program.ts';
import { writeProject } from '../projects/project.ts';
import { logged } from './workers.ts';

/** Where the API of `serveProject` is. */
export const path = '/open/1.0.0/items';

/** The program with worker processes over a folder that holds one open API of this backend. */
export async function serveProject(
  t: TestContext,
  backend: string,
  { workers = 2, ...options }: Pick<ProgramOptions, 'settings' | 'home'> & { readonly workers?: number } = {},
): Promise<Program & { readonly folder: string }> {
  const folder = join(temporaryHome(t), 'apis');
  writeProject(folder, 'Open', backend);
  const program = await startProgram(t, {
    ...options,
    args: ['gateway', '--apis', folder],
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
  });
  if (workers > 0) await logged(program, 'all gateway processes serve');
  return { ...program, folder };
}
