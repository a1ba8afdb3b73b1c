import type { ReadSetting } from '../setting.ts';
import { choice, duration, flag, integer, list, none, open, port, properties, secret, text } from '../setting.ts';
import { hostName, redisUrl } from './forms.ts';

const bare = (name: string, ...more: string[]) => ({
  aliases: [
    `redis_config.${name}`,
    ...more.flatMap((other) => [`apim.redis_config.${other}`, `redis_config.${other}`]),
  ],
});

/** What is given says whether Redis is meant, as in WSO2 the type alone does. */
function typeByAddress(read: ReadSetting): 'hazelcast' | 'redis' {
  const given = ['url', 'sentinels', 'cluster_nodes'].map((name) => read(`sluice.throttle.redis.${name}`));
  return given.some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined)) ? 'redis' : 'hazelcast';
}

/** Redis, in which several gateways share their limits. */
export const redisSettings = {
  ...properties('throttle_properties', {
    'throttling.distributed.counter.type': choice(
      ['hazelcast', 'redis'],
      'hazelcast',
      'Where gateways share counters: `redis` in Redis; `hazelcast` each gateway has counters of its own, which all its processes share.',
      {
        derive: typeByAddress,
        defaultNote: '`redis` where one of `sluice.throttle.redis.url`, `.sentinels` and `.cluster_nodes` is given',
      },
    ),
  }),
  ...none('gateways say to Redis what they hold, and need no schedule for it', {
    'throttle_properties.*': open('How counters are synchronized.'),
  }),
  'apim.redis_config.host': text('localhost', 'Host of Redis.', { ...bare('host'), form: hostName }),
  'apim.redis_config.port': port(6379, 'Its port.', { ...bare('port'), range: [1, 65_535] }),
  'apim.redis_config.user': text(undefined, 'User of Redis (ACL).', bare('user')),
  'apim.redis_config.password': secret(undefined, 'Password of Redis.', bare('password')),
  'apim.redis_config.database_id': integer(0, 'Number of the database. A cluster has none but 0.', {
    ...bare('database_id'),
    range: [0, 100_000],
  }),
  'apim.redis_config.connection_timeout': duration('ms', 2000, 'Longest wait for a connection to Redis.', {
    ...bare('connection_timeout'),
    range: [1, 600_000],
  }),
  'apim.redis_config.ssl': flag(false, 'TLS to Redis.', bare('ssl', 'ssl_enabled', 'is_ssl_enabled')),
  ...none(
    'gateways name themselves, know each other through Redis, take no locks there, and need one connection each',
    {
      'apim.redis_config.*': open('Name of the gateway, and the pool of connections of the Java client.', {
        aliases: ['redis_config.*'],
      }),
    },
  ),
  'sluice.throttle.redis.url': secret(
    undefined,
    'Address of Redis in one: `redis://user:password@host:6379/0`, `rediss://…` with TLS, or `unix:///path/of/socket`. It wins over `apim.redis_config`.',
    { form: redisUrl },
  ),
  'sluice.throttle.redis.sentinels': list(
    [],
    'Sentinels that know where the master is: `["host:26379", …]`. User, password, database and TLS of the master are those of `apim.redis_config`.',
  ),
  'sluice.throttle.redis.sentinel_name': text('mymaster', 'Name under which the sentinels watch the master.'),
  'sluice.throttle.redis.sentinel_user': text(undefined, 'User of the sentinels.'),
  'sluice.throttle.redis.sentinel_password': secret(undefined, 'Password of the sentinels.'),
  'sluice.throttle.redis.sentinel_tls': flag(false, 'TLS to the sentinels.'),
  'sluice.throttle.redis.cluster_nodes': list(
    [],
    'Some nodes of a Redis Cluster: `["host:6379", …]`; the others are asked for.',
  ),
  'sluice.throttle.redis.tls_ca_file': text(
    undefined,
    'PEM file, in `security/` unless the path is absolute, with the authorities that the certificate of Redis may be of.',
    { defaultNote: 'the authorities of the system' },
  ),
  'sluice.throttle.redis.tls_cert_file': text(undefined, 'PEM file of the certificate that the gateway shows Redis.'),
  'sluice.throttle.redis.tls_key_file': text(undefined, 'PEM file of its key.'),
  'sluice.throttle.redis.tls_key_password': secret(undefined, 'Password of that key.'),
  'sluice.throttle.redis.tls_server_name': text(
    undefined,
    'Name that the certificate of Redis must have, where it is not the host.',
    { form: hostName },
  ),
  'sluice.throttle.forget_gateway': duration(
    's',
    3600,
    'Time after which a gateway that Redis did not hear of loses its share of the limits to the others; one that is cut off for so long stops using it.',
    { range: [5, 2_592_000] },
  ),
};
