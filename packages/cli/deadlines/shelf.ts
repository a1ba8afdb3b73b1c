import { existsSync } from 'node:fs';
import { gatewayDeadlines, type Settings } from '@sluice/config';
import { endpointWarnings, type SourcedReport, timeoutReports } from '@sluice/control-plane';
import { projectSource } from '@sluice/gateway';
import {
  type Api,
  apiOrders,
  type DeployedApi,
  endpointSecrets,
  type FeedSnapshot,
  type GatewayDeadlines,
  type Log,
  silentLog,
  type TimeoutReport,
  timeoutReport,
} from '@sluice/model';
import { type OrganizationStore, openStore, type Store } from '@sluice/store';
import { UsageError } from '../command.ts';
import { knownEndpointKey } from '../home/endpoint-key.ts';
import type { Home } from '../home/home.ts';
import { gatewayEnvironment } from '../start/environments.ts';
import { storeOptions } from '../start/options.ts';
import { resolverOf } from './watch.ts';

/** An API with what may not work as it was meant. */
export interface WarnedApi {
  /** `name/version`, with the organization where it is not the super organization. */
  readonly api: string;
  readonly warnings: readonly string[];
}

/** The APIs of an installation, or of a folder, and their deadlines by the settings of a home. */
export interface Shelf {
  /** By name, `name/version` or id; none where there is no such API. */
  reports(name: string): Promise<readonly (TimeoutReport & Partial<Pick<SourcedReport, 'source'>>)[]>;
  /** All APIs, those with nothing to tell included. */
  warnings(): AsyncIterable<WarnedApi>;
  close(): Promise<void>;
}

/** Whether there is a database to look into. */
export function hasStore(settings: Settings, home: Home): boolean {
  const options = storeOptions(settings, home);
  return options.engine !== 'sqlite' || existsSync(options.file);
}

/** Opens the database of a home, which may be in use. Throws `UsageError` where there is none. */
export async function openStoreShelf(settings: Settings, home: Home): Promise<Shelf> {
  const options = storeOptions(settings, home);
  if (!hasStore(settings, home)) {
    throw new UsageError(`there is no database in ${home.path}; --home says which home, --apis DIR takes a folder`);
  }
  const key = knownEndpointKey(settings, home);
  const store = await openStore({
    ...options,
    ...(key === undefined ? {} : { secrets: endpointSecrets(key) }),
    log: silentLog,
  });
  return storeShelf(store, gatewayDeadlines(settings));
}

const pageSize = 100;

function storeShelf(store: Store, deadlines: GatewayDeadlines): Shelf {
  return {
    async reports(name) {
      const found: SourcedReport[] = [];
      for (const organization of await store.organizations()) {
        const scope = store.organization(organization);
        for (const api of await named(scope, name)) found.push(...(await timeoutReports(scope, api, deadlines)));
      }
      return found;
    },
    async *warnings() {
      for (const organization of await store.organizations()) {
        const scope = store.organization(organization);
        for (let offset = 0; ; offset += pageSize) {
          const { items } = await scope.apis.list({ terms: [], sortBy: 'name' }, { offset, limit: pageSize });
          for (const api of items) {
            yield { api: `${api.name}/${api.version}`, warnings: await endpointWarnings(scope, api, deadlines) };
          }
          if (items.length < pageSize) break;
        }
      }
    },
    close: () => store.close(),
  };
}

/** Versions have no slash, names may. */
async function named(organization: OrganizationStore, name: string): Promise<readonly Api[]> {
  const slash = name.lastIndexOf('/');
  const one =
    slash > 0
      ? await organization.apis.find(name.slice(0, slash), name.slice(slash + 1))
      : await organization.apis.get(name);
  return one === undefined ? organization.apis.versions(name) : [one];
}

/** The API projects of a folder, as `sluice gateway --apis` serves them. */
export async function openFolderShelf(settings: Settings, folder: string, log: Log): Promise<Shelf> {
  const deadlines = gatewayDeadlines(settings);
  const source = projectSource({ folder, environment: gatewayEnvironment(settings).name, log });
  const snapshot: FeedSnapshot = await source.snapshot(AbortSignal.timeout(60_000));
  const resolve = resolverOf(snapshot.entries);
  const apis = snapshot.entries.flatMap(({ kind, value }): DeployedApi[] => (kind === 'api' ? [value] : []));
  return {
    async reports(name) {
      const fits = (api: DeployedApi) => [api.name, `${api.name}/${api.version}`, api.id].includes(name);
      return apis.filter(fits).map((api) => timeoutReport(api, deadlines, resolve(api.organization)));
    },
    async *warnings() {
      for (const api of apis) {
        const orders = apiOrders(api, deadlines, resolve(api.organization));
        const warnings = orders.map(({ level, message }) => (level === 'note' ? `note: ${message}` : message));
        yield { api: `${api.name}/${api.version}`, warnings };
      }
    },
    async close() {},
  };
}
