import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';
import { readingsOf, synapseCodes } from './synapse-codes.ts';

const gatewayRows = Object.values<ErrorEntry>(errors).filter(
  ({ surface }) => surface !== 'rest' && surface !== 'oauth',
);

/** wso2-gateway.md 2.5. */
const known = [
  ...[101000, 101001, 101500, 101501, 101503, 101504, 101505, 101506, 101507, 101508, 101509, 101510, 102510, 102511],
  ...[303000, 303001, 303002, 303003, 303100, 304100, 305100, 309001, 309002, 309003],
  ...[401000, 401001, 401002, 401003, 500000, 601000, 700700],
];

test("no code of WSO2's endpoints is missing, and each has a row or says what stands in its place", () => {
  assert.deepEqual(
    synapseCodes.map(({ code }) => code),
    known,
  );
  for (const { code, instead } of synapseCodes) {
    const hasRow = gatewayRows.some((entry) => entry.code === code);
    assert.notEqual(hasRow, instead !== undefined, `${code}`);
  }
});

test('no row of a backend or an endpoint has a code that WSO2 does not know', () => {
  for (const { key, code } of gatewayRows) {
    if (code >= 101000 && code < 900000) assert.ok(known.includes(code), `${key} ${code}`);
  }
});

/** wso2-gateway.md 2.4: what happened, and the number that comes of it. */
const sums: readonly [cause: string, phase: number, code: number][] = [
  ['backend-socket-timeout', 3, 101507],
  ['backend-socket-timeout', 2, 101506],
  ['backend-closed', 3, 101508],
  ['backend-reset', 3, 101503],
  ['backend-reset', 5, 101505],
  ['backend-write-failed', 2, 101502],
  ['backend-protocol-violation', 3, 101509],
];

for (const [cause, phase, code] of sums) {
  test(`${code} is read as ${cause} in the protocol state ${phase} too, not only as what has that number by itself`, () => {
    const readings = readingsOf(code).map(({ entry, phase: added }) => [entry.key, added]);
    assert.ok(
      readings.some(([key, added]) => key === cause && added === phase),
      JSON.stringify(readings),
    );
  });
}

test('a number that no row sends is read as none', () => {
  assert.deepEqual(readingsOf(304100), []);
  assert.deepEqual(readingsOf(999999), []);
});
