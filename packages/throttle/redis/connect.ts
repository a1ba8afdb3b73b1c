import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { RedisConnection } from './options.ts';
import { beatScript, resetScript, wordScript } from './scripts.ts';

/** Longest silence of a connection; the pool speaks on it every half second. */
const silence = 2000;

/** What the pool asks of Redis. */
export interface RedisLink {
  /** A connection for questions stands. */
  readonly ready: boolean;
  beat(roster: string, ...values: (string | number)[]): Promise<unknown>;
  word(roster: string, record: string, ...values: (string | number)[]): Promise<unknown>;
  reset(roster: string, record: string, ...values: string[]): Promise<unknown>;
  /** Says that the subscriptions are alive. */
  ping(): void;
  close(): void;
}

interface Events {
  /** Connections stand, subscriptions too. */
  ready(): void;
  lost(cause: string): void;
  message(channel: string, text: string): void;
}

interface Scripted {
  sluiceBeat(...values: (string | number)[]): Promise<unknown>;
  sluiceWord(...values: (string | number)[]): Promise<unknown>;
  sluiceReset(...values: string[]): Promise<unknown>;
}

/** Opens the connections; they are kept, and made again when they end. The library is read here, so that a start without Redis does without it. */
export async function connectRedis(
  connection: RedisConnection,
  channels: readonly string[],
  events: Events,
): Promise<RedisLink> {
  const library = await import('ioredis');
  const make = (): Redis | Cluster =>
    connection.at.kind === 'cluster'
      ? new library.Cluster([...connection.at.nodes], {
          ...clusterOptions(connection),
          redisOptions: nodeOptions(connection),
        })
      : new library.Redis({ ...serverOptions(connection), replyMapping: 'legacy' });
  const commands = make();
  const listener = make();
  let closed = false;
  let subscribed = false;
  const isReady = () => {
    if (!closed && subscribed && commands.status === 'ready') events.ready();
  };
  const lost = (cause: string) => {
    if (!closed) events.lost(cause);
  };
  for (const client of [commands, listener]) {
    client.on('error', (error: Error) => lost(reasonOf(error)));
    client.on('close', () => lost('the connection ended'));
  }
  for (const [name, lua, numberOfKeys] of [
    ['sluiceBeat', beatScript, 1],
    ['sluiceWord', wordScript, 2],
    ['sluiceReset', resetScript, 2],
  ] as const) {
    commands.defineCommand(name, { lua, numberOfKeys });
  }
  commands.on('ready', isReady);
  listener.on('ready', () => {
    subscribed = false;
    listener.subscribe(...channels).then(
      () => {
        subscribed = true;
        isReady();
      },
      (error: Error) => lost(reasonOf(error)),
    );
  });
  listener.on('message', events.message);
  const scripted = commands as unknown as Scripted;
  return {
    get ready() {
      return commands.status === 'ready';
    },
    beat: (...values) => scripted.sluiceBeat(...values),
    word: (...values) => scripted.sluiceWord(...values),
    reset: (...values) => scripted.sluiceReset(...values),
    ping: () => {
      if (subscribed) listener.ping().catch(ignore);
    },
    close: () => {
      closed = true;
      for (const client of [commands, listener]) {
        const nodes = 'nodes' in client ? client.nodes('all') : [client];
        for (const node of nodes) hushStream(node);
        client.disconnect();
      }
    },
  };
}

function ignore() {}

/** A connection that is ended amid its TLS handshake may still fail; the library listens for that only once it stands, and the process would end. */
function hushStream(client: Redis): void {
  const { connector } = client as unknown as { readonly connector?: { readonly stream?: NodeJS.EventEmitter } };
  connector?.stream?.on('error', ignore);
}

function commonOptions({ username, password, database, tls, connectTimeout }: RedisConnection): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db: database,
    ...(tls ? { tls: { ...tls } } : {}),
    connectTimeout,
    socketTimeout: silence,
    // Nothing waits for a server that is away, and nothing is said twice: the pool knows what it asked, and asks anew.
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    disableClientInfo: true,
  };
}

function again(times: number): number {
  return Math.min(250, 20 * times);
}

function serverOptions(connection: RedisConnection): RedisOptions {
  const { at } = connection;
  const common: RedisOptions = {
    ...commonOptions(connection),
    retryStrategy: again,
    // It has become a replica, and its name or address may lead to the new master by now.
    reconnectOnError: ({ message }) => message.includes('READONLY'),
  };
  switch (at.kind) {
    case 'server':
      return { ...common, ...at.address };
    case 'socket':
      return { ...common, path: at.path };
    case 'sentinel':
      return {
        ...common,
        sentinels: at.sentinels.map((one) => ({ ...one })),
        name: at.name,
        ...(at.username === undefined ? {} : { sentinelUsername: at.username }),
        ...(at.password === undefined ? {} : { sentinelPassword: at.password }),
        ...(at.tls ? { enableTLSForSentinelMode: true, sentinelTLS: { ...at.tls } } : {}),
        sentinelRetryStrategy: again,
        failoverDetector: true,
      };
    case 'cluster':
      throw new TypeError('a cluster is not a server');
  }
}

function nodeOptions(connection: RedisConnection) {
  const { db: _, enableOfflineQueue: __, ...options } = commonOptions(connection);
  return { ...options, replyMapping: 'legacy' as const };
}

function clusterOptions(connection: RedisConnection): ClusterOptions {
  return {
    clusterRetryStrategy: again,
    enableOfflineQueue: false,
    slotsRefreshTimeout: connection.connectTimeout,
    slotsRefreshInterval: 5000,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    maxRedirections: 3,
  };
}

/** Why Redis does not let us in, with the setting to look at. Never quotes what was sent: a password may stand in it. */
export function reasonOf(error: Error): string {
  const { message } = error;
  if (/WRONGPASS|invalid password/i.test(message)) {
    return 'Redis refuses user and password; see apim.redis_config.user and apim.redis_config.password';
  }
  if (/NOAUTH/.test(message)) return 'Redis asks for a password; see apim.redis_config.password';
  if (/without any password configured/i.test(message)) {
    return 'Redis knows no password, but apim.redis_config.password is set';
  }
  if (/NOPERM/.test(message)) {
    return 'the user of apim.redis_config.user may not run scripts, INFO, or the keys and channels sluice:*';
  }
  if (/DB index|SELECT is not allowed/i.test(message))
    return 'Redis has no such database; see apim.redis_config.database_id';
  const { code } = error as NodeJS.ErrnoException;
  const last = (error as { lastNodeError?: Error }).lastNodeError;
  if (last) return reasonOf(last);
  return code ?? message.slice(0, 200);
}
