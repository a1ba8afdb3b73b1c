import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer, type Server } from 'node:tls';
import { ownCertificate } from './certificate.ts';

test('a first start makes a certificate that TLS clients accept for localhost, and later starts keep it', async (t) => {
  const security = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  t.after(() => rmSync(security, { recursive: true }));
  const made = async () => readFileSync(await ownCertificate(security, 'api.example'), 'utf8');
  const [first, racing] = await Promise.all([made(), made()]);
  assert.equal(racing, first);
  assert.equal(await made(), first);
  assert.equal(statSync(join(security, 'tls.pem')).mode & 0o777, 0o600);

  const certificate = new X509Certificate(first);
  assert.equal(certificate.checkHost('api.example'), 'api.example');
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkIP('::1'), '::1');
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  assert.ok(certificate.ca && certificate.verify(certificate.publicKey));
  assert.ok(
    certificate.validFromDate.getTime() < Date.now() &&
      certificate.validToDate.getTime() > Date.now() + 9 * 365 * 24 * 3600_000,
  );

  const server: Server = createServer({ key: first, cert: first }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: first });
  const [greeting] = await once(socket, 'data');
  assert.equal(String(greeting), 'hello');
});
