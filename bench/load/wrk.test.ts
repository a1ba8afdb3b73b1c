import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReport } from './wrk.ts';

const printed = `Running 1s test @ http://127.0.0.1:8280
  64 connections
Requests/sec:  24000.00
measured requests=50000 micros=2000000 p50=1230 p99=4560 status=3 connect=1 read=2 write=4 timeout=8
`;

test('what the script prints at the end is read with its units', () => {
  assert.deepEqual(parseReport(printed), {
    requests: 50_000,
    requestsPerSecond: 25_000,
    p50Millis: 1.23,
    p99Millis: 4.56,
    refused: 3,
    broken: 15,
  });
});

test('a run that ended before its report is no report of zero', () => {
  assert.equal(parseReport('unable to connect to 127.0.0.1:1 Connection refused\n'), undefined);
});
