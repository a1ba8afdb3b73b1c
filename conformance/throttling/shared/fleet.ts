import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  httpEndpoint,
  type Journey,
  journey,
  subscribe,
} from '../../main-job/journey.ts';
import { type Program, type Scope, startProgram } from '../../program/program.ts';
import { call } from '../../wire/call.ts';
import { eventually } from '../../wire/eventually.ts';
import { type BusinessPlan, createPlan } from '../admin.ts';
import type { Target } from './paced-load.ts';

/** A control plane and gateways in processes of their own, which share their counters in Redis, before one API with one plan. */
export interface Fleet {
  readonly control: Program;
  readonly gateways: readonly Program[];
  /** An API with the plan, and one that nothing limits. */
  readonly limited: Target;
  readonly unlimited: Target;
}

/** Starts everything and waits until all gateways serve. */
export async function startFleet(
  scope: Scope,
  {
    gateways: count,
    redis,
    backends,
    plan,
  }: {
    gateways: number;
    redis: string;
    backends: { readonly limited: string; readonly unlimited: string };
    plan: BusinessPlan;
  },
): Promise<Fleet> {
  const control = await startProgram(scope, { args: ['start', '--role', 'control-plane', '--no-sample'] });
  const url = control.urls.controlHttp as string;
  const settings = `[apim.event_hub]
service_url = "${url}"
username = "admin"
password = "admin"
[sluice.throttle.redis]
url = "${redis}"
`;
  const gateways = await Promise.all(
    Array.from({ length: count }, () => startProgram(scope, { args: ['start', '--role', 'gateway'], settings })),
  );
  const job = journey(url);
  await createPlan(job, plan);
  const limited = await publish(job, 'shared', backends.limited, plan.name);
  const unlimited = await publish(job, 'free', backends.unlimited, 'Unlimited');
  for (const { urls } of gateways) {
    for (const { path, token } of [limited, unlimited]) {
      await eventually('a gateway serves the API', 20_000, async () => {
        const { status } = await call(urls.gateway as string, path, { token });
        return status === 200 || status === 429 ? true : undefined;
      });
    }
  }
  return { control, gateways, limited, unlimited };
}

async function publish(job: Journey, name: string, backend: string, plan: string): Promise<Target> {
  const api = await createApi(job, {
    name,
    context: `/${name}`,
    version: '1.0.0',
    operations: [{ target: '/*', verb: 'GET' }],
    endpointConfig: httpEndpoint(backend),
    policies: [plan],
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const token = await clientToken(job, await subscribe(job, api.id, { plan }));
  return { path: `/${name}/1.0.0/item`, token };
}
