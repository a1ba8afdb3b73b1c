import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { AnyKey, Settings } from '@sluice/config';
import type { RedisAddress, RedisConnection, RedisPoolOptions, RedisTls } from '@sluice/throttle';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';

/** How limits are shared with other gateways; undefined where they are not. Throws `UsageError` naming the setting. */
export function redisPoolOptions(settings: Settings, home: Home): Omit<RedisPoolOptions, 'home' | 'log'> | undefined {
  if (settings.get('throttle_properties.throttling.distributed.counter.type') !== 'redis') return undefined;
  return {
    redis: connection(settings, home),
    fail: settings.get('sluice.throttle.fail'),
    forgetAfter: settings.get('sluice.throttle.forget_gateway') * 1000,
    answerWithin: 50,
  };
}

/**
 * Names this gateway to the others: the same after a restart. The host is part of it, so that a copy of the home elsewhere is another gateway.
 * `alone` is false where another program has the home too.
 */
export function gatewayName(home: Home, alone: boolean): string {
  return `${alone ? keptId(join(home.data, 'gateway.id')) : randomUUID()}@${hostname()}`.slice(0, 300);
}

function keptId(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomUUID(), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}

function connection(settings: Settings, home: Home): RedisConnection {
  const sentinels = addresses(settings, 'sluice.throttle.redis.sentinels', 26_379);
  const nodes = addresses(settings, 'sluice.throttle.redis.cluster_nodes', 6379);
  const url = settings.get('sluice.throttle.redis.url');
  if ([sentinels.length > 0, nodes.length > 0, url !== undefined].filter(Boolean).length > 1) {
    throw new UsageError(
      'more than one of sluice.throttle.redis.url, .sentinels and .cluster_nodes is given: Redis is one of a single server, one behind sentinels, or a cluster',
    );
  }
  const username = settings.get('apim.redis_config.user');
  const password = settings.get('apim.redis_config.password');
  const common = {
    database: settings.get('apim.redis_config.database_id'),
    connectTimeout: settings.get('apim.redis_config.connection_timeout'),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
  const tls = settings.get('apim.redis_config.ssl') ? { tls: tlsOf(settings, home) } : {};
  if (url !== undefined) return { ...common, ...tls, ...ofUrl(url, () => tlsOf(settings, home)) };
  if (nodes.length > 0) return { ...common, ...tls, database: 0, at: { kind: 'cluster', nodes } };
  if (sentinels.length === 0) {
    const address = { host: settings.get('apim.redis_config.host'), port: settings.get('apim.redis_config.port') };
    return { ...common, ...tls, at: { kind: 'server', address } };
  }
  const user = settings.get('sluice.throttle.redis.sentinel_user');
  const secret = settings.get('sluice.throttle.redis.sentinel_password');
  return {
    ...common,
    ...tls,
    at: {
      kind: 'sentinel',
      sentinels,
      name: settings.get('sluice.throttle.redis.sentinel_name'),
      ...(settings.get('sluice.throttle.redis.sentinel_tls') ? { tls: tlsOf(settings, home) } : {}),
      ...(user ? { username: user } : {}),
      ...(secret ? { password: secret } : {}),
    },
  };
}

function ofUrl(text: string, tls: () => RedisTls): Pick<RedisConnection, 'at'> & Partial<RedisConnection> {
  if (/^unix:/i.test(text)) return { at: { kind: 'socket', path: text.slice('unix://'.length) } };
  let url: URL;
  let username: string;
  let password: string;
  try {
    url = new URL(text);
    username = decodeURIComponent(url.username);
    password = decodeURIComponent(url.password);
  } catch {
    // Not quoted: it may hold a password.
    throw new UsageError('sluice.throttle.redis.url cannot be read: give it as redis://host:port');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    at: { kind: 'server', address: { host, port: Number(url.port || 6379) } },
    ...(url.pathname.length > 1 ? { database: Number(url.pathname.slice(1)) } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(url.protocol === 'rediss:' ? { tls: tls() } : {}),
  };
}

function addresses(
  settings: Settings,
  key: 'sluice.throttle.redis.sentinels' | 'sluice.throttle.redis.cluster_nodes',
  usual: number,
): readonly RedisAddress[] {
  return settings.get(key).map((text) => {
    const [, six, plain, digits] =
      /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
    const host = six ?? plain;
    const port = Number(digits ?? usual);
    if (host === undefined || port < 1 || port > 65_535) throw new UsageError(`${key} takes host:port, not ${text}`);
    return { host, port };
  });
}

function tlsOf(settings: Settings, home: Home): RedisTls {
  const file = (key: FileKey): string | undefined => {
    const name = settings.get(key);
    if (name === undefined) return undefined;
    const path = isAbsolute(name) ? name : join(home.security, name);
    if (!existsSync(path)) throw new UsageError(`${key} names ${path}, which is not there`);
    return readFileSync(path, 'utf8');
  };
  const ca = file('sluice.throttle.redis.tls_ca_file');
  const cert = file('sluice.throttle.redis.tls_cert_file');
  const key = file('sluice.throttle.redis.tls_key_file');
  const passphrase = settings.get('sluice.throttle.redis.tls_key_password');
  const servername = settings.get('sluice.throttle.redis.tls_server_name');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
  };
}

type FileKey = Extract<AnyKey, `sluice.throttle.redis.tls_${'ca' | 'cert' | 'key'}_file`>;
