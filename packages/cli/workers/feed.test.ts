import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, type RuntimeEntry } from '@sluice/model';
import { FeedChannel } from './feed-channel.ts';
import { FeedService } from './feed-service.ts';
import { type FeedAnswer, feedWindow } from './messages.ts';

/** A source joined to a reader as over a channel: nothing arrives in the turn in which it was sent. `sent` are the answers that were sent. */
function joined(source: FeedSource) {
  const sent: FeedAnswer[] = [];
  const service = new FeedService(source, (answer) => {
    sent.push(answer);
    setImmediate(() => channel.take(structuredClone(answer)));
  });
  const channel = new FeedChannel((request) => {
    setImmediate(() => service.take(structuredClone(request)));
  });
  return { channel, service, sent };
}

function entryOf(index: number): RuntimeEntry {
  return { kind: 'revocation', id: `t${index}`, value: { tokenId: `t${index}`, expiresAt: index } };
}

function eventOf(sequence: number): FeedEvent {
  return { ...entryOf(sequence), environment: null, sequence } as FeedEvent;
}

const never = new AbortController().signal;
const noSnapshot = async (): Promise<FeedSnapshot> => assert.fail('no snapshot was asked for');
async function* noEvents(): AsyncGenerator<FeedEvent> {}

test('a snapshot of any size arrives whole and in order', async () => {
  for (const size of [0, 1, 64, 65, 5000]) {
    const snapshot: FeedSnapshot = {
      format: 1,
      environment: 'Default',
      sequence: size,
      entries: Array.from({ length: size }, (_, index) => entryOf(index)),
    };
    const { channel } = joined({ snapshot: async () => snapshot, events: noEvents });
    assert.deepEqual(await channel.snapshot(never), snapshot);
  }
});

test('a reader that does not read holds the source up, and gets everything when it goes on', async () => {
  const total = feedWindow * 4;
  async function* events() {
    for (let sequence = 1; sequence <= total; sequence++) yield eventOf(sequence);
    await new Promise(() => {});
  }
  const { channel, sent } = joined({ snapshot: noSnapshot, events });
  const reader = channel.events(0, never)[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value?.sequence, 1);
  for (let turn = 0; turn < feedWindow * 2; turn++) await nextTurn();
  assert.ok(sent.length <= feedWindow + 1, `${sent.length} were sent to a reader that took one`);
  for (let sequence = 2; sequence <= total; sequence++) assert.equal((await reader.next()).value?.sequence, sequence);
});

test('gaps and failures arrive as what they are', async () => {
  const gap = new FeedGapError('not kept');
  const away = new Error('the source is away');
  for (const error of [gap, away]) {
    const failing: FeedSource = {
      snapshot: () => Promise.reject(error),
      events: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    };
    const { channel } = joined(failing);
    const same = (caught: Error) =>
      caught.message === error.message && caught instanceof FeedGapError === (error === gap);
    await assert.rejects(channel.snapshot(never), same);
    await assert.rejects(channel.events(0, never)[Symbol.asyncIterator]().next(), same);
  }
});

test('a reader that leaves ends what is served to it, and so does the end of the service', async () => {
  const ended: string[] = [];
  const waiting = (name: string): FeedSource => ({
    snapshot: noSnapshot,
    async *events(_, signal) {
      yield eventOf(1);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended.push(name);
    },
  });
  const stop = new AbortController();
  const left = joined(waiting('left'));
  for await (const _ of left.channel.events(0, stop.signal)) stop.abort();
  const closed = joined(waiting('closed'));
  await closed.channel.events(0, never)[Symbol.asyncIterator]().next();
  closed.service.close();
  while (ended.length < 2) await nextTurn();
  assert.deepEqual(ended.sort(), ['closed', 'left']);
});
