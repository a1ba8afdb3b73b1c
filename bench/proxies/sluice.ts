import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  devportal,
  type Journey,
  journey,
  subscribe,
} from '../../conformance/main-job/journey.ts';
import { urlsOf } from '../../conformance/program/program.ts';
import type { Started } from '../machine/workbench.ts';
import { type ProxyProgram, prefixIn, type Route, type RunningProxy, type Site } from './proxy.ts';
import { everyDeadline, failoverOfThree, noDeadline, type SluiceEndpoints, single } from './sluice-endpoints.ts';
import { type Levels, makePlans, type Plans } from './sluice-plans.ts';

/** One worker, as nginx and HAProxy have one: that is also the default on one processor. All other settings keep their defaults. */
const settings = `
[gateway]
workers = 1
[transport.https.properties]
port = 0
[transport.http.properties]
port = 0
[transport.http.listener]
port = 0
secured_port = 0
`;

/** The program as `npm start` runs it, with its full chain: JWT, subscription, throttling, access log. */
export const sluice: ProxyProgram = sluiceWith('sluice', 'Sluice: JWT, plan, access log', 'subscription');

/** The same with other limits, or with its counters in Redis. */
export const sluiceUnlimited: ProxyProgram = sluiceWith('sluice-unlimited', 'Sluice without limits', 'none');
export const sluiceLevels: ProxyProgram = within(
  sluiceUnlimited,
  sluiceWith('sluice-levels', 'Sluice with limits of every level', 'all'),
);
export const sluiceRedis: ProxyProgram = {
  ...sluiceWith('sluice-redis', 'Sluice with a plan, shared in Redis', 'subscription'),
  needs: 'redis-server',
};

/** The same with other endpoints and deadlines. */
export const sluiceFailover: ProxyProgram = within(
  sluice,
  sluiceWith('sluice-failover', 'Sluice with a failover group of three', 'subscription', failoverOfThree),
);
export const sluiceTimeless: ProxyProgram = sluiceWith(
  'sluice-timeless',
  'Sluice without deadlines',
  'subscription',
  noDeadline,
);
export const sluiceDeadlines: ProxyProgram = within(
  sluiceTimeless,
  sluiceWith('sluice-deadlines', 'Sluice with every deadline of a call', 'subscription', everyDeadline),
);

function sluiceWith(key: string, title: string, levels: Levels, endpoints: SluiceEndpoints = single): ProxyProgram {
  return {
    key,
    title,
    quick: true,
    warmsUp: true,
    guarded: true,
    routes: true,
    start: async (site, host) => {
      const running = host ? { ...host, isGuest: true, stop: async () => {} } : await startSluice(site, endpoints);
      return { ...running, authorization: await serve(site, running, levels, endpoints) };
    },
  };
}

/** The same program, in the process of another. */
function within(host: ProxyProgram, guest: ProxyProgram): ProxyProgram {
  return { ...guest, within: host.key };
}

async function startSluice(
  { bench, core, redisPort }: Site,
  { settings: endpointSettings }: SluiceEndpoints,
): Promise<RunningProxy> {
  const home = join(bench.directory, `sluice-${crypto.randomUUID()}`);
  mkdirSync(home);
  const redis = redisPort === undefined ? '' : `[apim.redis_config]\nhost = "127.0.0.1"\nport = ${redisPort}\n`;
  writeFileSync(join(home, 'deployment.toml'), endpointSettings + settings + redis);
  const main = new URL('../../dist/sluice/main.js', import.meta.url).pathname;
  const program = bench.start(core, process.execPath, [main, 'start', '--no-sample', '--home', home]);
  const urls = urlsOf(await Promise.race([readyLine(program), program.ended]));
  if (!urls.gateway || !urls.gatewayTls || !urls.controlHttp) throw new Error('Sluice does not say where it listens');
  return {
    pid: program.child.pid,
    httpPort: Number(new URL(urls.gateway).port),
    httpsPort: Number(new URL(urls.gatewayTls).port),
    controlUrl: urls.controlHttp,
    stop: () => bench.stop(program),
  };
}

/** Makes plans and APIs, and waits until the gateway serves them. Resolves with the Authorization header of their client. */
async function serve(
  { routes, backendPort }: Site,
  running: RunningProxy,
  levels: Levels,
  endpoints: SluiceEndpoints,
): Promise<string> {
  const { httpPort, controlUrl = '', isGuest } = running;
  const job = journey(controlUrl);
  const own = routes.map((route) => ({ ...route, prefix: prefixIn(running, route) }));
  const called = own.filter((route) => route.called).map(({ prefix }) => prefix);
  const plans = await makePlans(job, levels, isGuest ? 'guest' : 'bench', called);
  const authorization = `Bearer ${await publishAll(job, own, backendPort, plans, endpoints)}`;
  for (const prefix of called) await untilServed(`http://127.0.0.1:${httpPort}${prefix}/items/17`, authorization);
  return authorization;
}

/** Publishes and deploys every API over the REST APIs, subscribes one application to those that are called, resolves with its token. */
async function publishAll(
  job: Journey,
  routes: readonly Route[],
  backendPort: number,
  { subscription: plan, application, api: members }: Plans,
  { config }: SluiceEndpoints,
): Promise<string> {
  let developer: Awaited<ReturnType<typeof subscribe>> | undefined;
  for (const { prefix, answer, called } of routes) {
    const api = await createApi(job, {
      ...members,
      name: prefix.slice(1).replaceAll('/', '-'),
      context: prefix.slice(0, prefix.lastIndexOf('/')),
      version: prefix.slice(prefix.lastIndexOf('/') + 1),
      endpointConfig: config(`http://127.0.0.1:${backendPort}/${answer}`),
      operations: [
        { target: '/items/{id}', verb: 'GET' },
        { target: '/items/{id}', verb: 'POST' },
      ],
    });
    await deploy(job, api.id);
    await changeLifecycle(job, api.id, 'Publish');
    if (!called) continue;
    if (developer === undefined) developer = await subscribe(job, api.id, { plan, applicationPlan: application });
    else {
      const { applicationId } = developer;
      const subscription = { applicationId, apiId: api.id, throttlingPolicy: plan };
      await job.admin.post(`${devportal}/subscriptions`, subscription, 201);
    }
  }
  if (!developer) throw new Error('no API is called');
  return clientToken(job, developer);
}

/** Waits until the gateway knows API and subscription: it hears of them after those who made them. @throws after ten seconds. */
async function untilServed(url: string, authorization: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await fetch(url, { headers: { authorization } });
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    if (performance.now() > deadline) throw new Error(`${url} is answered with ${answer.status}`);
    await delay(20);
  }
}

function readyLine({ child }: Started): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('Sluice has no stdout'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/ is ready in /.test(line)) resolve(line);
    });
  });
}
