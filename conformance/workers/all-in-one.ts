import type { TestContext } from 'node:test';
import { changeLifecycle, createApi, deploy, httpEndpoint, type Journey, journey } from '../main-job/journey.ts';
import { type Program, startProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { path } from './projects.ts';
import { logged } from './workers.ts';

/** The whole program with two workers, and one API with that backend or that `endpointConfig`, whose `/items` is open and whose `/closed` wants a token. */
export async function serveApi(
  t: TestContext,
  backend: string | Readonly<Record<string, unknown>>,
  settings = '',
): Promise<Program & { readonly job: Journey; readonly apiId: string }> {
  const program = await startProgram(t, {
    args: ['start', '--no-sample'],
    settings,
    env: { SLUICE_GATEWAY__WORKERS: '2' },
  });
  await logged(program, 'all gateway processes serve');
  const job = journey(program.urls.controlHttp as string);
  const api = await createApi(job, {
    name: 'Open',
    context: '/open',
    version: '1.0.0',
    operations: [
      { target: '/items', verb: 'GET', authType: 'None', throttlingPolicy: 'Unlimited' },
      { target: '/closed', verb: 'GET' },
    ],
    endpointConfig: typeof backend === 'string' ? httpEndpoint(backend) : backend,
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  // A wrong method tells that the API is there, and calls no backend.
  await eventually('the API is known', 5000, async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(program.urls.gateway as string, path, { method: 'PUT' })),
    );
    return answers.every(({ status }) => status === 405) ? true : undefined;
  });
  return { ...program, job, apiId: api.id };
}

/** One value of `/metrics`; undefined where it is not there. */
export async function metric(program: Program, series: string): Promise<number | undefined> {
  const { text } = await call(program.urls.controlHttp as string, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}
