import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyPage } from '@sluice/gateway';
import type { CallStory, StoryQuery } from '@sluice/model';
import type { StoryQuestion } from './messages.ts';
import { StoryCaller } from './story-caller.ts';
import { type StoryKeeper, WorkersStories } from './story-desk.ts';

function story(id: string, startedAt: number, more: Partial<CallStory> = {}): CallStory {
  return {
    ...{ id, startedAt, kept: 'failed', process: 1, client: '127.0.0.1', method: 'GET', path: '/orders/1.0.0/x' },
    ...{ status: 502, end: 'complete', duration: 1, attempts: [], leftOut: 0, endpoints: [] },
    ...more,
  };
}

/** A worker that keeps these. */
function keeper(...stories: CallStory[]): StoryKeeper {
  return {
    async stories(wanted: string | StoryQuery) {
      if (typeof wanted !== 'string') return storyPage(stories, wanted);
      const calls = stories.filter(({ id }) => id === wanted);
      return { total: calls.length, calls };
    },
  };
}

const ids = ({ calls }: { readonly calls: readonly CallStory[] }) => calls.map(({ id }) => id);

test('a page is the newest of all workers together, and the next one goes on where it ended', async () => {
  const desk = new WorkersStories([keeper(story('a', 1), story('d', 4)), keeper(story('b', 2), story('c', 3))]);
  desk.inherit([story('e', 5)]);
  const first = await desk.list({ offset: 0, limit: 2 });
  assert.deepEqual([first.total, ids(first)], [5, ['e', 'd']]);
  assert.deepEqual(ids(await desk.list({ offset: 2, limit: 2 })), ['c', 'b']);
  assert.deepEqual(ids(await desk.list({ offset: 4, limit: 2 })), ['a']);
});

test('what a worker leaves behind is found after its end, and bounded', async () => {
  const workers = new Set([keeper(story('a', 1))]);
  const desk = new WorkersStories(workers);
  desk.inherit([story('old', 0)]);
  workers.clear();
  assert.equal((await desk.find('old'))?.id, 'old');
  assert.equal(await desk.find('a'), undefined);
  desk.inherit(Array.from({ length: 1000 }, (_, index) => story(`n${index}`, index)));
  assert.equal(await desk.find('old'), undefined);
  assert.equal((await desk.list({ offset: 0, limit: 1 })).total, 1000);
});

test('calls are found by whatever is known of them, in any case of letters', () => {
  const known = story('5f0c', 1, {
    ...{ correlation: 'Batch-7', api: 'orders/1.0.0', client: '10.0.4.17' },
    error: { cause: 'endpoint-timeout', code: 101504, description: '', remedy: '' },
  });
  const others = [story('x', 2, { kept: 'refused' })];
  for (const search of ['5F0', 'batch-7', 'ORDERS/1', '10.0.4', 'endpoint-time']) {
    assert.deepEqual(
      ids(storyPage([known, ...others], { search, kept: 'failed', offset: 0, limit: 5 })),
      ['5f0c'],
      search,
    );
  }
  assert.deepEqual(ids(storyPage([known, ...others], { kept: 'refused', offset: 0, limit: 5 })), ['x']);
});

test('a worker that does not answer, or ends, keeps nobody waiting; answers find their question', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: StoryQuestion[] = [];
  const caller = new StoryCaller((question) => asked.push(question));
  const nothing = { total: 0, calls: [] };
  const stuck = caller.ask('a');
  t.mock.timers.tick(1000);
  assert.deepEqual(await stuck, nothing);
  const [one, two] = [caller.ask('b'), caller.ask('c')];
  const page = { total: 1, calls: [story('c', 1)] };
  caller.take({ kind: 'stories', question: asked[2]?.question ?? 0, page });
  caller.take({ kind: 'stories', question: asked[0]?.question ?? 0, page });
  assert.deepEqual(await two, page);
  caller.close();
  assert.deepEqual(await one, nothing);
});
