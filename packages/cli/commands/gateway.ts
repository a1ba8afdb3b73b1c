import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectSource } from '@sluice/gateway';
import { type Command, homeOption, UsageError } from '../command.ts';
import { openHome } from '../home/home.ts';
import { openLog } from '../log.ts';
import { drainAtStop, prepareDataPlane } from '../start/data-plane.ts';
import { gatewayEnvironment } from '../start/environments.ts';
import { explainTakenPort } from '../start/port-holder.ts';
import { gatewayUrls, readyLine } from '../start/ready.ts';
import { reloadOnHangup } from '../start/reload.ts';
import { readSettings } from '../start/settings.ts';
import { listenForStop, untilStopped } from '../start/stop.ts';

export const command: Command = {
  usage: `
sluice gateway --apis DIR [--issuer URL --jwks FILE] [--home DIR] [--offset N]

Serves the API projects in a folder, without a database, and reloads when they change; SIGHUP reads settings and certificates anew.
  --apis DIR     projects in apictl's layout: folders or zips
  --issuer URL   whose tokens (claim iss) are taken; without it only operations with auth type None can be called
  --jwks FILE    the issuer's public keys (RFC 7517)
  --home DIR     settings, certificate and logs (default: SLUICE_HOME, else ./.sluice)
  --offset N     added to every port`,
  options: {
    ...homeOption,
    apis: { type: 'string' },
    issuer: { type: 'string' },
    jwks: { type: 'string' },
    offset: { type: 'string' },
  },
  async run({ options }) {
    const stop = listenForStop();
    const folder = folderOf(options.apis as string | undefined);
    const issuers = issuersOf(options.issuer as string | undefined, options.jwks as string | undefined);
    const home = openHome(options.home as string | undefined, process.env);
    const readAgain = () =>
      readSettings(
        home,
        options.offset === undefined ? [] : [{ key: 'server.offset', value: String(options.offset), name: '--offset' }],
      );
    const settings = readAgain();
    const log = openLog(home.logs, 'info');
    const prepared = prepareDataPlane({ settings, home, log, subscriptionCheck: false });
    try {
      const environment = gatewayEnvironment(settings).name;
      const gateway = await prepared.start(projectSource({ folder, environment, issuers, log }));
      const endReloads = reloadOnHangup(log, readAgain, (fresh) => gateway.reload(fresh));
      await Promise.race([gateway.ready, stop.requested]);
      const urls = gatewayUrls(settings, gateway.addresses);
      if (gateway.serving) process.stdout.write(`${readyLine({ gateway: urls }, Math.round(performance.now()))}\n`);
      return await untilStopped(stop, log, async () => {
        endReloads();
        await drainAtStop(gateway, settings, log);
      });
    } catch (error) {
      await prepared.abandon().catch(() => {});
      throw explainTakenPort(error);
    }
  },
};

function folderOf(apis: string | undefined): string {
  if (apis === undefined) throw new UsageError('say which folder: sluice gateway --apis DIR');
  const folder = resolve(apis);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`--apis: ${folder} is not a folder`);
  return folder;
}

function issuersOf(issuer: string | undefined, jwks: string | undefined) {
  if (issuer === undefined && jwks === undefined) return [];
  if (issuer === undefined || jwks === undefined) throw new UsageError('--issuer and --jwks belong together');
  return [{ issuer, jwksFile: resolve(jwks) }];
}
