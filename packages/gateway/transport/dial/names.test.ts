import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { wheel } from '../../deadlines/wheel.ts';
import { type AddressUser, type NameOptions, Names } from './names.ts';

/** A resolver that answers when it is told to. */
class Resolver {
  readonly asked: string[] = [];
  readonly #open: ((addresses: readonly string[] | Error) => void)[] = [];

  readonly lookup = (name: string): Promise<readonly string[]> => {
    this.asked.push(name);
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    this.#open.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    return promise;
  };

  get open(): number {
    return this.#open.length;
  }

  /** Answers the oldest open lookup. */
  async answer(...addresses: string[]): Promise<void> {
    this.#open.shift()?.(addresses);
    await setImmediate();
  }

  async refuse(code: string): Promise<void> {
    this.#open.shift()?.(Object.assign(new Error('no'), { code }));
    await setImmediate();
  }
}

function setUp(options: Partial<NameOptions> = {}) {
  const resolver = new Resolver();
  const names = new Names({ ttl: 60_000, stale: 60_000, timeout: 4000, ...options }, resolver.lookup);
  const ask = (host: string) => {
    const { promise, resolve } = Promise.withResolvers<readonly string[] | string>();
    const user: AddressUser = { resolved: resolve, unresolved: resolve };
    names.ask(host, user);
    return { promise, user };
  };
  return { resolver, names, ask: (host: string) => ask(host).promise, asking: ask };
}

test('an address is not looked up', async () => {
  const { resolver, ask } = setUp();
  assert.deepEqual(await ask('127.0.0.1'), ['127.0.0.1']);
  assert.deepEqual(await ask('::1'), ['::1']);
  assert.deepEqual(resolver.asked, []);
});

test('many connections at once cost one lookup, and those that follow none', async () => {
  const { resolver, ask } = setUp();
  const all = Array.from({ length: 50 }, () => ask('b.example'));
  await resolver.answer('10.0.0.1', '10.0.0.2');
  const first = (await Promise.all(all)).map((addresses) => addresses[0]);
  assert.equal(first.filter((one) => one === '10.0.0.1').length, 25);
  assert.equal((await ask('b.example')).length, 2);
  assert.deepEqual(resolver.asked, ['b.example']);
});

test('addresses expire: a backend that moved is found', async () => {
  const { resolver, ask } = setUp({ ttl: 40 });
  const before = ask('b.example');
  await resolver.answer('10.0.0.1');
  await before;
  const began = performance.now();
  let after = ask('b.example');
  for (; resolver.open === 0; after = ask('b.example')) await setImmediate();
  assert.ok(performance.now() - began > 30);
  await resolver.answer('10.0.0.2');
  assert.deepEqual(await after, ['10.0.0.2']);
});

test('a name service that fails does not take away what is known, for a time', async () => {
  const { resolver, names, ask } = setUp({ ttl: 0 });
  const first = ask('b.example');
  await resolver.answer('10.0.0.1');
  await first;
  const second = ask('b.example');
  await resolver.refuse('EAI_AGAIN');
  assert.deepEqual(await second, ['10.0.0.1']);
  assert.deepEqual(await ask('b.example'), ['10.0.0.1']);
  assert.equal(resolver.asked.length, 2, 'a failed lookup is not repeated at once');
  assert.equal(names.failed, 1, 'nobody would know');
});

test('old addresses are not used for ever', async () => {
  const { resolver, ask } = setUp({ ttl: 0, stale: 0 });
  const first = ask('b.example');
  await resolver.answer('10.0.0.1');
  await first;
  const second = ask('b.example');
  await resolver.refuse('ENOTFOUND');
  assert.equal(await second, 'ENOTFOUND');
});

test('a name without an address does not flood the resolver', async () => {
  const { resolver, ask } = setUp();
  const first = ask('no.example');
  await resolver.refuse('ENOTFOUND');
  assert.equal(await first, 'ENOTFOUND');
  for (let i = 0; i < 100; i++) assert.equal(await ask('no.example'), 'ENOTFOUND');
  assert.equal(resolver.asked.length, 1);
  const other = ask('empty.example');
  await resolver.answer();
  assert.equal(await other, 'ENODATA');
});

