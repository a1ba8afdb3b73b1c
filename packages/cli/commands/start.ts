import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Settings } from '@sluice/config';
import { remoteSource } from '@sluice/gateway';
import type { EndpointDesk, FeedSource, Log, StoryDesk } from '@sluice/model';
import { type Command, homeOption } from '../command.ts';
import { knownEndpointKey } from '../home/endpoint-key.ts';
import { type Home, openHome } from '../home/home.ts';
import { trustedCertificates } from '../home/keystore.ts';
import { lockHome } from '../home/lock.ts';
import { openLog } from '../log.ts';
import { openSample, type Sample } from '../sample/sample.ts';
import { type StartedControlPlane, startControlPlane } from '../start/control-plane.ts';
import { type DataPlane, drainAtStop, type PreparedDataPlane, prepareDataPlane } from '../start/data-plane.ts';
import { gatewayEnvironment } from '../start/environments.ts';
import { publicUrl } from '../start/options.ts';
import { explainTakenPort } from '../start/port-holder.ts';
import { type Endpoints, gatewayUrls, readyLine, urlOf } from '../start/ready.ts';
import { reloadOnHangup } from '../start/reload.ts';
import { readSettings } from '../start/settings.ts';
import { listenForStop, untilStopped } from '../start/stop.ts';

type Role = 'all' | 'control-plane' | 'gateway';

const roleOf = { default: 'all', 'control-plane': 'control-plane', 'gateway-worker': 'gateway' } as const;

export const command: Command = {
  usage: `
sluice start [--home DIR] [--offset N] [--role all|control-plane|gateway] [--no-sample]

Starts Sluice and prints one line when everything serves. Ends in order on SIGTERM; SIGHUP reads the gateway's settings and certificates anew.
  --home DIR    where settings, data and secrets are (default: SLUICE_HOME, else ./.sluice)
  --offset N    added to every port
  --role ROLE   all of it (default), the control plane alone, or a gateway alone
  --no-sample   do not install the sample API into an empty home`,
  options: {
    ...homeOption,
    offset: { type: 'string' },
    role: { type: 'string' },
    sample: { type: 'boolean', default: true },
  },
  async run({ options }) {
    const stop = listenForStop();
    const home = openHome(options.home as string | undefined, process.env);
    const readAgain = () =>
      readSettings(home, [
        ...(options.offset === undefined
          ? []
          : [{ key: 'server.offset', value: String(options.offset), name: '--offset' }]),
        ...(options.role === undefined
          ? []
          : [{ key: 'server.server_role', value: String(options.role), name: '--role' }]),
      ]);
    const settings = readAgain();
    const unlock = lockHome(home);
    const log = openLog(home.logs, 'info');
    const role = roleOf[settings.get('server.server_role')];
    try {
      const started = await start(role, settings, home, log, options.sample !== false, stop.requested, readAgain);
      return await untilStopped(stop, log, started.close);
    } catch (error) {
      throw explainTakenPort(error);
    } finally {
      unlock();
    }
  },
};

