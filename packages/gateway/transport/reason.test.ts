import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonOf, statusLine } from './reason.ts';

test('an answer keeps the reason that it came with', () => {
  assert.equal(statusLine(200, 'OK'), 'HTTP/1.1 200 OK\r\n');
  assert.equal(statusLine(200, 'Fine'), 'HTTP/1.1 200 Fine\r\n');
  assert.equal(statusLine(200, ''), 'HTTP/1.1 200 \r\n');
  assert.equal(statusLine(299, 'Most odd'), 'HTTP/1.1 299 Most odd\r\n');
  assert.equal(statusLine(999, ''), 'HTTP/1.1 999 \r\n');
  assert.equal(statusLine(404, reasonOf(404)), 'HTTP/1.1 404 Not Found\r\n');
  assert.equal(reasonOf(799), '');
});
