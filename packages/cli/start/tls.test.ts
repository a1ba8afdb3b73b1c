import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSettings } from '@sluice/config';
import { UsageError } from '../command.ts';
import { openHome } from '../home/home.ts';
import { selfSigned } from '../home/self-signed.ts';
import { TlsFiles } from '../keystore/tls-files.ts';
import { gatewayTls, hostnameVerification } from './tls.ts';

const stores = fileURLToPath(new URL('../keystore/testing/', import.meta.url));
const ticketKeys = randomBytes(48);

/** Reads settings in a home whose `security/` has `NAME.pem` for each name, and the PKCS#12 files of the tests. */
function read(
  t: TestContext,
  settings: string,
  names: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
) {
  const home = openHome(mkdtempSync(join(tmpdir(), 'sluice-tls-')), {});
  t.after(() => rmSync(home.path, { recursive: true }));
  for (const name of names) writeFileSync(join(home.security, `${name}.pem`), selfSigned(`${name}.example`));
  for (const name of ['keytool', 'truststore'])
    copyFileSync(join(stores, `${name}.p12`), join(home.security, `${name}.p12`));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home.path, name), text);
  writeFileSync(join(home.path, 'deployment.toml'), settings);
  const { settings: effective, report } = loadSettings({ home: home.path, environment: {} });
  assert.deepEqual(
    report.findings.map(({ problem }) => problem),
    [],
  );
  const seen = new TlsFiles();
  const tls = gatewayTls(effective, home, ticketKeys, seen);
  return {
    tls,
    warnings: seen.warnings,
    settings: effective,
    paths: () => [...seen.seen.keys()].map((path) => path.replace(home.path, '')),
  };
}

const subject = (pair: { readonly cert: string } | undefined) =>
  pair && new X509Certificate(pair.cert).subject.slice(3);
const subjects = (certificates: readonly string[] | undefined) => certificates?.map((cert) => subject({ cert }));

test('without settings clients get the certificate of the installation, and backends are checked by the system', async (t) => {
  const { tls, paths } = read(t, '');
  const { listener, sender } = await tls;
  assert.equal(subject(listener), 'localhost');
  assert.deepEqual(
    { ...listener, cert: '', key: '' },
    { cert: '', key: '', protocols: ['TLSv1.2', 'TLSv1.3'], ticketKeys },
  );
  assert.deepEqual(sender, { protocols: ['TLSv1.2', 'TLSv1.3'] });
  assert.deepEqual(paths(), ['/security/tls.pem']);
});

test('certificates come from the nearest setting', async (t) => {
  const tls = '[keystore.tls]\nfile_name = "usual.pem"\n';
  const names = ['usual', 'listener', 'sender', 'profile'];
  const rows = [
    [tls, 'usual', 'usual'],
    [`${tls}[transport.http]\nlistener.keystore.file_name = "listener.pem"\n`, 'listener', 'usual'],
    [
      `${tls}[transport.passthru_https.sender.keystore]\nlocation = "repository/resources/security/sender.pem"\n`,
      'usual',
      'sender',
    ],
    [`${tls}[keystore.ssl_profile]\nfile_name = "sender.pem"\n`, 'usual', 'sender'],
    [`${tls}[keystore.listener_profile]\nfile_name = "profile.pem"\n`, 'profile', 'usual'],
    ['[keystore.tls]\nfile_name = "keytool.p12"\npassword = "secret"\nalias = "two"\n', 'two', 'two'],
  ] as const;
  for (const [settings, listener, sender] of rows) {
    const { tls } = read(t, settings, names);
    const found = await tls;
    assert.deepEqual(
      [subject(found.listener), subject(found.sender.identity)],
      [`${listener}.example`, `${sender}.example`],
    );
  }
});

test('clients are asked for certificates only where one could be verified', async (t) => {
  const truststore = '[truststore]\nfile_name = "truststore.p12"\npassword = "secret"\n';
  const { clients } = (await read(t, truststore).tls).listener;
  assert.deepEqual([clients?.verify, subjects(clients?.trusted)], ['optional', ['one.example', 'other.example']]);
  const strict = `[transport.http.listener]\nverify_client = "require"\ntruststore.file_name = "a.pem"\n${truststore}`;
  const required = (await read(t, strict, ['a']).tls).listener.clients;
  assert.deepEqual([required?.verify, subjects(required?.trusted)], ['require', ['a.example']]);
  assert.equal(
    (await read(t, `${truststore}[transport.http.listener]\nverify_client = "none"\n`).tls).listener.clients,
    undefined,
  );
  await assert.rejects(read(t, '[transport.http.listener]\nverify_client = "require"\n').tls, (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /^transport\.http\.listener\.verify_client is require, and no authority is believed: name a truststore/,
    );
    return true;
  });
});

