import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeOrigin } from '@sluice/model';
import fc from 'fast-check';
import { maximumFileSize } from './file.ts';
import { loadSettings, type SettingsSource } from './load.ts';
import { describeReport } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let homes = 0;

function home(text?: string | Uint8Array): string {
  const path = join(folder, String(homes++));
  mkdirSync(path);
  if (text !== undefined) writeFileSync(join(path, 'deployment.toml'), text);
  return path;
}

function load(text?: string | Uint8Array, more: Partial<SettingsSource> = {}) {
  return loadSettings({ home: home(text), environment: {}, ...more });
}

test('a home without a file has every default and nothing to report', () => {
  const { settings, report } = load();
  assert.deepEqual(report, { findings: [], failed: false });
  assert.equal(settings.get('server.offset'), 0);
  assert.equal(settings.get('passthru_http.http.connection.timeout'), 90_000);
  assert.equal(describeOrigin(settings.origin('server.offset')), 'default');
});

test('sections, dotted keys and quoted keys set the same setting, and each value knows its line', () => {
  for (const [text, line] of [
    ["[passthru_http]\n'http.socket.timeout' = 70000\n", 2],
    ['[passthru_http]\nhttp.socket.timeout = 70000\n', 2],
    ["\n\npassthru_http.'http.socket.timeout' = 70000\n", 3],
    ['passthru_http = { "http.socket.timeout" = "70s" }\n', 1],
    ['[passthru_http.http.socket]\n# why\ntimeout = "70000"\n', 3],
    ['[transport.http]\nsocket_timeout = 70_000\n', 2],
    ["'http.socket.timeout' = 70000\n[synapse_properties]\n", 1],
  ] as const) {
    const { settings } = load(`${text}`);
    assert.equal(settings.get('passthru_http.http.socket.timeout'), 70_000, text);
    assert.equal(describeOrigin(settings.origin('http.socket.timeout')), `deployment.toml:${line}`, text);
  }
});

test('arguments win over variables, variables over the file', () => {
  const text = '[server]\noffset = 1\nhostname = "file.example"\n';
  const environment = { SLUICE_SERVER__OFFSET: '2', SLUICE_SERVER__HOSTNAME: 'variable.example' };
  const { settings, report } = load(text, {
    environment,
    arguments: [{ key: 'server.offset', value: '3', name: '--offset' }],
  });
  assert.equal(settings.get('server.offset'), 3);
  assert.equal(describeOrigin(settings.origin('server.offset')), '--offset');
  assert.equal(settings.get('server.hostname'), 'variable.example');
  assert.equal(describeOrigin(settings.origin('server.hostname')), 'environment SLUICE_SERVER__HOSTNAME');
  assert.deepEqual(report.findings, []);
});

test('variables reach keys with capitals, hyphens and dots, lists and aliases', () => {
  const { settings, report } = load('', {
    environment: {
      SLUICE_DATABASE__APIM_DB__POOL_OPTIONS__MAXACTIVE: '7',
      SLUICE_DATABASE__APIM_DB__POOL_OPTIONS__MAX_WAIT: '9s',
      SLUICE_PASSTHRU_HTTP__HTTP__ORIGIN_SERVER: 'x',
      SLUICE_APIM__CORS__ALLOW_ORIGINS: 'https://a.example, https://b.example',
      sluice_http_access_log__enabled: 'FALSE',
      SLUICE_HOME: '/somewhere',
    },
  });
  assert.deepEqual(report.findings, []);
  assert.equal(settings.get('database.apim_db.pool_options.maxActive'), 7);
  assert.equal(settings.get('database.apim_db.pool_options.maxWait'), 9000);
  assert.equal(settings.get('passthru_http.http.origin-server'), 'x');
  assert.deepEqual(settings.get('apim.cors.allow_origins'), ['https://a.example', 'https://b.example']);
  assert.equal(settings.get('http_access_log.enabled'), false);
});

test('a bad variable or argument is reported under its own name', () => {
  const { report } = load('', {
    environment: { SLUICE_SERVER__OFSET: '1', SLUICE_SUPER_ADMIN__CREATE_ADMIN_ACCOUNT: 'maybe' },
    arguments: [{ key: 'server.offset', value: 'many', name: '--offset' }],
  });
  assert.equal(
    describeReport(report),
    [
      'warning: environment SLUICE_SERVER__OFSET: SLUICE_SERVER__OFSET is not a known setting and is ignored',
      '  nearest   SLUICE_SERVER__OFFSET',
      '  remedy    write SLUICE_SERVER__OFFSET, or remove it',
      '',
      'error: environment SLUICE_SUPER_ADMIN__CREATE_ADMIN_ACCOUNT: super_admin.create_admin_account = "maybe" is neither true nor false',
      '  expected  true or false',
      '  remedy    write for example true (the default), or leave it out',
      '',
      'error: --offset: server.offset = "many" is not a number',
      '  expected  a whole number, 0 to 55000',
      '  remedy    write for example 0 (the default), or leave it out',
      '',
    ].join('\n'),
  );
});

