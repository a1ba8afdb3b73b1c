import type { Settings } from '@sluice/config';
import { type Gateway, type GatewayOptions, startGateway } from '@sluice/gateway';
import type { FeedSource, Log } from '@sluice/model';
import type { Home } from '../home/home.ts';
import { type TlsIdentity, trustedCertificates } from '../home/keystore.ts';
import { gatewayEnvironment } from './environments.ts';
import { gatewayBinds, gatewayOptions } from './options.ts';

/** Starts the data plane over a source of its picture. */
export async function startDataPlane(
  settings: Settings,
  home: Home,
  log: Log,
  tls: TlsIdentity,
  source: FeedSource,
  more: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const binds = gatewayBinds(settings);
  const environment = gatewayEnvironment(settings);
  return startGateway({
    ...gatewayOptions(settings, home, trustedCertificates(settings, home)),
    listeners: [binds.http, { ...binds.https, tls }],
    environment: environment.name,
    environmentType: environment.type,
    source,
    log: log.child({ room: 'gateway' }),
    ...more,
  });
}