test('a wish to check for revoked certificates is not passed over in silence', async (t) => {
  const check = '[transport.passthru_https.listener.cert_revocation_validation]\nenable = true\n';
  await assert.rejects(read(t, check).tls, /cert_revocation_validation\.enable is true, and there is nothing to look/);
  const none = read(t, `${check}[sluice.gateway]\nclient_crl_files = ["a.pem"]\n`, ['a']);
  await assert.rejects(none.tls, /sluice\.gateway\.client_crl_files: .*a\.pem cannot be used: it holds no list/);
  assert.deepEqual(none.paths(), ['/security/a.pem']);
});

test('certificates for server names have the names that are given, or their own', async (t) => {
  const { tls } = read(
    t,
    '[[sluice.gateway.certificate]]\nfile_name = "a.pem"\n[[sluice.gateway.certificate]]\nfile_name = "b.pem"\nserver_names = ["*.B.example"]\n',
    ['a', 'b'],
  );
  const { named } = (await tls).listener;
  assert.deepEqual(
    named?.map((one) => [subject(one), one.names]),
    [
      ['a.example', ['localhost', 'a.example']],
      ['b.example', ['*.b.example']],
    ],
  );
  await assert.rejects(
    read(t, '[[sluice.gateway.certificate]]\nserver_names = ["a"]\n').tls,
    /certificate\[0\]\.file_name is missing/,
  );
  await assert.rejects(
    read(t, '[[sluice.gateway.certificate]]\nfile_name = "a.pem"\nserver_names = ["a.example", "https://a"]\n', ['a'])
      .tls,
    /certificate\[0\]\.server_names: "https:\/\/a" is no server name: write a host such as shop\.example/,
  );
});

const listenerProfiles = `<parameter name="SSLProfiles">
  <profile>
    <bindAddress>192.168.0.123</bindAddress>
    <KeyStore><Location>repository/resources/security/keytool.p12</Location><Type>JKS</Type><Password>secret</Password><KeyPassword>secret</KeyPassword></KeyStore>
    <TrustStore><Location>truststore.p12</Location><Type>JKS</Type><Password>secret</Password></TrustStore>
    <SSLVerifyClient>require</SSLVerifyClient>
    <HttpsProtocols>TLSv1.1,TLSv1.2</HttpsProtocols>
  </profile>
</parameter>`;

test('profiles of WSO2 hold by address and by backend, and their files are looked after', async (t) => {
  const senderProfiles = `<parameter name="customSSLProfiles">
  <profile><servers>localhost:8244, HOST:8245,[::1]:1</servers><KeyStore><Location>a.pem</Location></KeyStore></profile>
  <profile novalidatecert="true"><servers>*</servers></profile>
</parameter>`;
  const { tls, paths } = read(
    t,
    '[transport.http]\nlistener.ssl_profile.file_path = "listenerprofiles.xml"\nsender.ssl_profile.file_path = "sslprofiles.xml"\n',
    ['a'],
    { 'listenerprofiles.xml': listenerProfiles, 'sslprofiles.xml': senderProfiles },
  );
  const { listener, sender } = await tls;
  const [address] = listener.addresses ?? [];
  assert.deepEqual(
    [address?.address, subject(address), address?.clients?.verify, address?.protocols, listener.addresses?.length],
    ['192.168.0.123', 'two.example', 'require', ['TLSv1.2'], 1],
  );
  assert.equal(subject(listener), 'localhost');
  assert.deepEqual(
    sender.profiles?.map((profile) => [profile.servers, subject(profile.identity), profile.anyCertificate ?? false]),
    [
      [['localhost:8244', 'host:8245', '::1:1'], 'a.example', false],
      [['*'], undefined, true],
    ],
  );
  assert.deepEqual(paths().toSorted(), [
    '/listenerprofiles.xml',
    '/security/a.pem',
    '/security/keytool.p12',
    '/security/tls.pem',
    '/security/truststore.p12',
    '/sslprofiles.xml',
  ]);
});

