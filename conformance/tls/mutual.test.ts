import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPkcs12 } from '../../packages/cli/keystore/pkcs12.ts';
import { authority, type Pair } from '../../packages/gateway/transport/testing/certificate.ts';
import { runProgram, temporaryHome } from '../program/program.ts';
import { path, serveProject } from '../workers/projects.ts';

const store = fileURLToPath(new URL('../../packages/cli/keystore/testing/keytool.p12', import.meta.url));
const issuer = await authority('An authority');
const stranger = await (await authority('Somebody')).issue([], 30, 'A client');
const [here, elsewhere, shop, client] = await Promise.all([
  issuer.issue(['localhost']),
  issuer.issue(['elsewhere.example']),
  issuer.issue(['shop.example']),
  issuer.issue([], 30, 'A client'),
]);

/** A backend that demands the certificate of the gateway, which keytool made, and tells who called. */
async function demandingBackend(t: TestContext, pair: Pair) {
  const [trusted] = openPkcs12(readFileSync(store), 'secret').certificates;
  const callers: string[] = [];
  const server = createServer(
    { ...pair, ca: String(trusted), requestCert: true, rejectUnauthorized: true },
    (call, answer) => {
      callers.push(
        (call.socket as unknown as { getPeerX509Certificate(): X509Certificate }).getPeerX509Certificate().subject,
      );
      answer.end('{}');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, callers };
}

/** A home with certificates, and the settings that name them. */
function homeWith(t: TestContext): string {
  const home = temporaryHome(t);
  const security = join(home, 'security');
  mkdirSync(security);
  copyFileSync(store, join(security, 'gateway.p12'));
  for (const [name, text] of [
    ['authority.pem', issuer.cert],
    ['shop.pem', shop.cert + shop.key],
  ] as const) {
    writeFileSync(join(security, name), text);
  }
  return home;
}

const settings = `
[transport.passthru_https.listener.parameters]
SSLVerifyClient = "require"
[transport.passthru_https.listener.truststore]
location = "repository/resources/security/authority.pem"
[transport.http.sender]
hostname_verifier = "Strict"
truststore.file_name = "authority.pem"
keystore.file_name = "gateway.p12"
keystore.password = "secret"
keystore.alias = "two"
[[sluice.gateway.certificate]]
file_name = "shop.pem"
`;

test('both sides prove themselves: the client to the gateway, the gateway to the backend, and the backend to it', async (t) => {
  const backend = await demandingBackend(t, here);
  const program = await serveProject(t, backend.url, { home: homeWith(t), settings });
  const gateway = program.urls.gatewayTls as string;
  const answer = await ask(gateway, client);
  assert.deepEqual([answer.status, answer.shown], [200, 'CN=shop.example']);
  assert.deepEqual(backend.callers, ['CN=two.example']);
  await assert.rejects(ask(gateway, {}));
  await assert.rejects(ask(gateway, stranger));
  assert.equal(await program.stop(), 0);
});

test('a backend whose certificate has another name is not called', async (t) => {
  const backend = await demandingBackend(t, elsewhere);
  const program = await serveProject(t, backend.url, { home: homeWith(t), settings, workers: 0 });
  const answer = await ask(program.urls.gatewayTls as string, client);
  assert.equal(answer.status, 502);
  assert.deepEqual(backend.callers, []);
  assert.equal(await program.stop(), 0);
});

test('a program that could not meet its clients does not start, and says what to do', async (t) => {
  const rows = [
    [
      '[keystore.tls]\nfile_name = "java"\n',
      /keystore\.tls\.file_name: .*java is a Java keystore \(JKS\).*keytool -importkeystore -srckeystore .*java -destkeystore .*java\.p12 -deststoretype PKCS12/,
    ],
    [
      '[transport.http.listener]\nverify_client = "require"\n',
      /verify_client is require, and no authority is believed/,
    ],
    [
      '[transport.http.listener]\npreferred_ciphers = "FAST"\n',
      /preferred_ciphers = .*FAST.*cipher suite[\s\S]*remedy/,
    ],
    [
      '[transport.http.sender.truststore]\nfile_name = "missing.pem"\n',
      /sender\.truststore\.file_name: .*missing\.pem cannot be read \(ENOENT\)/,
    ],
  ] as const;
  for (const [text, words] of rows) {
    const home = homeWith(t);
    writeFileSync(join(home, 'security', 'java'), Buffer.from('feedfeed0000000200000000', 'hex'));
    const { code, stderr } = await runProgram(t, { home, args: ['gateway', '--apis', home], settings: text });
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
});

/** Asks as `shop.example`. */
function ask(gateway: string, pair: Partial<Pair>): Promise<{ status: number | undefined; shown: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    shown: string | undefined;
  }>();
  const url = new URL(path, gateway);
  const call = request(
    {
      ...pair,
      host: '127.0.0.1',
      port: url.port,
      path: url.pathname,
      servername: 'shop.example',
      ca: issuer.cert,
      agent: false,
    },
    (answer) => {
      const { socket } = answer as unknown as { socket: { getPeerX509Certificate(): X509Certificate | undefined } };
      resolve({ status: answer.statusCode, shown: socket.getPeerX509Certificate()?.subject });
      answer.resume();
    },
  );
  call.on('error', reject);
  call.end();
  return promise;
}
