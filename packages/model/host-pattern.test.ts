import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostPattern } from './host-pattern.ts';

test('names, wildcards and regular expressions fit what they fitted in WSO2 and in Java', () => {
  const rows: [pattern: string, fits: string[], not: string[]][] = [
    ['example.com', ['example.com', 'EXAMPLE.com'], ['www.example.com', 'exampleXcom', 'example.com.evil.net']],
    ['*.example.com', ['www.example.com', 'a.b.example.com'], ['example.com', 'wwwXexample.com']],
    ['.*.sample.com', ['www.sample.com', 'a.b.sample.com'], ['sample.com']],
    ['.*\\.logistics\\.corp', ['a.logistics.corp'], ['aXlogistics.corp']],
    ['wso2am.*service', ['wso2am-1-service'], ['wso2am']],
    ['10.*', ['10.1.2.3'], ['110.1.2.3', '100.1.2.3']],
    ['localhost*', ['localhost', 'localhost.localdomain'], ['alocalhost']],
    ['(a|b).example', ['a.example', 'b.example'], ['c.example', 'a.example.net']],
    ['*', ['anything', '::1'], []],
    ['.*', ['anything'], []],
    ['[::1]', ['::1'], [':']],
    ['fd00::*', ['fd00::1'], ['fe80::1']],
    [' spaced.example ', ['spaced.example'], []],
  ];
  for (const [pattern, fits, not] of rows) {
    const matches = hostPattern(pattern);
    for (const host of fits) assert.ok(matches(host), `${pattern} does not fit ${host}`);
    for (const host of not) assert.ok(!matches(host), `${pattern} fits ${host}`);
  }
});

test('a broken expression is refused instead of fitting nothing', () => {
  assert.throws(() => hostPattern('(.example'), SyntaxError);
});
