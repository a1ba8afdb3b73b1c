import type { TestContext } from 'node:test';
import { changeLifecycle, createApi, deploy, httpEndpoint, type Journey, journey } from '../main-job/journey.ts';
import { type Program, startProgram } from '../program/program.ts';
import { throttling } from '../throttling/admin.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { logged } from './workers.ts';

/** Where the API is, and the key and the counter of its limit. */
export const path = '/limited/1.0.0/items';
export const key = '/limited/1.0.0:1.0.0';
export const counter = `api/calls/30day/${key}`;

/** The program over a home that has the API already. */
export async function startAgain(t: TestContext, home: string, settings = '', workers = 2): Promise<Program> {
  const program = await startProgram(t, {
    ...{ home, settings, args: ['start', '--no-sample'] },
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
  });
  await known(program, workers);
  return program;
}

/** The whole program, with an open API of which so many calls pass in thirty days. */
export async function serveLimited(
  t: TestContext,
  backend: string,
  amount: number,
  { home, settings, workers = 2 }: { home: string; settings?: string; workers?: number },
): Promise<Program & { readonly job: Journey }> {
  const program = await startProgram(t, {
    ...{ home, args: ['start', '--no-sample'] },
    ...(settings === undefined ? {} : { settings }),
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
  });
  const job = journey(program.urls.controlHttp as string);
  const requestCount = { timeUnit: 'day', unitTime: 30, requestCount: amount };
  await job.admin.post(
    `${throttling}/policies/advanced`,
    {
      ...{ policyName: 'Limited', displayName: 'Limited', description: 'made by a test', conditionalGroups: [] },
      defaultLimit: { type: 'REQUESTCOUNTLIMIT', requestCount },
    },
    201,
  );
  const api = await createApi(job, {
    ...{ name: 'Limited', context: '/limited', version: '1.0.0', apiThrottlingPolicy: 'Limited' },
    operations: [{ target: '/items', verb: 'GET', authType: 'None', throttlingPolicy: 'Unlimited' }],
    endpointConfig: httpEndpoint(backend),
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  await known(program, workers);
  return { ...program, job };
}

/** Resolves when every worker serves the API. A wrong method tells, and counts for nothing. */
async function known(program: Program, workers: number): Promise<void> {
  if (workers > 0) await logged(program, 'all gateway processes serve');
  await eventually('the API is known to all', 10_000, async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(program.urls.gateway as string, path, { method: 'PUT' })),
    );
    return answers.every(({ status }) => status === 405) ? true : undefined;
  });
}

/** So many calls, each on a connection of its own, some at a time; resolves with how many had each status. A call that is cut has 0. */
export async function callsOf(gateway: string, count: number, atOnce = 20): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let left = count;
  const caller = async () => {
    while (left-- > 0) {
      const status = await call(gateway, path).then(
        (answer) => answer.status,
        () => 0,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return statuses;
}
