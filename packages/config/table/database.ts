import type { ReadSetting } from '../setting.ts';
import { choice, duration, flag, integer, later, none, open, port, secret, text } from '../setting.ts';
import { databaseUrl } from './forms.ts';

const pool = (camel: string, ...more: string[]) => ({
  aliases: [
    `database.apim_db.pool_options.${camel.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)}`,
    ...more,
  ],
  formerly: [`master-datasources.xml ${camel}`],
});

/** A file that names only the URL, as WSO2 allows, says the engine by it. */
function engineOfUrl(read: ReadSetting): 'sqlite' | 'postgre' {
  return /^(jdbc:postgresql|postgres(ql)?):/i.test(String(read('database.apim_db.url') ?? '')) ? 'postgre' : 'sqlite';
}

function urlOfParts(read: ReadSetting): string | undefined {
  const host = read('database.apim_db.hostname');
  if (host === undefined) return undefined;
  return `jdbc:postgresql://${host}:${read('database.apim_db.port') ?? 5432}/${read('database.apim_db.name') ?? 'apim_db'}`;
}

/** `[database.*]`. */
export const databaseSettings = {
  'database.apim_db.type': choice(
    ['sqlite', 'postgre'],
    'sqlite',
    'Engine that keeps everything: the embedded SQLite (a file under `data/`) or PostgreSQL.',
    {
      derive: engineOfUrl,
      defaultNote: 'by the URL: postgre for a PostgreSQL address, else sqlite',
      synonyms: { h2: 'sqlite', postgres: 'postgre', postgresql: 'postgre' },
      refused: {
        mysql: 'MySQL is not supported: use "postgre", or leave the type out for the embedded database',
        mssql: 'SQL Server is not supported: use "postgre", or leave the type out for the embedded database',
        oracle: 'Oracle is not supported: use "postgre", or leave the type out for the embedded database',
        db2: 'Db2 is not supported: use "postgre", or leave the type out for the embedded database',
      },
    },
  ),
  'database.apim_db.url': text(
    undefined,
    'Address of the database. Query parameters after `?` go to the driver (`sslmode`, `currentSchema` …).',
    {
      form: databaseUrl,
      derive: urlOfParts,
      defaultNote: 'SQLite: a file under `data/`. PostgreSQL: made of hostname, port and name',
      formerly: ['master-datasources.xml url'],
    },
  ),
  'database.apim_db.hostname': text(undefined, 'Host of the database where no `url` is given.'),
  'database.apim_db.port': port(undefined, 'Port of the database where no `url` is given.', { defaultNote: '5432' }),
  'database.apim_db.name': text(undefined, 'Name of the database where no `url` is given.', { defaultNote: 'apim_db' }),
  'database.apim_db.username': text(undefined, 'User of the database. Not used by SQLite.', {
    formerly: ['master-datasources.xml username'],
  }),
  'database.apim_db.password': secret(undefined, 'Password of that user.', {
    formerly: ['master-datasources.xml password'],
  }),
  'database.apim_db.pool_options.maxActive': integer(
    50,
    'Most connections open at once. SQLite has one writer and ignores it.',
    {
      range: [1, 10_000],
      ...pool('maxActive'),
    },
  ),
  'database.apim_db.pool_options.maxWait': duration(
    'ms',
    60_000,
    'Longest wait for a free connection; after it the request fails.',
    {
      range: [-1, 2_147_483_647],
      special: { value: -1, means: 'no limit' },
      ...pool('maxWait'),
    },
  ),
  'database.apim_db.pool_options.testOnBorrow': flag(
    true,
    'Tries a connection that rested before it is used, so that one that died is replaced and no request fails.',
    pool('testOnBorrow'),
  ),
  'database.apim_db.pool_options.validationQuery': text(
    'SELECT 1',
    'Query that tries a connection.',
    pool('validationQuery', 'database.apim_db.validationQuery', 'database.apim_db.validation_query'),
  ),
  'database.apim_db.pool_options.validationInterval': duration(
    'ms',
    30_000,
    'A connection that was tried within this time is not tried again.',
    pool('validationInterval'),
  ),
  ...later('pool housekeeping', {
    'database.apim_db.pool_options.minIdle': integer(undefined, 'Connections kept open without work.', pool('minIdle')),
    'database.apim_db.pool_options.maxIdle': integer(
      undefined,
      'Most connections kept open without work.',
      pool('maxIdle'),
    ),
    'database.apim_db.pool_options.initialSize': integer(
      undefined,
      'Connections opened at the start.',
      pool('initialSize'),
    ),
    'database.apim_db.pool_options.maxAge': duration(
      'ms',
      undefined,
      'Age at which a connection is replaced.',
      pool('maxAge'),
    ),
    'database.apim_db.pool_options.minEvictableIdleTimeMillis': duration(
      'ms',
      undefined,
      'Rest after which a connection is closed.',
      pool('minEvictableIdleTimeMillis'),
    ),
  }),
  ...none(
    'the pool of Sluice hands a connection out for one transaction and takes it back, so nothing is left to sweep',
    {
      'database.apim_db.pool_options.defaultAutoCommit': flag(
        true,
        'Commits after each statement. Sluice opens transactions by itself.',
        pool('defaultAutoCommit'),
      ),
      'database.apim_db.pool_options.*': open('Further switches of the Tomcat JDBC pool.'),
      'database.apim_db.driver': text(undefined, 'Java class of the driver.', {
        formerly: ['master-datasources.xml driverClassName'],
      }),
    },
  ),
  ...none('everything is kept in one database: `database.apim_db`', {
    'database.shared_db.*': open('Registry and users in WSO2.'),
    'database.local.*': open('Local registry in WSO2.'),
    'database.mb.*': open('Store of the message broker in WSO2.'),
    'database.config_db.*': open('Configuration registry in WSO2.'),
    'database.user.*': open('User store in WSO2.'),
    'datasource.*': open('Further data sources.', { formerly: ['master-datasources.xml'] }),
    'realm_manager.*': open('Data source of users and permissions.'),
    'identity.*': open('Data source and entitlement of the identity server.'),
  }),
};
