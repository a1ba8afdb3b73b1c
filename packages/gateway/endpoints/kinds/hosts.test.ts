import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpointUrl } from '../url.ts';
import { AllowedHosts } from './hosts.ts';

test('a host is allowed by its whole name and its port, and by nothing that looks like it', () => {
  const hosts = new AllowedHosts(['b.example.com', '*.internal:8443', '10.0.0.7:*', '[::1]:9000']);
  const rows: [string, boolean][] = [
    ['http://b.example.com/x', true],
    ['https://B.Example.Com.:443', true],
    ['http://b.example.com:8080', false],
    ['https://b.example.com:80', false],
    ['http://b.example.com.evil.net', false],
    ['http://evil.net/b.example.com', false],
    ['http://xb.example.com', false],
    ['https://a.b.internal:8443', true],
    ['https://internal:8443', false],
    ['https://a.internal', false],
    ['http://10.0.0.7:1', true],
    ['http://167772167:1', true],
    ['http://10.0.0.70:1', false],
    ['http://[::1]:9000', true],
    ['http://[0:0::1]:9000', true],
    ['http://[::1]', false],
  ];
  for (const [url, allowed] of rows) assert.equal(hosts.allows(parseEndpointUrl(url)), allowed, url);
  assert.equal(new AllowedHosts([]).allows(parseEndpointUrl('http://localhost')), false);
});

test('an entry that names no host is refused', () => {
  for (const entry of ['', ' ', 'b:99999', '.*(']) assert.throws(() => new AllowedHosts([entry]), entry);
});
