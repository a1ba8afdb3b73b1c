import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, Ledger } from './ledger.ts';

/** A call that reached these backends, and was answered by the last of them. */
function answered(ledger: Ledger, method: string, ...backends: readonly string[]): void {
  const call = ledger.begin(method, '/api');
  for (const backend of backends) ledger.deliver(backend, String(call.id), method);
  call.end = 'answered';
  call.by = backends.at(-1) ?? '';
}

test('a call that may have been done and is sent again goes unnoticed', () => {
  const ledger = new Ledger();
  answered(ledger, 'POST', 'a');
  answered(ledger, 'GET', 'a', 'b', 'c');
  answered(ledger, 'GET', 'a', 'a');
  assert.deepEqual(judge(ledger).violations, []);
  answered(ledger, 'POST', 'a', 'b');
  answered(ledger, 'PATCH', 'a', 'a');
  answered(ledger, 'GET', 'a', 'a', 'a');
  assert.equal(judge(ledger).violations.length, 3);
});

test('a call that nobody made, that was never answered, or whose answer is another one goes unnoticed', () => {
  const ledger = new Ledger();
  ledger.deliver('a', '7', 'GET');
  ledger.begin('GET', '/api');
  const refused = ledger.begin('GET', '/api');
  ledger.deliver('a', String(refused.id), 'GET');
  refused.end = 'refused';
  const other = ledger.begin('GET', '/api');
  ledger.deliver('a', String(other.id), 'GET');
  Object.assign(other, { end: 'answered', by: 'b' });
  ledger.deliver('a', String(other.id), 'POST');
  assert.equal(judge(ledger).violations.length, 5);
});
