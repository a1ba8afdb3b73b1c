import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Settings } from '@sluice/config';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
  seedOrganization,
} from '@sluice/control-plane';
import { createKeyManager, type KeyManager } from '@sluice/key-manager';
import { endpointSecrets, type Log, superOrganization } from '@sluice/model';
import { openStore, type Store } from '@sluice/store';
import { ownEndpointKey } from '../home/endpoint-key.ts';
import type { Home } from '../home/home.ts';
import { secretFile } from '../home/secret-file.ts';
import { version } from '../version.ts';
import { portalCertificate } from './certificate-watch.ts';
import { gatewayEnvironments } from './environments.ts';
import { controlPlaneOptions, keyManagerOptions, portOf, storeOptions } from './options.ts';

/** The running control plane and what it stands on. */
export interface StartedControlPlane {
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly controlPlane: ControlPlane;
  readonly host: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

/** Store and key manager of a home, as the control plane and the commands that work on it open them. */
export async function openKeyManager(
  settings: Settings,
  home: Home,
  log: Log,
): Promise<{ store: Store; keyManager: KeyManager }> {
  const [endpointKey, sealingKey] = await Promise.all([
    ownEndpointKey(settings, home),
    secretFile(join(home.security, 'seal.key'), () => randomBytes(32)),
  ]);
  const store = await openStore({
    ...storeOptions(settings, home),
    secrets: endpointSecrets(endpointKey),
    log: log.child({ room: 'store' }),
  });
  try {
    const keyManager = await createKeyManager({
      store,
      sealingKey,
      log: log.child({ room: 'key-manager' }),
      ...keyManagerOptions(settings),
    });
    return { store, keyManager };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens everything that is not the data plane; with anything refused, nothing stays open. */
export async function startControlPlane(
  settings: Settings,
  home: Home,
  log: Log,
  gateway: Pick<ControlPlaneOptions, 'gatewayReady' | 'metrics' | 'counters' | 'stories' | 'endpoints'>,
): Promise<StartedControlPlane> {
  const { host, ...options } = controlPlaneOptions(settings);
  const certificate = portalCertificate(home, log.child({ room: 'control-plane' }));
  const [{ store, keyManager }, identity] = await Promise.all([
    openKeyManager(settings, home, log),
    certificate.read(settings),
  ]);
  try {
    await seedOrganization(store, superOrganization, { environments: gatewayEnvironments(settings) });
    if (settings.get('super_admin.create_admin_account')) {
      await keyManager.ensureSuperAdmin({
        username: settings.get('super_admin.username'),
        password: settings.get('super_admin.password'),
      });
    }
    const controlPlane = await createControlPlane({
      ...options,
      store,
      keyManager,
      version,
      log: log.child({ room: 'control-plane' }),
      https: {
        host,
        port: portOf(settings, 'transport.https.properties.port'),
        maxHeadBytes: settings.get('transport.https.properties.maxHttpHeaderSize'),
        tls: identity,
      },
      http: {
        host,
        port: portOf(settings, 'transport.http.properties.port'),
        maxHeadBytes: settings.get('transport.http.properties.maxHttpHeaderSize'),
      },
      ...gateway,
    });
    const ports = await controlPlane.listen();
    certificate.start((changed) => controlPlane.setTls(changed));
    return {
      ...ports,
      store,
      keyManager,
      controlPlane,
      host,
      async close() {
        certificate.close();
        await controlPlane.close();
        await keyManager.close();
        await store.close();
      },
    };
  } catch (error) {
    certificate.close();
    await keyManager.close();
    await store.close();
    throw error;
  }
}
