import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  deployRevision,
  devportal,
  type Journey,
  journey,
  publisher,
  subscribe,
} from '../main-job/journey.ts';
import { type Program, type Scope, startProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { logged } from '../workers/workers.ts';
import type { SoakBackend } from './backend.ts';

/** Milliseconds after which a backend connection that rests is closed: at the end none must be left. */
const backendRest = 2000;
/** Milliseconds in which clients must have shaken hands: those that go away in the middle must not be waited for longer than for the rest. */
const handshakeMillis = 5000;
/** Milliseconds in which the endpoint of the API `brisk` must answer. */
const briskMillis = 500;

/** The whole program with its APIs, each of which has two revisions that may be deployed in turn. */
export interface Site {
  readonly program: Program;
  readonly token: string;
  readonly urls: { readonly plain: string; readonly secure: string };
  /** Deploys the other revision of one of the APIs. */
  swap(): Promise<void>;
}

/** Starts it with so many workers. `blue` and `green` are the backends of the two revisions; the API `pair` has both in each. */
export async function openSite(scope: Scope, workers: number, blue: SoakBackend, green: SoakBackend): Promise<Site> {
  const program = await startProgram(scope, {
    args: ['start', '--no-sample'],
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
    settings: `
[passthru_http]
"transport.sender.connection.idle.time" = ${backendRest}
[sluice.gateway]
tls_handshake_timeout = ${handshakeMillis}
`,
  });
  await logged(program, 'all gateway processes serve');
  const job = journey(program.urls.controlHttp as string);
  const [first, second] = [`${blue.url}/blue`, `${green.url}/green`];
  // Backends die here all the time: one that rests for it would hide what the calls to it meet.
  const tireless = { suspendDuration: '0' };
  const of = (side: object) => ({ endpoint_type: 'http', production_endpoints: side, sandbox_endpoints: side });
  const steady = (url: string) => of({ url, config: tireless });
  const brisk = (url: string) =>
    of({ url, config: { ...tireless, actionSelect: 'fault', actionDuration: String(briskMillis) } });
  const pair = (one: string, other: string) => ({
    endpoint_type: 'failover',
    failOver: true,
    production_endpoints: { url: one, config: tireless },
    production_failovers: [{ url: other, config: tireless }],
    sandbox_endpoints: { url: one, config: tireless },
    sandbox_failovers: [{ url: other, config: tireless }],
  });
  const soak = await publish(job, 'soak', steady(first), steady(second));
  const others = [
    await publish(job, 'brisk', brisk(first), brisk(second)),
    await publish(job, 'pair', pair(first, second), pair(second, first)),
  ];
  const developer = await subscribe(job, soak.id);
  for (const { id } of others) {
    const subscription = { applicationId: developer.applicationId, apiId: id, throttlingPolicy: 'Unlimited' };
    await job.admin.post(`${devportal}/subscriptions`, subscription, 201);
  }
  const token = await clientToken(job, developer);
  const apis = [soak, ...others];
  const urls = { plain: program.urls.gateway as string, secure: program.urls.gatewayTls as string };
  for (const { name } of apis) await served(urls.plain, name, token);
  let swaps = 0;
  return {
    program,
    token,
    urls,
    async swap() {
      const { id, revisions } = apis[swaps % apis.length] as PublishedApi;
      const revision = revisions[Math.floor(swaps / apis.length) % 2] as string;
      swaps++;
      await deployRevision(job, id, revision);
    },
  };
}

interface PublishedApi {
  readonly id: string;
  readonly name: string;
  readonly revisions: readonly string[];
}

/** An API with a revision for each of two endpoints; the second one is deployed. */
async function publish(job: Journey, name: string, one: object, other: object): Promise<PublishedApi> {
  const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
  const api = await createApi(job, {
    name,
    context: `/${name}`,
    version: '1.0.0',
    endpointConfig: one,
    operations: verbs.map((verb) => ({ target: '/items/{id}', verb })),
  });
  const blue = await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const working = await job.admin.get(`${publisher}/apis/${api.id}`);
  await job.admin.call('PUT', `${publisher}/apis/${api.id}`, {
    json: { ...working.json, endpointConfig: other },
    expect: 200,
  });
  return { id: api.id, name, revisions: [blue, await deploy(job, api.id)] };
}

/** Waits until every worker knows the API and the subscription. A wrong method calls no backend. */
function served(gateway: string, name: string, token: string): Promise<true> {
  return eventually(`${name} is served`, 10_000, async () => {
    const path = `/${name}/1.0.0/items/0`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call(gateway, path, { method: 'PATCH', token })),
    );
    return answers.every(({ status }) => status === 405) ? true : undefined;
  });
}
