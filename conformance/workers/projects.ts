import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Program, type ProgramOptions, startProgram, temporaryHome } from '../program/program.ts';
import { writeProject } from '../projects/project.ts';
import { logged } from './workers.ts';

/** Where the API of `serveProject` is. */
export const path = '/open/1.0.0/items';

/** More calls without a token than the plan of the first start allows: these tests call as often as they can. */
const plenty = `type: throttling policy
subtype: subscription policy
version: v4.7.0
data:
  policyName: Unauthenticated
  displayName: Unauthenticated
  description: made by a test
  defaultLimit:
    type: REQUESTCOUNTLIMIT
    requestCount:
      timeUnit: min
      unitTime: 1
      requestCount: 2147483647
  stopOnQuotaReach: true
  billingPlan: FREE
`;

/** The program with worker processes over a folder that holds one open API of this backend. */
export async function serveProject(
  t: TestContext,
  backend: string,
  { workers = 2, ...options }: Pick<ProgramOptions, 'settings' | 'home'> & { readonly workers?: number } = {},
): Promise<Program & { readonly folder: string }> {
  const folder = join(temporaryHome(t), 'apis');
  writeProject(folder, 'Open', backend);
  writeFileSync(join(folder, 'Subscription-Unauthenticated.yaml'), plenty);
  const program = await startProgram(t, {
    ...options,
    args: ['gateway', '--apis', folder],
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
  });
  if (workers > 0) await logged(program, 'all gateway processes serve');
  return { ...program, folder };
}
