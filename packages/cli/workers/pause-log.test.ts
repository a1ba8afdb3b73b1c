import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '@sluice/model';
import { PauseLog } from './pause-log.ts';

test('pauses that follow upon each other are one in the log, and its end is said when a second was quiet', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    info: (message) => void lines.push(message),
  };
  const pauses = new PauseLog(log);
  pauses.update(false, 0);
  for (let count = 0; count < 100; count++) {
    pauses.update(true, 2);
    t.mock.timers.tick(5);
    pauses.update(false, 1);
    t.mock.timers.tick(900);
  }
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^no more connections are accepted.*"connections":2/);
  pauses.update(false, 1);
  t.mock.timers.tick(100);
  assert.equal(lines[1], 'connections are accepted again');
  pauses.update(true, 2);
  t.mock.timers.tick(5000);
  assert.equal(lines.length, 3);
});
