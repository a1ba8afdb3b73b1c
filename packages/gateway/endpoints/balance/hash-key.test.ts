import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HashKey } from '@sluice/model';
import type { Exchange } from '../../chain/exchange.ts';
import { ClientAddress } from '../../throttling/client-address.ts';
import { hashKeyOf } from './hash-key.ts';

const addresses = new ClientAddress(['10.0.0.0/8']);

function keyOf(
  source: HashKey['source'],
  name: string,
  call: { query?: string; headers?: Record<string, string>; peer?: string },
) {
  const { query = '', headers = {}, peer = '' } = call;
  const head = { query, header: (wanted: string) => headers[wanted] };
  return hashKeyOf(
    { source, name, bound: null },
    addresses,
  )({ call: { head, remoteAddress: peer } } as unknown as Exchange);
}

test('a parameter is found by its whole name, the first of several, and as it was sent', () => {
  const rows: [query: string, value: string | undefined][] = [
    ['', undefined],
    ['?', undefined],
    ['?id=1', '1'],
    ['?xid=1&id=2&id=3', '2'],
    ['?id', undefined],
    ['?ids=1', undefined],
    ['?a=id=1', undefined],
    ['?&&id=%31', '%31'],
    ['?id=', ''],
  ];
  for (const [query, value] of rows) assert.equal(keyOf('query', 'id', { query }), value, query);
});

test('headers are named in any case, cookies in their own', () => {
  const headers = { 'x-customer': 'ann', cookie: 'sid=1; SID=2' };
  assert.equal(keyOf('header', 'X-Customer', { headers }), 'ann');
  assert.equal(keyOf('cookie', 'SID', { headers }), '2');
  assert.equal(keyOf('cookie', 'sId', { headers }), undefined);
});

test('the client behind a trusted proxy counts, and what an untrusted one says does not', () => {
  const headers = { 'x-forwarded-for': '192.0.2.7' };
  assert.equal(keyOf('address', '', { headers, peer: '10.1.2.3' }), '192.0.2.7');
  assert.equal(keyOf('address', '', { headers, peer: '::ffff:198.51.100.9' }), '198.51.100.9');
});
