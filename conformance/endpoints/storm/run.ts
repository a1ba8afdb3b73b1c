import { setTimeout as delay } from 'node:timers/promises';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  devportal,
  journey,
  subscribe,
} from '../../main-job/journey.ts';
import { type Scope, startProgram } from '../../program/program.ts';
import { dice } from '../../soak/dice.ts';
import { call } from '../../wire/call.ts';
import { eventually } from '../../wire/eventually.ts';
import { HostileBackend } from './hostile-backend.ts';
import { judge, Ledger, type Verdict } from './ledger.ts';
import { StormClient } from './storm-client.ts';

/** How hard the gateway is tried. */
export interface Storm {
  readonly rate: number;
  readonly seconds: number;
  readonly workers: number;
  readonly connections: number;
  readonly seed: number;
}

export interface StormResult extends Verdict {
  /** Calls that no connection of the client was free for. */
  readonly missed: number;
  readonly kills: number;
}

/** A leaf that rests for a short time, so that there is always somebody to fail. */
const rules = { actionSelect: 'fault', actionDuration: '700', suspendDuration: '40', factor: '1.0' };

/** Milliseconds between two kills of a backend, for which it stays away, and between two times that it hangs up on some of its connections. */
const [killEvery, awayFor, hangUpEvery] = [1500, 250, 200];

/** Failover and load-balance groups of three and an endpoint alone, before backends that fail in every way and are killed by turns. */
export async function runStorm(scope: Scope, storm: Storm): Promise<StormResult> {
  const ledger = new Ledger();
  const random = dice(storm.seed);
  const backends = ['a', 'b', 'c'].map((name) => new HostileBackend(name, ledger, random));
  for (const backend of backends) {
    await backend.start();
    scope.after(() => backend.stop());
  }
  const program = await startProgram(scope, {
    args: ['start', '--no-sample'],
    env: { SLUICE_GATEWAY__WORKERS: String(storm.workers) },
  });
  const { urls } = program;
  const gateway = urls.gateway as string;
  const { paths, token } = await publish(urls.controlHttp as string, gateway, backends);
  const client = new StormClient(gateway, token, ledger, random);
  const troubles = startTroubles(backends);
  try {
    await client.run(storm.rate, storm.seconds, paths, storm.connections);
  } finally {
    await troubles.stop();
    await program.stop();
  }
  return { ...judge(ledger), missed: client.missed, kills: troubles.kills };
}

/** Deploys an API for each kind of endpoint and waits until all are served; resolves with their base paths and a token for all of them. */
async function publish(
  control: string,
  gateway: string,
  backends: readonly HostileBackend[],
): Promise<{ readonly paths: readonly string[]; readonly token: string }> {
  const job = journey(control);
  const [first, ...others] = backends.map(({ url }) => ({ url, endpoint_type: 'http', config: rules }));
  const configs = {
    alone: { endpoint_type: 'http', production_endpoints: first },
    failover: { endpoint_type: 'failover', failOver: true, production_endpoints: first, production_failovers: others },
    balance: {
      endpoint_type: 'load_balance',
      algoClassName: 'org.apache.synapse.endpoints.algorithms.RoundRobin',
      failOver: true,
      production_endpoints: [first, ...others],
    },
  };
  const paths: string[] = [];
  let developer: Awaited<ReturnType<typeof subscribe>> | undefined;
  for (const [name, endpointConfig] of Object.entries(configs)) {
    const operations = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].map((verb) => ({
      target: '/*',
      verb,
    }));
    const api = await createApi(job, { name, context: `/${name}`, version: '1.0.0', operations, endpointConfig });
    await deploy(job, api.id);
    await changeLifecycle(job, api.id, 'Publish');
    paths.push(`/${name}/1.0.0`);
    if (developer === undefined) developer = await subscribe(job, api.id);
    else {
      const { applicationId } = developer;
      const subscription = { applicationId, apiId: api.id, throttlingPolicy: 'Unlimited' };
      await job.admin.post(`${devportal}/subscriptions`, subscription, 201);
    }
  }
  if (developer === undefined) throw new Error('no API was made');
  const token = await clientToken(job, developer);
  // A method that no operation has reaches no backend.
  for (const path of paths) {
    await eventually(`the gateway serves ${path}`, 20_000, async () => {
      const { status } = await call(gateway, path, { method: 'HEAD', token });
      return status === 405 ? true : undefined;
    });
  }
  return { paths, token };
}

/** Kills the backends by turns, and lets each hang up on some of its connections. */
function startTroubles(backends: readonly HostileBackend[]) {
  let kills = 0;
  const away = new Set<Promise<void>>();
  const kill = setInterval(() => {
    const backend = backends[kills++ % backends.length] as HostileBackend;
    backend.stop();
    const back = delay(awayFor).then(() => backend.start());
    away.add(back);
    void back.finally(() => away.delete(back));
  }, killEvery);
  const hang = setInterval(() => {
    for (const backend of backends) backend.hangUp(8);
  }, hangUpEvery);
  return {
    get kills() {
      return kills;
    },
    /** Resolves when all backends are there again. */
    async stop(): Promise<void> {
      clearInterval(kill);
      clearInterval(hang);
      await Promise.all(away);
    },
  };
}
