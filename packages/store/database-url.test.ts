import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DatabaseUrlError, parseDatabaseUrl } from './database-url.ts';

describe('database URLs', () => {
  const connection = (url: string) => parseDatabaseUrl(url).connection;

  test('a JDBC URL gives host, port, database, user and TLS', () => {
    assert.deepEqual(
      parseDatabaseUrl(
        'jdbc:postgresql://db.example.com:6432/apim_db?user=wso2carbon&password=p%26ss%3D&sslmode=verify-full' +
          '&sslrootcert=/etc/ca.pem&currentSchema=apim&ApplicationName=am&prepareThreshold=0&autoReconnect=true',
      ),
      {
        connection: {
          host: 'db.example.com',
          port: 6432,
          database: 'apim_db',
          user: 'wso2carbon',
          password: 'p&ss=',
          schema: 'apim',
          applicationName: 'am',
          ssl: { mode: 'verify-full', caFile: '/etc/ca.pem' },
        },
        ignored: ['prepareThreshold', 'autoReconnect'],
      },
    );
  });

  test('the short forms of JDBC URLs mean this machine and the usual port', () => {
    const expected = { host: 'localhost', port: 5432, database: 'apim', ssl: { mode: 'prefer' } };
    for (const url of [
      'jdbc:postgresql:apim',
      'jdbc:postgresql:/apim',
      'jdbc:postgresql:///apim',
      'jdbc:postgresql://localhost/apim',
    ]) {
      assert.deepEqual(connection(url), expected, url);
    }
  });

  test('a plain URL gives what stands before the @', () => {
    assert.deepEqual(connection('postgres://dave:p%40ss@h/db?sslmode=disable'), {
      host: 'h',
      port: 5432,
      database: 'db',
      user: 'dave',
      password: 'p@ss',
      ssl: { mode: 'disable' },
    });
    assert.equal(connection('postgresql://dave:p@ss@h/db').password, 'p@ss');
    assert.equal(connection('postgres://dave@h').database, 'dave', 'libpq takes the user for the database');
    assert.equal(connection('postgres://u@[::1]:5433/db').host, '::1');
    assert.equal(connection('postgres://u@/db?host=/var/run/postgresql').host, '/var/run/postgresql');
  });

  test('ssl=true alone checks the server, as JDBC has it', () => {
    assert.equal(connection('jdbc:postgresql://h/d?ssl=true').ssl?.mode, 'verify-full');
    assert.equal(connection('jdbc:postgresql://h/d?ssl=true&sslmode=require').ssl?.mode, 'require');
    assert.equal(connection('jdbc:postgresql://h/d?ssl=false').ssl?.mode, 'disable');
  });

  const refused: [string, RegExp][] = [
    ['', /no scheme/],
    ['apim_db', /no scheme/],
    ['jdbc:mysql://h/d', /for mysql, which Sluice does not run on/],
    ['jdbc:h2:./repository/db', /for h2/],
    ['jdbc:postgres://h/d', /for postgres/],
    ['jdbc:postgresql://h:5432/', /names no database/],
    ['jdbc:postgresql://a:1,b:2/d', /several hosts/],
    ['jdbc:postgresql://h:0/d', /port that is not/],
    ['jdbc:postgresql://h:65536/d', /port that is not/],
    ['jdbc:postgresql://h:5e3/d', /port that is not/],
    ['postgres://dave:SECRET/d', /port that is not/],
    ['jdbc:postgresql://[::1/d', /no readable host/],
    ['jdbc:postgresql://h/d?sslmode=yes', /sslmode is "yes".*verify-full/],
    ['jdbc:postgresql://h/d?sslmode=__proto__', /sslmode is/],
    ['jdbc:postgresql://h/d%zz', /broken %-escape in its database name/],
  ];
  for (const [url, message] of refused) {
    test(`${JSON.stringify(url)} is refused with the reason`, () => {
      assert.throws(
        () => parseDatabaseUrl(url),
        (error) => error instanceof DatabaseUrlError && message.test(error.message),
      );
    });
  }

  test('no text makes it fail otherwise, and no message tells the password', () => {
    const text = fc.array(
      fc.constantFrom(
        ...'jdbc:postgresql://@?&=%,[]/x1'.split(''),
        'jdbc:',
        'postgres://',
        'user:SECRET@',
        'user:SECRET',
      ),
    );
    fc.assert(
      fc.property(text, (parts) => {
        try {
          parseDatabaseUrl(parts.join(''));
        } catch (error) {
          assert.ok(error instanceof DatabaseUrlError, String(error));
          assert.doesNotMatch(error.message, /SECRET/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('what was put into a URL comes out of it', () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
    fc.assert(
      fc.property(word, word, word, fc.integer({ min: 1, max: 65_535 }), (user, password, database, port) => {
        const [u, p, d] = [user, password, database].map((it) => encodeURIComponent(it.toWellFormed()));
        const read = connection(`postgres://${u}:${p}@h:${port}/${d}`);
        assert.deepEqual([read.user, read.password, read.database, read.port], [user, password, database, port]);
        assert.deepEqual(connection(`jdbc:postgresql://h:${port}/${d}?user=${u}&password=${p}`), read);
      }),
      { numRuns: 300 },
    );
  });
});
