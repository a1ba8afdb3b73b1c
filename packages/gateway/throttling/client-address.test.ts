import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../transport/call.ts';
import { ClientAddress } from './client-address.ts';

function client(trusted: readonly string[], peer: string, forwarded?: string): string {
  const call = { remoteAddress: peer, head: { header: () => forwarded } } as unknown as Call;
  return new ClientAddress(trusted).of(call);
}

test('a client cannot choose its own address', () => {
  assert.equal(client([], '198.51.100.7', '10.0.0.1'), '198.51.100.7');
  assert.equal(client(['192.0.2.1'], '198.51.100.7', '10.0.0.1'), '198.51.100.7');
  assert.equal(client(['192.0.2.1'], '192.0.2.1', '10.0.0.1, 198.51.100.7'), '198.51.100.7');
});

test('the client stands before the proxies that are trusted, however many there are', () => {
  const trusted = ['10.0.0.0/8', '2001:db8::/32'];
  assert.equal(client(trusted, '10.1.1.1', '198.51.100.7'), '198.51.100.7');
  assert.equal(client(trusted, '10.1.1.1', '203.0.113.9,198.51.100.7 , 2001:db8::1,10.2.2.2'), '198.51.100.7');
  assert.equal(client(trusted, '10.1.1.1', '10.3.3.3, 10.2.2.2'), '10.3.3.3');
  assert.equal(client(trusted, '10.1.1.1'), '10.1.1.1');
});

test('ports, brackets and mapped addresses do not make another client of the same one', () => {
  const trusted = ['10.0.0.0/8'];
  assert.equal(client([], '::ffff:198.51.100.7'), '198.51.100.7');
  assert.equal(client(trusted, '::ffff:10.1.1.1', '198.51.100.7:4711'), '198.51.100.7');
  assert.equal(client(trusted, '10.1.1.1', '[2001:db8::9]:4711'), '2001:db8::9');
  assert.equal(client(trusted, '10.1.1.1', '2001:db8::9'), '2001:db8::9');
  assert.equal(client(trusted, '10.1.1.1', '::ffff:198.51.100.7'), '198.51.100.7');
});

test('what is no address ends the search at the last proxy that is known', () => {
  const trusted = ['10.0.0.0/8'];
  for (const rubbish of ['', ',', 'unknown', '198.51.100.7, _hidden', '[::1', '1.2.3', ' , ']) {
    assert.equal(client(trusted, '10.1.1.1', rubbish), '10.1.1.1', rubbish);
  }
  assert.equal(client(trusted, '10.1.1.1', `rubbish, 10.2.2.2`), '10.2.2.2');
  assert.equal(client(trusted, '10.1.1.1', '10.2.2.2,'.repeat(10_000)), '10.1.1.1');
  assert.equal(client(trusted, '10.1.1.1', `${'10.2.2.2,'.repeat(10_000)}10.2.2.2`), '10.2.2.2');
});

test('a proxy that is none is refused by its name', () => {
  for (const text of ['proxy.example.com', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/8/8', '']) {
    assert.throws(() => new ClientAddress([text]), RangeError, text);
  }
});