test('what is refused leaves the default in force', () => {
  const { settings, report } = load('[server]\noffset = -1\n');
  assert.equal(report.failed, true);
  assert.equal(settings.get('server.offset'), 0);
});

test('the arrays of tables keep their order, their defaults and the line of each member', () => {
  const { settings, report } = load(
    [
      '[server]',
      'hostname = "api.example"',
      'offset = 10',
      '[[apim.gateway.environment]]',
      'name = "Default"',
      '[[apim.gateway.environment]]',
      'name = "EU"',
      'type = "PRODUCTION"',
      'https_endpoint = "https://eu.example:8243"',
      '[apim.gateway.environment.properties]',
      'region = "eu"',
    ].join('\n'),
  );
  assert.deepEqual(report.findings, []);
  const [first, second, ...rest] = settings.rows('apim.gateway.environment');
  assert.deepEqual(rest, []);
  assert.equal(first?.https_endpoint, 'https://api.example:8253');
  assert.equal(first?.type, 'hybrid');
  assert.equal(second?.type, 'production');
  assert.equal(second?.https_endpoint, 'https://eu.example:8243');
  assert.equal(describeOrigin(settings.origin('apim.gateway.environment[1].type')), 'deployment.toml:8');
});

test('there is always one gateway environment, and no row of other arrays', () => {
  const { settings } = load('');
  assert.equal(settings.rows('apim.gateway.environment')[0]?.name, 'Default');
  assert.deepEqual(settings.rows('transport.http.proxy_profile'), []);
});

test('placeholders take variables, other settings, secrets and the names of Carbon', () => {
  const { settings, report } = load(
    [
      '[server]',
      'hostname = "$env{PUBLIC_NAME}"',
      'offset = "$env{OFFSET}"',
      '[super_admin]',
      'password = "$secret{admin}"',
      '[apim.event_hub]',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of Carbon
      'service_url = "https://${carbon.host}:${mgt.transport.https.port}/services/"',
      'username = "$ref{super_admin.username}-$ref{server.offset}"',
      '[apim.devportal]',
      'url = "https://$env{PUBLIC_NAME}/devportal"',
      '[secrets]',
      'admin = "[s3cret]"',
    ].join('\n'),
    { environment: { PUBLIC_NAME: 'api.example', OFFSET: '5' } },
  );
  assert.deepEqual(report.findings, []);
  assert.equal(settings.get('server.offset'), 5);
  assert.equal(settings.get('super_admin.password'), 's3cret');
  assert.equal(settings.get('apim.event_hub.service_url'), 'https://api.example:9448/services/');
  assert.equal(settings.get('apim.event_hub.username'), 'admin-5');
  assert.equal(settings.get('apim.devportal.url'), 'https://api.example/devportal');
  assert.equal(describeOrigin(settings.origin('server.hostname')), 'deployment.toml:2 (environment PUBLIC_NAME)');
});

test('references in a circle are refused and do not hang', () => {
  const { report } = load(
    '[server]\nhostname = "$ref{super_admin.username}"\n[super_admin]\nusername = "$ref{server.hostname}"\n',
  );
  assert.equal(report.failed, true);
  assert.match(describeReport(report), /refers to itself/);
});

test('variables and arguments are taken as they are, without placeholders', () => {
  const { settings } = load('', { environment: { SLUICE_SUPER_ADMIN__PASSWORD: '$env{HOME}' } });
  assert.equal(settings.get('super_admin.password'), '$env{HOME}');
});

test('the control plane stays on loopback until the default password is changed', () => {
  assert.equal(load('').settings.get('server.bind_address'), '127.0.0.1');
  assert.equal(load('[super_admin]\npassword = "other"\n').settings.get('server.bind_address'), '0.0.0.0');
  assert.equal(load('[server]\nbind_address = "0.0.0.0"\n').report.failed, true);
  assert.equal(load('[server]\nbind_address = "localhost"\n').report.failed, false);
});

test('private imports are undecided until somebody decides', () => {
  assert.equal(load('').settings.get('apim.publisher.allow_private_import'), undefined);
  assert.equal(
    load('[apim.publisher]\nallow_private_import = false\n').settings.get('apim.publisher.allow_private_import'),
    false,
  );
});