async function start(
  role: Role,
  settings: Settings,
  home: Home,
  log: Log,
  wantsSample: boolean,
  stop: Promise<unknown>,
  readAgain: () => Settings,
) {
  const parts: {
    prepared?: PreparedDataPlane;
    gateway?: DataPlane;
    control?: StartedControlPlane;
    sample?: Sample;
    endReloads?: () => void;
  } = {};
  const close = async () => {
    parts.endReloads?.();
    if (parts.gateway) await drainAtStop(parts.gateway, settings, log);
    else await parts.prepared?.abandon();
    parts.sample?.close();
    await parts.control?.close();
  };
  try {
    if (role !== 'control-plane') {
      const snapshotFile = join(home.data, 'snapshot.json');
      parts.prepared = prepareDataPlane({ settings, home, log, snapshotFile });
    }
    if (role !== 'gateway') {
      parts.control = await startControlPlane(settings, home, log, {
        gatewayReady: () => role === 'control-plane' || parts.gateway?.serving === true,
        metrics: () => parts.gateway?.metrics() ?? '',
        ...(parts.prepared ? { counters: parts.prepared.counters, ...desksOf(parts) } : {}),
      });
    }
    if (role === 'gateway' && knownEndpointKey(settings, home) === undefined) {
      const file = settings.get('sluice.security.endpoint_key_file');
      log.warn('no key for the secrets of endpoints: those that are sealed cannot be used', { file });
    }
    if (parts.prepared) {
      const gateway = await parts.prepared.start(sourceOf(settings, home, parts.control));
      parts.gateway = gateway;
      parts.endReloads = reloadOnHangup(log, readAgain, (fresh) => gateway.reload(fresh));
      // A gateway waits for its first picture as long as it takes, but not beyond the wish to stop.
      const serves = await Promise.race([parts.gateway.ready.then(() => true), stop.then(() => false)]);
      if (!serves) return { close };
    }
    const endpoints = endpointsOf(settings, parts);
    const millis = Math.round(performance.now());
    process.stdout.write(`${readyLine(endpoints, millis)}\n`);
    log.info('ready', { role, millis });
    if (parts.control && wantsSample) await offerSample(parts, parts.control, settings, home, log);
    return { close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** What the gateway can be asked once it is there. */
function desksOf(parts: { readonly gateway?: DataPlane }): { stories: StoryDesk; endpoints: EndpointDesk } {
  return {
    stories: {
      find: async (id) => parts.gateway?.stories.find(id),
      list: async (query) => parts.gateway?.stories.list(query) ?? { total: 0, calls: [] },
    },
    endpoints: {
      list: async (query) => parts.gateway?.endpoints.list(query) ?? { total: 0, endpoints: [] },
      switch: async (id, on, by) => parts.gateway?.endpoints.switch(id, on, by),
    },
  };
}

/** Installs or wakes the sample, and prints how to call it once the gateway serves it. */
async function offerSample(
  parts: { gateway?: DataPlane; sample?: Sample },
  control: StartedControlPlane,
  settings: Settings,
  home: Home,
  log: Log,
): Promise<void> {
  const sample = await openSample(control, settings, home, log);
  if (!sample) return;
  parts.sample = sample;
  const [address] = parts.gateway?.addresses ?? [];
  if (!parts.gateway || !address) return;
  await caughtUp(parts.gateway, await control.store.system.feed.head());
  // The name that others use for this machine need not lead here.
  const url = urlOf(address.secure ? 'https' : 'http', address.host, address.port, 'localhost');
  process.stdout.write(`\nTry the sample API:\n\n${sample.curl(url)}\n\n`);
}

/** The control plane in this process, or the one that `[apim.event_hub]` names. */
function sourceOf(settings: Settings, home: Home, control: StartedControlPlane | undefined): FeedSource {
  const { name } = gatewayEnvironment(settings);
  if (control) return control.controlPlane.feed(name);
  const ca = trustedCertificates(settings, home);
  return remoteSource({
    serviceUrl: (settings.get('apim.event_hub.service_url') ?? publicUrl(settings)).replace(/\/services\/?$/, ''),
    environment: name,
    username: settings.get('apim.event_hub.username') ?? settings.get('super_admin.username'),
    password: settings.get('apim.event_hub.password') ?? settings.get('super_admin.password'),
    ...(ca === undefined ? {} : { ca }),
  });
}

function endpointsOf(
  settings: Settings,
  { gateway, control }: { gateway?: DataPlane; control?: StartedControlPlane },
): Endpoints {
  const hostname = settings.get('server.hostname');
  return {
    ...(gateway ? { gateway: gatewayUrls(settings, gateway.addresses) } : {}),
    ...(control
      ? {
          controlPlane: {
            https: urlOf('https', control.host, control.httpsPort, hostname),
            http: urlOf('http', control.host, control.httpPort, hostname),
          },
        }
      : {}),
  };
}

/** Waits until the gateway serves what was written up to `sequence`; what cannot be served in time is left to the feed. */
async function caughtUp(gateway: DataPlane, sequence: number): Promise<void> {
  const end = performance.now() + 2000;
  while (gateway.sequence < sequence && performance.now() < end) await setTimeout(2);
}
