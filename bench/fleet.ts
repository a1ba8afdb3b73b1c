import { calledApis, type Deployment, manyApis } from './cases.ts';
import { check } from './check.ts';
import { isInstalled } from './machine/workbench.ts';
import type { ProxyProgram, Route, RunningProxy, Site } from './proxies/proxy.ts';

/** The programs of one deployment: those that run, and why the others do not. */
export interface Fleet {
  readonly running: ReadonlyMap<string, RunningProxy>;
  readonly reasons: ReadonlyMap<string, string>;
  readonly routes: readonly Route[];
  stop(): Promise<void>;
}

/** The APIs of a deployment. Those that are called lie apart from each other. */
function routesOf(deployment: Deployment): Route[] {
  const route = (name: string, answer: Route['answer'], called = true) => ({
    name,
    prefix: `/${name}/1.0.0`,
    answer,
    called,
  });
  if (deployment !== 'many APIs') return [route('small', 'small'), route('large', 'large')];
  const apart = manyApis / calledApis;
  return Array.from({ length: manyApis }, (_, index) => route(`api-${index}`, 'small', index % apart === 0));
}

/** Starts every program that can serve the deployment, and proves that it serves it. */
export async function startFleet(
  proxies: readonly ProxyProgram[],
  site: Omit<Site, 'routes'>,
  deployment: Deployment,
): Promise<Fleet> {
  const routes = routesOf(deployment);
  const running = new Map<string, RunningProxy>();
  const reasons = new Map<string, string>();
  // One after the other: they share a processor.
  for (const proxy of proxies) {
    const host = running.get(proxy.within ?? '');
    const obstacle = obstacleOf(proxy, deployment, host);
    if (obstacle !== undefined) {
      reasons.set(proxy.key, obstacle);
      continue;
    }
    try {
      const started = await proxy.start({ ...site, routes }, host);
      running.set(proxy.key, started);
      await check(proxy, started, routes);
    } catch (error) {
      await running.get(proxy.key)?.stop();
      running.delete(proxy.key);
      reasons.set(proxy.key, `failed: ${(error as Error).message.replaceAll('\n', ' ')}`);
    }
  }
  return {
    running,
    reasons,
    routes,
    stop: async () => void (await Promise.all([...running.values()].map((proxy) => proxy.stop()))),
  };
}

/** Why a program cannot even be started; `undefined` when it can. */
function obstacleOf(
  { needs, routes, within }: ProxyProgram,
  deployment: Deployment,
  host: RunningProxy | undefined,
): string | undefined {
  if (within !== undefined && !host) return `it is served within ${within}, which does not run`;
  if (needs !== undefined && !isInstalled(needs)) return `not installed: apt-get install ${needs}`;
  if (deployment === 'many APIs' && !routes) return 'cannot: it has no routing by API of its own';
  return undefined;
}
