import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadSettings } from './load.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-tls-findings-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** `severity key problem` of what is found in a `[transport.http]`. */
function findings(...lines: string[]): string[] {
  writeFileSync(join(home, 'deployment.toml'), ['[transport.http]', ...lines].join('\n'));
  const { report } = loadSettings({ home, environment: {} });
  return report.findings.map(
    ({ severity, key, problem }) => `${severity} ${key.replace('transport.http.', '')} ${problem}`,
  );
}

test('versions and cipher suites that nobody speaks are refused, old versions are left out', () => {
  const rows = [
    ['listener.secured_protocols = "TLSv1.2, TLSv1.3"', []],
    [
      'listener.secured_protocols = "TLSv1,TLSv1.1,TLSv1.2"',
      [
        'warning listener.secured_protocols holds "TLSv1", "TLSv1.1", which is not spoken any more (RFC 8996) and is left out',
      ],
    ],
    [
      'sender.secured_protocols = ["TLSv1"]',
      [
        'warning sender.secured_protocols holds "TLSv1", which is not spoken any more (RFC 8996) and is left out',
        'error sender.secured_protocols leaves no version of TLS to speak',
      ],
    ],
    [
      'listener.secured_protocols = ["TLSv1.4"]',
      ['error listener.secured_protocols holds "TLSv1.4", which is no version of TLS'],
    ],
    [
      'sender.preferred_ciphers = "TLS_AES_128_GCM_SHA256,FAST"',
      ['error sender.preferred_ciphers holds "FAST", which is no cipher suite that is spoken'],
    ],
    ['listener.preferred_ciphers = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"', []],
    [
      'listener.secured_protocols = "TLSv1.3"\nlistener.preferred_ciphers = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"',
      [
        'error listener.preferred_ciphers holds no cipher suite of TLSv1.3, the versions in transport.http.listener.secured_protocols',
      ],
    ],
  ] as const;
  for (const [lines, expected] of rows) assert.deepEqual(findings(lines), expected, lines);
});

test('a way to compare host names that nobody knows is told, and so is a check that is not left out', () => {
  assert.deepEqual(findings('sender.hostname_verifier = "strict"'), []);
  assert.deepEqual(findings('sender.hostname_verifier = "Lax"'), [
    'warning sender.hostname_verifier is not known and means Default, as in WSO2',
  ]);
  assert.deepEqual(findings('sender.novalidatecert = true'), []);
  assert.deepEqual(findings('sender.novalidatecert = true', 'sender.truststore.file_name = "ca.pem"'), [
    'warning sender.novalidatecert has no effect while transport.http.sender.truststore.file_name is set: certificates of backends are checked against it',
  ]);
});
