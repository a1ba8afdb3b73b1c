import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Log, silentLog } from '@sluice/model';
import pg from 'pg';
import { rejectsUnavailable } from '../contract/expect.ts';
import { samplePlan } from '../contract/samples.ts';
import { openStore, type PoolOptions, type PostgresqlConnection, type PostgresqlTls, type Store } from '../index.ts';
import { type PostgresqlServer, startPostgresql } from '../testing/postgresql.ts';
import { startSilentProxy } from '../testing/silent-proxy.ts';

const organization = 'carbon.super';

describe('postgresql engine', () => {
  let server: PostgresqlServer;
  let connection: PostgresqlConnection;
  const open: Store[] = [];
  const connect = async (
    pool: Partial<PoolOptions> = {},
    to: Partial<PostgresqlConnection> = {},
    log: Log = silentLog,
  ) => {
    const store = await openStore({ engine: 'postgresql', connection: { ...connection, ...to }, pool, log });
    open.push(store);
    return store;
  };
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const { host, port, database, user } = connection;
    const client = new pg.Client({ host, port, database, user });
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  };
  const append = (store: Pick<Store, 'organization'>) =>
    store.organization(organization).feed.append({ environment: null, kind: 'plan', id: 'x', value: null });

  before(async () => {
    server = await startPostgresql();
    connection = await server.createDatabase();
  });
  after(async () => {
    for (const store of open) await store.close();
    await server.stop();
  });

  test('never more connections than maxActive, and who waits longer than maxWait is told both', async () => {
    const store = await connect({ maxActive: 2, maxWaitMillis: 150 }, { applicationName: 'two' });
    const blocker = new pg.Client({ ...connection, ssl: false });
    await blocker.connect();
    await blocker.query('begin; lock table named_value');
    const stuck = Promise.all([store.system.values.get('a'), store.system.values.get('b')]);
    const start = performance.now();
    await rejectsUnavailable(
      store.system.values.get('c'),
      'pool-exhausted',
      /no connection became free in 150 ms \(maxWait\); all 2 \(maxActive\)/,
    );
    assert.ok(performance.now() - start >= 145);
    const [row] = await query("select count(*)::int as n from pg_stat_activity where application_name = 'two'");
    assert.equal(row?.n, 2);
    await blocker.end();
    await stuck;
    assert.equal(await store.system.values.get('c'), undefined, 'it goes on');
  });

  test('transactions wait for each other without holding connections that readers need', async () => {
    const store = await connect({ maxActive: 2, maxWaitMillis: 500 });
    const add = () => store.transaction((tx) => tx.organization(organization).plans.create(samplePlan(organization)));
    const reads = () => Array.from({ length: 10 }, () => store.system.values.get('x'));
    await Promise.all([...Array.from({ length: 20 }, add), ...reads()]);
    assert.equal((await store.organization(organization).plans.list('subscription')).length, 20);
  });

  test('a connection is tried before use unless it was tried within the interval', async () => {
    await query('create sequence trials');
    const trials = async () =>
      Number((await query('select last_value from trials where is_called'))[0]?.last_value ?? 0);
    const validationQuery = "select nextval('trials')";
    const each = await connect({ maxActive: 1, validationQuery, validationIntervalMillis: 0 });
    for (let count = 0; count < 3; count++) await each.ping();
    const counted = await trials();
    assert.ok(counted >= 3, `tried ${counted} times`);
    const seldom = await connect({ maxActive: 1, validationQuery, validationIntervalMillis: 60_000 });
    const never = await connect({ maxActive: 1, validationQuery, validationIntervalMillis: 0, testOnBorrow: false });
    for (let count = 0; count < 3; count++) {
      await seldom.ping();
      await never.ping();
    }
    assert.equal(await trials(), counted);
  });

  test('connections that the network lost without a word are replaced, and no request fails', async () => {
    const proxy = await startSilentProxy(server.port);
    const store = await connect(
      { maxActive: 3, maxWaitMillis: 200, validationIntervalMillis: 0 },
      { port: proxy.port },
    );
    await Promise.all([store.ping(), store.ping(), store.ping()]);
    const before = proxy.connections;
    proxy.silence();
    assert.equal(await store.system.values.get('x'), undefined);
    assert.ok(proxy.connections > before);
    await store.close();
    await proxy.close();
  });

  test('while the server is away it is named, nothing is kept of the change, and all goes on when it is back', async () => {
    const store = await connect();
    await store.system.values.set('before', 1);
    const head = await store.system.feed.head();
    const torn = store.transaction(async (tx) => {
      await tx.system.values.set('torn', true);
      await append(tx);
      await server.crash();
      await tx.system.values.set('torn', 'twice');
    });
    await rejectsUnavailable(torn, 'away', new RegExp(`PostgreSQL 127.0.0.1:${server.port}/`));
    await rejectsUnavailable(store.system.values.get('before'), 'away');
    await rejectsUnavailable(store.ping(), 'away');
    await server.restart();
    assert.equal(await store.system.values.get('before'), 1);
    assert.equal(await store.system.values.get('torn'), undefined);
    assert.equal(await store.system.feed.head(), head);
    await append(store);
    assert.equal(await store.system.feed.head(), head + 1);
  });

  test('a watcher hears of other processes again after the server was away', async () => {
    const [watching, elsewhere] = [await connect(), await connect()];
    let head = 0;
    let arrived = (): void => {};
    const stop = watching.system.feed.watch(async () => {
      head = await watching.system.feed.head().catch(() => head);
      arrived();
    });
    const reaches = async (wanted: number) => {
      while (head < wanted) await new Promise<void>((resolve) => (arrived = resolve));
    };
    await reaches(await append(elsewhere));
    await server.crash();
    await server.restart();
    await reaches(await append(elsewhere));
    stop();
  });

  test('without notifications the feed is still looked at', async () => {
    const proxy = await startSilentProxy(server.port);
    const watching = await connect({ maxWaitMillis: 200, validationIntervalMillis: 0 }, { port: proxy.port });
    let wake = (): void => {};
    const stop = watching.system.feed.watch(() => wake());
    // The listener's connection stands but is deaf: only looking tells.
    await new Promise<void>((resolve) => (wake = resolve));
    proxy.silence();
    const heard = new Promise<void>((resolve) => (wake = resolve));
    await append(await connect());
    await heard;
    stop();
    await watching.close();
    await proxy.close();
  });

  test('a server that is not there, or refuses, is named without the password', async () => {
    const refused = (to: Partial<PostgresqlConnection>, message: RegExp) =>
      assert.rejects(connect({}, { password: 'SECRET', ...to }), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message + JSON.stringify(error.cause ?? null), /SECRET/);
        return true;
      });
    await refused({ port: 1 }, /127\.0\.0\.1:1\/.* does not answer/);
    await refused({ host: 'no-such-host.invalid' }, /no-such-host\.invalid.* does not answer/);
    await refused({ database: 'nothing' }, /the database does not exist/);
    await refused({ user: 'nobody' }, /PostgreSQL .*"nobody"/);
    await refused({ schema: 'nowhere' }, /schema/);
    await refused({ ssl: { mode: 'require' } }, /does not support SSL/);
    await refused({ ssl: { mode: 'verify-full', caFile: '/no/such.pem' } }, /\/no\/such\.pem cannot be read/);
  });

  test('where TLS is only preferred, a server without it is used as it is', async () => {
    const store = await connect({}, { ssl: { mode: 'prefer' } });
    await store.ping();
  });

  test('TLS modes check what they promise', async () => {
    const secured = await startPostgresql({ tls: true });
    const database = await secured.createDatabase();
    const encrypted = async (host: string, ssl?: PostgresqlTls) => {
      const { ssl: _, ...plain } = database;
      const store = await openStore({ engine: 'postgresql', connection: { ...plain, host, ...(ssl && { ssl }) } });
      await store.ping();
      await store.close();
    };
    const { caFile } = secured;
    try {
      await encrypted('127.0.0.1');
      await encrypted('127.0.0.1', { mode: 'require' });
      await rejectsUnavailable(encrypted('127.0.0.1', { mode: 'verify-ca' }), 'away', /certificate/);
      await encrypted('127.0.0.1', { mode: 'verify-ca', caFile });
      await rejectsUnavailable(encrypted('127.0.0.1', { mode: 'verify-full', caFile }), 'away', /altnames|certificate/);
      await encrypted('localhost', { mode: 'verify-full', caFile });
    } finally {
      await secured.stop();
    }
  });

  test('a validation query that is wrong is told, not taken for a dead connection', async () => {
    await assert.rejects(
      connect({ validationQuery: 'SELECT 1 FROM dual', validationIntervalMillis: 0 }),
      /validationQuery "SELECT 1 FROM dual" fails: relation "dual"/,
    );
  });

  test('a schema of its own holds the tables', async () => {
    await query('create schema "the apim"');
    const store = await connect({}, { schema: 'the apim' });
    await store.system.values.set('here', 1);
    const [row] = await query('select document from "the apim".named_value');
    assert.equal(row?.document, '1');
  });
});