test('the database is told by type, by URL or by its parts', () => {
  const type = (text: string) => load(`[database.apim_db]\n${text}\n`).settings.get('database.apim_db.type');
  assert.equal(type('type = "postgre"\nurl = "jdbc:postgresql://db:5432/apim?sslmode=require"'), 'postgre');
  assert.equal(type('url = "postgres://u@db/apim"'), 'postgre');
  assert.equal(type('type = "h2"'), 'sqlite');
  assert.equal(type(''), 'sqlite');
  const parts = load('[database.apim_db]\ntype = "postgre"\nhostname = "db"\nname = "am"\n');
  assert.equal(parts.settings.get('database.apim_db.url'), 'jdbc:postgresql://db:5432/am');
  assert.equal(parts.report.failed, false);
  assert.equal(load('[database.apim_db]\ntype = "postgre"\n').report.failed, true);
  assert.equal(load('[database.apim_db]\nurl = "jdbc:mysql://db/apim"\n').report.failed, true);
  assert.equal(load('[database.apim_db]\ntype = "sqlite"\nurl = "postgres://db/apim"\n').report.failed, true);
});

test('a misspelled member of an open table is noticed', () => {
  const { report } = load('[database.apim_db.pool_options]\nmaxActve = 5\nremoveAbandoned = true\n');
  assert.deepEqual(
    report.findings.map(({ key, nearest }) => [key, nearest]),
    [['database.apim_db.pool_options.maxActve', ['database.apim_db.pool_options.maxActive']]],
  );
});

test('a file that cannot be used is an error that names it', () => {
  const folderInPlace = home();
  mkdirSync(join(folderInPlace, 'deployment.toml'));
  const cases: [string, ReturnType<typeof loadSettings>][] = [
    ['is not a file', loadSettings({ home: folderInPlace, environment: {} })],
    ['the file is not UTF-8', load(new Uint8Array([0x61, 0xff, 0xfe]))],
    [`the file has ${maximumFileSize + 1} bytes`, load('#'.repeat(maximumFileSize + 1))],
    ['there is no file', load(undefined, { file: join(folder, 'missing.toml') })],
  ];
  for (const [words, { settings, report }] of cases) {
    assert.equal(report.failed, true, words);
    assert.ok(describeReport(report).includes(words), describeReport(report));
    assert.equal(settings.get('server.offset'), 0);
  }
});

test('a file that the user may not read is an error', (t) => {
  const closed = home('');
  chmodSync(join(closed, 'deployment.toml'), 0);
  if (process.geteuid?.() === 0) {
    // Root reads everything: for the length of this test it is nobody.
    process.seteuid?.(65_534);
    t.after(() => process.seteuid?.(0));
  }
  const { report } = loadSettings({ home: closed, environment: {} });
  assert.match(describeReport(report), /cannot be read \(EACCES\)/);
});

test('a byte order mark and Windows line ends are no reason to fail', () => {
  const { settings, report } = load('\ufeff[server]\r\noffset = 4\r\n');
  assert.deepEqual(report.findings, []);
  assert.equal(describeOrigin(settings.origin('server.offset')), 'deployment.toml:2');
});

test('any text gives settings and a report, never an exception', () => {
  const piece = fc.constantFrom(
    '[server]\n',
    '[[apim.gateway.environment]]\n',
    'offset = ',
    'hostname = ',
    'name = ',
    '"$ref{server.offset}"\n',
    '"$env{X}"\n',
    '1\n',
    '"a"\n',
    '[1, 2]\n',
    '{ a = 1 }\n',
    '1979-05-27\n',
    'server = 1\n',
    '\n',
    '=',
    '"',
    "'",
    '[',
    '__proto__ = 1\n',
    'constructor = 1\n',
    'a.b.c = true\n',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const { settings, report } = load(pieces.join(''));
      assert.equal(typeof settings.get('server.offset'), 'number');
      describeReport(report);
    }),
    { numRuns: 500 },
  );
});

test('a usual file loads in less than 15 ms, and one full of unknown keys does not stall the start', () => {
  const usual = home(
    '[server]\noffset = 1\n[passthru_http]\n\'http.socket.timeout\' = 60000\n[super_admin]\npassword = "x"\n',
  );
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    loadSettings({ home: usual, environment: {} });
    return performance.now() - start;
  });
  assert.ok(Math.min(...times) < 15, String(times));
  const alien = Array.from({ length: 10_000 }, (_, index) => `setting_number_${index} = 1`).join('\n');
  const start = performance.now();
  const { report } = load(alien);
  assert.ok(performance.now() - start < 5000);
  assert.equal(report.findings.length, 101);
});
