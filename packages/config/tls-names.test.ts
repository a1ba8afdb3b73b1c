import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suitesNamed, versionsNamed } from './tls-names.ts';

test('cipher suites are known by the names of IANA, Java and OpenSSL', () => {
  const rows = [
    ['TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384'],
    ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA', 'DHE-RSA-AES128-SHA'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
    ['SSL_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    ['ecdhe-rsa-aes128-gcm-sha256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ] as const;
  for (const [name, suite] of rows) assert.deepEqual(suitesNamed([name]), { suites: [suite], unknown: [] });
});

test('suites that are not spoken are told, and the word that is no suite is passed over', () => {
  const names = [
    'TLS_RSA_WITH_RC4_128_MD5',
    'TLS_PSK_WITH_AES_128_GCM_SHA256',
    'NULL-SHA',
    'HIGH',
    '!aNULL',
    '@SECLEVEL=0',
    '',
  ];
  assert.deepEqual(suitesNamed([...names, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV']), { suites: [], unknown: names });
});

test('versions are told apart: spoken, old and unknown', () => {
  assert.deepEqual(versionsNamed(['TLSv1', 'tlsv1.2', 'TLSv1.1', 'TLSv1.3', 'SSLv2Hello', 'TLSv2']), {
    spoken: ['TLSv1.2', 'TLSv1.3'],
    old: ['TLSv1', 'TLSv1.1', 'SSLv2Hello'],
    unknown: ['TLSv2'],
  });
});
