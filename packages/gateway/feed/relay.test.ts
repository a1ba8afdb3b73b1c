import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FeedEvent, FeedGapError, silentLog } from '@sluice/model';
import { deployedApi, entry } from '../testing/entities.ts';
import { TestSource } from '../testing/source.ts';
import { until } from '../testing/until.ts';
import { relaySource } from './relay.ts';

function api(name: string) {
  return entry.api(deployedApi({ id: name, name, basePath: `/${name}/1.0.0` }));
}

function relay(t: TestContext, source: TestSource) {
  const made = relaySource({ source, environment: 'Default', log: silentLog });
  t.after(() => made.close());
  return made;
}

const signal = new AbortController().signal;

async function idsOf(source: { snapshot(signal: AbortSignal): Promise<{ entries: readonly { id: string }[] }> }) {
  return (await source.snapshot(signal)).entries.map(({ id }) => id).sort();
}

test('many readers cost the source one: each gets the snapshot and what comes after it', async (t) => {
  const source = new TestSource([api('first')]);
  const relayed = relay(t, source);
  const readers = await Promise.all(
    [0, 1, 2].map(async () => {
      const { sequence, entries } = await relayed.snapshot(signal);
      assert.deepEqual(
        entries.map(({ id }) => id),
        ['first'],
      );
      return relayed.events(sequence, signal)[Symbol.asyncIterator]();
    }),
  );
  source.put(api('second'));
  for (const reader of readers) {
    const event = (await reader.next()).value as FeedEvent;
    assert.equal(event.id, 'second');
    await reader.return?.();
  }
  assert.equal(source.snapshots, 1);
  assert.deepEqual(await idsOf(relayed), ['first', 'second']);
});

test('a source that begins anew is one more change to the readers, with numbers that go on', async (t) => {
  const source = new TestSource([api('old'), api('kept')]);
  const relayed = relay(t, source);
  const { sequence } = await relayed.snapshot(signal);
  const reader = relayed.events(sequence, signal)[Symbol.asyncIterator]();
  source.put(api('extra'));
  assert.equal(((await reader.next()).value as FeedEvent).id, 'extra');
  source.available = false;
  source.reinstall([api('new'), api('kept')]);
  source.available = true;
  const events: FeedEvent[] = [];
  while (events.length < 3) events.push((await reader.next()).value as FeedEvent);
  assert.deepEqual(events.map(({ id, value }) => [id, value === null]).sort(), [
    ['extra', true],
    ['new', false],
    ['old', true],
  ]);
  assert.ok(events.every((event) => event.sequence > sequence));
  await reader.return?.();
  assert.deepEqual(await idsOf(relayed), ['kept', 'new']);
});

test('a reader beyond what is kept is told of the gap, before and behind', async (t) => {
  const source = new TestSource([api('first')]);
  const relayed = relay(t, source);
  const { sequence } = await relayed.snapshot(signal);
  for (let index = 0; index < 12_000; index++) source.put(api(`api-${index % 10}`));
  await until(() => relayed.sequence === sequence + 12_000, 'all events');
  for (const unkept of [sequence, relayed.sequence + 1]) {
    await assert.rejects(async () => {
      for await (const _ of relayed.events(unkept, signal)) assert.fail('an event after a gap');
    }, FeedGapError);
  }
});

test('a reader that goes away ends, and the others go on', async (t) => {
  const source = new TestSource([]);
  const relayed = relay(t, source);
  const { sequence } = await relayed.snapshot(signal);
  const stop = new AbortController();
  const leaving = (async () => {
    for await (const _ of relayed.events(sequence, stop.signal)) assert.fail('no event was sent');
  })();
  stop.abort();
  await leaving;
  const staying = relayed.events(sequence, signal)[Symbol.asyncIterator]();
  source.put(api('later'));
  assert.equal(((await staying.next()).value as FeedEvent).id, 'later');
  await staying.return?.();
});