test('what WSO2 passes over with a warning is passed over with one', async (t) => {
  const profile = (more: string) => `<profile novalidatecert="true"><servers>a:1,*</servers>${more}</profile>`;
  const store = '<TrustStore><Location>a.pem</Location></TrustStore>';
  const { tls, warnings } = read(t, '[transport.http]\nsender.ssl_profile.file_path = "p.xml"\n', ['a'], {
    'p.xml': `<parameter>${profile('')}\n${profile(store)}</parameter>`,
  });
  await tls;
  assert.deepEqual(
    warnings.map((warning) => warning.replaceAll(/\S+(?=p\.xml)/g, '')),
    [
      'p.xml:2: a:1 has a profile at p.xml:1 already, which holds',
      'p.xml:2: * has a profile at p.xml:1 already, which holds',
      'p.xml:2: novalidatecert has no effect beside a <TrustStore>',
    ],
  );
});

test('a profile for every address is that of the port', async (t) => {
  const { tls } = read(t, '[transport.http]\nlistener.ssl_profile.file_path = "p.xml"\n', [], {
    'p.xml': listenerProfiles.replace('192.168.0.123', '0.0.0.0'),
  });
  const { listener } = await tls;
  assert.deepEqual([subject(listener), listener.addresses], ['two.example', undefined]);
});

test('a mistake in a profile is named with file and line', async (t) => {
  const rows = [
    ['<parameter><profile>', /p\.xml:1: /],
    ['<parameter>\n<other/></parameter>', /p\.xml:2: <other> is not known here; write <profile>$/],
    ['<profile>\n<Servers>*</Servers></profile>', /p\.xml:2: <Servers> is not known in a profile/],
    ['<profile>\n<servers>host</servers></profile>', /p\.xml:1: "host" in <servers> is neither host:port nor \*$/],
    ['<profile></profile>', /p\.xml:1: the profile names no backend in <servers>$/],
    ['<profile><servers>*</servers>\n<KeyStore/></profile>', /p\.xml:2: <KeyStore> names no <Location>$/],
    [
      '<profile><servers>*</servers><KeyStore><Location>x.pem</Location></KeyStore></profile>',
      /p\.xml:1: KeyStore: .*x\.pem cannot be read \(ENOENT\): correct the name/,
    ],
    [
      '<profile xmlns:svns="x"><servers>*</servers><KeyStore><Location>keytool.p12</Location>\n<Password svns:secretAlias="a"/></KeyStore></profile>',
      /p\.xml:2: <Password> is in the secure vault, which is not read/,
    ],
    [
      `<profile><servers>*</servers><KeyStore><Location>a</Location><Password>$env{SLUICE_NOT_SET}</Password></KeyStore></profile>`,
      /<Password> refers to the environment variable SLUICE_NOT_SET, which is not set$/,
    ],
  ] as const;
  for (const [text, words] of rows) {
    const { tls } = read(t, '[transport.http]\nsender.ssl_profile.file_path = "p.xml"\n', [], { 'p.xml': text });
    await assert.rejects(tls, (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, words);
      return true;
    });
  }
});

test('a list of cipher suites is the whole list', async (t) => {
  const ciphers = (names: string) => read(t, `[transport.http]\nlistener.preferred_ciphers = "${names}"\n`).tls;
  const { protocols, ciphers: suites } = (await ciphers('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')).listener;
  assert.deepEqual([protocols, suites], [['TLSv1.2'], ['ECDHE-RSA-AES128-GCM-SHA256']]);
  assert.deepEqual((await ciphers('TLS_AES_128_GCM_SHA256')).listener.protocols, ['TLSv1.3']);
});

test('host names are compared as WSO2 reads the setting', (t) => {
  for (const [word, meaning] of [
    ['Strict', 'strict'],
    ['ALLOWALL', 'allow-all'],
    ['DefaultAndLocalhost', 'default-and-localhost'],
    ['Default', 'default'],
  ] as const) {
    const { settings, tls } = read(t, `[transport.http.sender]\nhostname_verifier = "${word}"\n`);
    tls.catch(() => {});
    assert.equal(hostnameVerification(settings), meaning);
  }
});

test('a truststore of the sender holds alone, that of the installation beside the system', async (t) => {
  const shared = '[truststore]\nfile_name = "a.pem"\n';
  const { sender } = await read(t, shared, ['a']).tls;
  assert.deepEqual([subjects(sender.trusted), sender.trustsSystem], [['a.example'], true]);
  const own = await read(t, `${shared}[transport.http.sender.truststore]\nfile_name = "b.pem"\n`, ['a', 'b']).tls;
  assert.deepEqual([subjects(own.sender.trusted), own.sender.trustsSystem], [['b.example'], undefined]);
  const any = await read(t, '[transport.http.sender]\nnovalidatecert = true\n').tls;
  assert.equal(any.sender.anyCertificate, true);
});
