import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeafExchange, LeafNews } from '@sluice/gateway';
import fc from 'fast-check';
import { LeafBoard } from '../endpoints/board.ts';
import { LeafChannel } from './leaf-channel.ts';
import { LeafService } from './leaf-service.ts';
import type { LeafTelling, LeafTidings } from './messages.ts';

function newsOf(key: string, members: Partial<LeafNews> = {}): LeafNews {
  const [api = '', name = ''] = key.split('/');
  return {
    ...{ key, api, name, status: 'suspended', retryIn: 30_000, remaining: 0, lastDuration: 30_000 },
    ...{ cause: 101503, reason: 'backend-connection-refused', age: 0 },
    ...members,
  };
}

/** A process whose messages to and from the board wait in queues until they are handed over, one by one. */
class Process {
  readonly up: LeafTelling[] = [];
  readonly down: LeafTidings[] = [];
  /** What it has of each leaf; nothing where it is active as it was deployed. */
  readonly states = new Map<string, LeafNews>();
  readonly #channel: LeafChannel & LeafExchange;
  readonly #service: LeafService;

  constructor(board: LeafBoard) {
    this.#channel = new LeafChannel((telling) => this.up.push(structuredClone(telling)));
    this.#service = new LeafService(board.join(), (tidings) => this.down.push(structuredClone(tidings)));
    this.#channel.watch((news) => {
      for (const one of news) this.states.set(one.key, one);
    });
  }

  changes(news: LeafNews): void {
    this.states.set(news.key, news);
    this.#channel.tell([news]);
  }

  handUp(): boolean {
    const telling = this.up.shift();
    if (telling !== undefined) this.#service.take(telling);
    return telling !== undefined;
  }

  handDown(): boolean {
    this.#service.flush();
    const tidings = this.down.shift();
    if (tidings !== undefined) this.#channel.take(tidings);
    return tidings !== undefined;
  }

  end(): void {
    this.#service.close();
  }
}

function settle(processes: readonly Process[]): void {
  while (processes.some((one) => one.handUp() || one.handDown())) {}
}

const keys = ['a/prod', 'a/prod[1]', 'b/prod'];

test('processes agree in the end, and with the board, however what they tell crosses with what they hear', () => {
  const step = fc.oneof(
    fc.record({
      ...{ kind: fc.constant('change' as const), process: fc.nat(2), key: fc.constantFrom(...keys) },
      status: fc.constantFrom('active', 'timeout', 'suspended'),
      duration: fc.nat(1000),
    }),
    fc.record({ kind: fc.constant('up' as const), process: fc.nat(2) }),
    fc.record({ kind: fc.constant('down' as const), process: fc.nat(2) }),
    fc.record({ kind: fc.constant('switch' as const), key: fc.constantFrom(...keys), on: fc.boolean() }),
    fc.record({ kind: fc.constant('replace' as const), process: fc.nat(2) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const board = new LeafBoard(() => 0);
      const processes = [new Process(board), new Process(board), new Process(board)];
      /** By the order in which the main process hears and decides. */
      const off = new Set<string>();
      for (const one of steps) {
        if (one.kind === 'switch') {
          board.switch({ key: one.key, ...placeOf(one.key) }, one.on);
          if (one.on) off.delete(one.key);
          else off.add(one.key);
          continue;
        }
        const process = processes[one.process] as Process;
        if (one.kind === 'up') process.handUp();
        else if (one.kind === 'down') process.handDown();
        else if (one.kind === 'replace') {
          process.end();
          processes[one.process] = new Process(board);
        } else if (process.states.get(one.key)?.status !== 'off') {
          process.changes(newsOf(one.key, { status: one.status as LeafNews['status'], lastDuration: one.duration }));
        }
      }
      settle(processes);
      for (const key of keys) {
        const held = board.stateOf(key);
        for (const { states } of processes) {
          const { status, lastDuration } = states.get(key) ?? newsOf(key, { status: 'active' });
          assert.equal(status, held?.status ?? 'active');
          if (held !== undefined) assert.equal(lastDuration, held.lastDuration);
        }
        assert.equal(held?.status === 'off', off.has(key), 'only operators switch off and on again');
      }
    }),
    { numRuns: 500 },
  );
});

function placeOf(key: string): { api: string; name: string } {
  const { api, name } = newsOf(key);
  return { api, name };
}

test('what was heard before a leaf was told about is taken, what was told before it was heard is not', () => {
  const taken: string[] = [];
  const channel = new LeafChannel(() => {});
  channel.watch((news) => taken.push(...news.map(({ status }) => status)));
  channel.tell([newsOf('a/prod')]);
  channel.take({ kind: 'leaf-states', heard: 0, news: [newsOf('a/prod', { status: 'active' })], gone: [] });
  assert.deepEqual(taken, []);
  channel.take({ kind: 'leaf-states', heard: 1, news: [newsOf('a/prod', { status: 'timeout' })], gone: [] });
  assert.deepEqual(taken, ['timeout']);
});

test('a process that joins late hears what holds, with the time that is left by then', () => {
  let now = 1000;
  const board = new LeafBoard(() => now);
  const first = new Process(board);
  first.changes(newsOf('a/prod'));
  first.changes(newsOf('b/prod', { retryIn: 500 }));
  settle([first]);
  first.end();
  now += 2000;
  const second = new Process(board);
  settle([second]);
  const told = ['a/prod', 'b/prod'].map((key) => second.states.get(key));
  assert.deepEqual(
    told.map((news) => [news?.retryIn, news?.age]),
    [
      [28_000, 2000],
      [0, 2000],
    ],
  );
});

test('states that came before anybody listened are not lost', () => {
  const channel = new LeafChannel(() => {});
  channel.take({ kind: 'leaf-states', heard: 0, news: [newsOf('a/prod')], gone: ['b/prod'] });
  const taken: unknown[] = [];
  channel.watch((news, gone) => taken.push(news.length, gone));
  assert.deepEqual(taken, [1, ['b/prod']]);
});

test('a leaf that is gone is kept by nobody', () => {
  const board = new LeafBoard(() => 0);
  const heard: (readonly string[])[] = [];
  const [one, other] = [board.join(), board.join()];
  one.watch(() => {});
  other.watch((_, gone) => heard.push(gone));
  one.tell([newsOf('a/prod')]);
  one.forget(['a/prod']);
  assert.equal(board.stateOf('a/prod'), undefined);
  assert.deepEqual(heard, [[], ['a/prod']]);
});

test('a storm of faults costs each process one message in a turn, with the newest of each leaf', async () => {
  const board = new LeafBoard(() => 0);
  const teller = board.join();
  const posted: LeafTidings[] = [];
  const service = new LeafService(board.join(), (tidings) => posted.push(tidings));
  for (let count = 1; count <= 1000; count++) {
    teller.tell([newsOf('a/prod', { lastDuration: count }), newsOf('b/prod', { lastDuration: count })]);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(posted.length, 1);
  assert.deepEqual(
    posted[0]?.news.map(({ key, lastDuration }) => [key, lastDuration]),
    [
      ['a/prod', 1000],
      ['b/prod', 1000],
    ],
  );
  service.close();
});
