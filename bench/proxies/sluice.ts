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
import type { ProxyProgram, Route, RunningProxy, Site } from './proxy.ts';
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
export const sluiceLevels: ProxyProgram = sluiceWith('sluice-levels', 'Sluice with limits of every level', 'all');
export const sluiceRedis: ProxyProgram = {
  ...sluiceWith('sluice-redis', 'Sluice with a plan, shared in Redis', 'subscription'),
  needs: 'redis-server',
};

/** The same with other endpoints and deadlines. */
export const sluiceFailover: ProxyProgram = sluiceWith(
  'sluice-failover',
  'Sluice with a failover group of three',
  'subscription',
  failoverOfThree,
);
export const sluiceDeadlines: ProxyProgram = sluiceWith(
  'sluice-deadlines',
  'Sluice with every deadline',
  'subscription',
  everyDeadline,
);
export const sluiceTimeless: ProxyProgram = sluiceWith(
  'sluice-timeless',
  'Sluice without deadlines',
  'subscription',
  noDeadline,
);

function sluiceWith(key: string, title: string, levels: Levels, endpoints: SluiceEndpoints = single): ProxyProgram {
  return {
    key,
    title,
    quick: true,
    warmsUp: true,
    guarded: true,
    routes: true,
    start: (site) => startSluice(site, levels, endpoints),
  };
}

async function startSluice(
  { bench, core, routes, backendPort, redisPort }: Site,
  levels: Levels,
  endpoints: SluiceEndpoints,
): Promise<RunningProxy> {
  const home = join(bench.directory, `sluice-${crypto.randomUUID()}`);
  mkdirSync(home);
  const redis = redisPort === undefined ? '' : `[apim.redis_config]\nhost = "127.0.0.1"\nport = ${redisPort}\n`;
  writeFileSync(join(home, 'deployment.toml'), endpoints.settings + settings + redis);
  const main = new URL('../../dist/sluice/main.js', import.meta.url).pathname;
  const program = bench.start(core, process.execPath, [main, 'start', '--no-sample', '--home', home]);
  const urls = urlsOf(await Promise.race([readyLine(program), program.ended]));
  if (!urls.gateway || !urls.gatewayTls || !urls.controlHttp) throw new Error('Sluice does not say where it listens');
  const job = journey(urls.controlHttp);
  const token = await publishAll(job, routes, backendPort, await makePlans(job, levels), endpoints);
  for (const { prefix } of routes.filter(({ called }) => called))
    await untilServed(`${urls.gateway}${prefix}/items/17`, token);
  return {
    pid: program.child.pid,
    httpPort: Number(new URL(urls.gateway).port),
    httpsPort: Number(new URL(urls.gatewayTls).port),
    authorization: `Bearer ${token}`,
    stop: () => bench.stop(program),
  };
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
  for (const { name, prefix, answer, called } of routes) {
    const api = await createApi(job, {
      ...members,
      name,
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
async function untilServed(url: string, token: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
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