test('a resolver that hangs is waited for no longer than allowed, and its late word still counts', async () => {
  const { resolver, ask } = setUp({ timeout: 30 });
  assert.equal(await ask('b.example'), 'the resolver does not answer');
  assert.equal(await ask('b.example'), 'the resolver does not answer');
  assert.equal(resolver.asked.length, 1);
  await resolver.answer('10.0.0.1');
  assert.deepEqual(await ask('b.example'), ['10.0.0.1']);
});

test('a resolver that hangs holds up nobody for long while old addresses are there', async () => {
  const { resolver, ask } = setUp({ ttl: 0, timeout: 60_000 });
  const first = ask('b.example');
  await resolver.answer('10.0.0.1');
  await first;
  const began = performance.now();
  assert.deepEqual(await ask('b.example'), ['10.0.0.1']);
  assert.ok(performance.now() - began < 3000);
  assert.deepEqual(await ask('b.example'), ['10.0.0.1']);
  assert.equal(resolver.open, 1);
  await resolver.answer('10.0.0.2');
  const last = ask('b.example');
  await resolver.refuse('EAI_AGAIN');
  assert.deepEqual(await last, ['10.0.0.2']);
});

test('no more than a few lookups run at once, and each gets its turn', async () => {
  const { resolver, ask } = setUp();
  const all = Array.from({ length: 20 }, (_, index) => ask(`b${index}.example`));
  assert.equal(resolver.asked.length, 8);
  for (let i = 0; i < 20; i++) await resolver.answer(`10.0.0.${i}`);
  assert.deepEqual(
    await Promise.all(all),
    Array.from({ length: 20 }, (_, index) => [`10.0.0.${index}`]),
  );
});

test('an address that took no connection comes last until the name is looked up again', async () => {
  const { resolver, names, ask } = setUp({ ttl: 200 });
  const first = ask('b.example');
  await resolver.answer('10.0.0.1', '10.0.0.2', '10.0.0.3');
  await first;
  names.avoid('b.example', '10.0.0.2');
  names.avoid('unknown.example', '10.0.0.2');
  for (let i = 0; i < 6; i++) assert.equal((await ask('b.example'))[2], '10.0.0.2');
});

test('what the resolver says is not trusted to be addresses, few, or different', async () => {
  const { resolver, ask } = setUp();
  const first = ask('b.example');
  await resolver.answer('nonsense', '10.0.0.1', '10.0.0.1', ...Array.from({ length: 100 }, (_, i) => `10.0.1.${i}`));
  const addresses = await first;
  assert.equal(addresses.length, 32);
  assert.equal(new Set(addresses).size, 32);
  assert.ok(!addresses.includes('nonsense'));
});

test('who withdraws hears nothing', async () => {
  const { resolver, names, asking } = setUp();
  const heard: unknown[] = [];
  const user: AddressUser = { resolved: (all) => heard.push(all), unresolved: (reason) => heard.push(reason) };
  names.ask('b.example', user);
  names.withdraw('b.example', user);
  const other = asking('b.example');
  await resolver.answer('10.0.0.1');
  assert.deepEqual(await other.promise, ['10.0.0.1']);
  assert.deepEqual(heard, []);
});

test('many names are not remembered for ever', async () => {
  const { resolver, ask } = setUp();
  for (let i = 0; i < 4100; i++) {
    const one = ask(`b${i}.example`);
    await resolver.answer('10.0.0.1');
    await one;
  }
  ask('b0.example');
  assert.equal(resolver.asked.length, 4101);
  ask('b4099.example');
  assert.equal(resolver.asked.length, 4101);
  await resolver.answer('10.0.0.1');
});

test('no clock is left behind', () => {
  assert.equal(wheel.size, 0);
});
