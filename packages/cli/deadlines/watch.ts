import {
  apiOrders,
  type DeployedApi,
  type FeedEvent,
  type FeedSource,
  type GatewayDeadlines,
  type Log,
  type ResolveShared,
  type RuntimeEntry,
  resolveReference,
  type SharedEndpoint,
} from '@sluice/model';

/** APIs that a start tells of one by one. */
const mostTold = 20;

/** What references in the APIs of an organization stand for, by the shared endpoints among these entries. */
export function resolverOf(
  entries: Iterable<Pick<RuntimeEntry, 'kind' | 'value'>>,
): (organization: string) => ResolveShared {
  const shared = new Map<string, SharedEndpoint>();
  for (const { kind, value } of entries) {
    if (kind === 'endpoint') take(shared, value as SharedEndpoint);
  }
  return (organization) => resolveIn(shared, organization);
}

function take(shared: Map<string, SharedEndpoint>, endpoint: SharedEndpoint): void {
  shared.set(placeOf(endpoint.organization, endpoint.name), endpoint);
}

function placeOf(organization: string, name: string): string {
  return `${organization}/${name}`;
}

function resolveIn(shared: ReadonlyMap<string, SharedEndpoint>, organization: string): ResolveShared {
  return (reference) => {
    const known = shared.get(placeOf(organization, reference.key));
    return known === undefined ? null : resolveReference(known, reference).endpoint;
  };
}

/**
 * The same source; what APIs bring along of deadlines that keep each other from firing is told in the log as it passes, at the start and with each
 * change. Values of settings nobody has chosen are not worth a warning.
 */
export function watchDeadlines(source: FeedSource, gateway: GatewayDeadlines, log: Log): FeedSource {
  const watch = new DeadlineWatch(gateway, log);
  return {
    async snapshot(signal) {
      const snapshot = await source.snapshot(signal);
      watch.begin(snapshot.entries);
      return snapshot;
    },
    async *events(sequence, signal) {
      for await (const event of source.events(sequence, signal)) {
        watch.see(event);
        yield event;
      }
    },
  };
}

class DeadlineWatch {
  readonly #gateway: GatewayDeadlines;
  readonly #log: Log;
  readonly #shared = new Map<string, SharedEndpoint>();
  /** What was told last of the APIs that something was told of, by id. */
  readonly #told = new Map<string, string>();

  constructor(gateway: GatewayDeadlines, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
  }

  begin(entries: readonly RuntimeEntry[]): void {
    for (const { kind, value } of entries) if (kind === 'endpoint') take(this.#shared, value);
    const apis = entries.flatMap(({ kind, value }): DeployedApi[] => (kind === 'api' ? [value] : []));
    const wrong = apis.filter((api) => this.#changed(api) !== null);
    for (const api of wrong.slice(0, mostTold)) this.#tell(api);
    const left = wrong.length - mostTold;
    if (left > 0)
      this.#log.warn('deadlines of further APIs cannot all fire: sluice doctor tells which', { apis: left });
  }

  see({ kind, value, id }: Pick<FeedEvent, 'kind' | 'value' | 'id'>): void {
    if (kind === 'endpoint' && value === null) this.#shared.delete(id);
    else if (kind === 'endpoint') take(this.#shared, value as SharedEndpoint);
    if (kind !== 'api') return;
    if (value === null) this.#told.delete(id);
    else if (this.#changed(value as DeployedApi) !== null) this.#tell(value as DeployedApi);
  }

  /** What is to be told of an API; null where there is nothing, or nothing new. */
  #changed(api: DeployedApi): string | null {
    const orders = apiOrders(api, this.#gateway, resolveIn(this.#shared, api.organization));
    const text = orders.flatMap(({ level, message }) => (level === 'warning' ? [message] : [])).join('\n');
    const before = this.#told.get(api.id) ?? '';
    if (text === '') this.#told.delete(api.id);
    else this.#told.set(api.id, text);
    return text === '' || text === before ? null : text;
  }

  #tell({ id, name, version }: DeployedApi): void {
    const findings = (this.#told.get(id) ?? '').split('\n');
    this.#log.warn('deadlines of an API cannot all fire', { api: `${name}/${version}`, findings });
  }
}
