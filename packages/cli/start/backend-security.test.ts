import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadSettings } from '@sluice/config';
import { knownEndpointKey, ownEndpointKey } from '../home/endpoint-key.ts';
import { openHome } from '../home/home.ts';
import { backendSecurityOptions } from './backend-security.ts';

function world(t: TestContext, toml = '') {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-endpoint-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'deployment.toml'), toml);
  const { settings } = loadSettings({ home: folder, environment: {} });
  return { home: openHome(folder, {}), settings };
}

test('a control plane makes the key, and a gateway of the same home uses it', async (t) => {
  const { settings, home } = world(t);
  assert.equal(backendSecurityOptions(settings, home).backendSecurity?.key, undefined, 'a gateway makes none');
  const key = await ownEndpointKey(settings, home);
  const file = join(home.security, 'endpoint.key');
  assert.deepEqual(readFileSync(file), key);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await ownEndpointKey(settings, home), key);
  assert.equal(backendSecurityOptions(settings, home).backendSecurity?.key, key.toString('base64'));
});

test('the key may lie elsewhere', (t) => {
  const { settings, home } = world(t, "sluice.security.endpoint_key_file = 'mounted/key'");
  mkdirSync(join(home.path, 'mounted'));
  writeFileSync(join(home.path, 'mounted', 'key'), Buffer.alloc(32, 7));
  assert.deepEqual(knownEndpointKey(settings, home), Buffer.alloc(32, 7));
});

test('a file that holds no key is refused by its name', async (t) => {
  const { settings, home } = world(t);
  const file = join(home.security, 'endpoint.key');
  writeFileSync(file, 'not 32 bytes');
  assert.throws(() => knownEndpointKey(settings, home), new RegExp(`${file} holds 12 bytes`));
  await assert.rejects(ownEndpointKey(settings, home), /has 32/);
});

test('times, repetition and the bound of repeated bodies come from the settings', (t) => {
  const { settings, home } = world(
    t,
    `sluice.gateway.max_repeated_body = "1KB"
    [apim.mediator_config.oauth]
    enable_retry_call_with_new_token = false
    connection_timeout_duration = 1
    connection_request_timeout_duration = 2
    socket_timeout_duration = "3s"`,
  );
  assert.deepEqual(backendSecurityOptions(settings, home).backendSecurity, {
    keepsBody: 1024,
    repeatsWithNewToken: false,
    tokenTimeouts: { connect: 1, wait: 2, answer: 3000 },
  });
});
