import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Options, readOptions } from './options.ts';

const keys = (args: readonly string[]) => {
  const options = readOptions(args) as Options;
  return [options.cases.map(({ key }) => key), options.proxies.map(({ key }) => key)];
};

test('nginx is measured even when it is not asked for: the ratios need it', () => {
  assert.deepEqual(keys(['--cases', 'tls,post-10k', '--proxies', 'sluice']), [
    ['post-10k', 'tls'],
    ['nginx', 'sluice'],
  ]);
});

test('a quick run leaves out nothing that was asked for by name', () => {
  assert.deepEqual(keys(['--quick', '--cases', 'apis-1000', '--proxies', 'fastify']), [
    ['apis-1000'],
    ['nginx', 'fastify'],
  ]);
});

test('memory alone runs no other case, and a quick run has none of memory', () => {
  const memory = (args: readonly string[]) => (readOptions(args) as Options).memory.map(({ key }) => key);
  assert.deepEqual(keys(['memory'])[0], []);
  assert.ok(memory(['memory']).includes('memory-200k'));
  assert.deepEqual(memory(['--quick']), []);
  assert.deepEqual(memory(['--cases', 'tls,body-2g-slow-writer']), ['body-2g-slow-writer']);
  assert.throws(() => readOptions(['memroy']), /only "memory", "throttling" and "endpoints"/);
});

test('throttling alone runs the cases of limits and none of memory', () => {
  assert.deepEqual(keys(['throttling'])[0], ['limits', 'shared-limits']);
  assert.deepEqual((readOptions(['throttling']) as Options).memory, []);
});

test('endpoints alone runs the case of groups and deadlines and none of memory', () => {
  assert.deepEqual(keys(['endpoints'])[0], ['endpoints']);
  assert.deepEqual((readOptions(['endpoints']) as Options).memory, []);
});

test('a mistyped name or number is refused with what there is', () => {
  assert.throws(() => readOptions(['--cases', 'tsl']), /no "tsl", only get-1k-64, /);
  for (const rounds of ['0', '-1', '1.5', 'x']) assert.throws(() => readOptions([`--rounds=${rounds}`]), /--rounds/);
});
