import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority, Lease, LeaseRequest } from '@sluice/throttle';
import { AuthorityChannel } from './authority-channel.ts';
import { AuthorityService } from './authority-service.ts';
import type { LeaseWish } from './messages.ts';

const quota = { amount: 100, measure: 'bytes', window: { kind: 'aligned', unit: 'month', count: 2 } } as const;
const burst = { amount: 5, measure: 'calls', window: { kind: 'first-call', millis: 1000 } } as const;

function requestOf(counter: string, members: Partial<LeaseRequest> = {}): LeaseRequest {
  return { counter, limit: quota, needed: 1, owed: 0, returned: 0, window: 0, ...members };
}

function leaseOf(counter: string, members: Partial<Lease> = {}): Lease {
  return { counter, window: 7, units: 1, left: 9, endsIn: 250, outcome: 'granted', ...members };
}

/** A channel whose messages wait in `sent` until they are handed over. */
function channelToHands() {
  const sent: LeaseWish[] = [];
  const channel = new AuthorityChannel((message) => sent.push(structuredClone(message)));
  return { channel, sent };
}

test('what is asked and answered arrives as it was, and each answer at who asked', () => {
  const asked: (readonly LeaseRequest[])[] = [];
  const answers: ((leases: readonly Lease[]) => void)[] = [];
  const authority: Authority = {
    request(batch, answer) {
      asked.push(batch);
      answers.push(answer);
    },
  };
  const service = new AuthorityService(authority, (message) => channel.take(structuredClone(message)));
  const channel = new AuthorityChannel((message) => service.take(structuredClone(message)));
  const first = [
    requestOf('a', { needed: 3, owed: 1234.5, returned: 2, window: 6 }),
    requestOf('b', { limit: burst, needed: 0 }),
  ];
  const second = [requestOf('c')];
  const got: (readonly Lease[])[] = [];
  channel.request(first, (leases) => got.push(leases));
  channel.request(second, (leases) => got.push(leases));
  assert.deepEqual(asked, [first, second]);
  const toSecond = [leaseOf('c', { outcome: 'exhausted', units: 0 })];
  const toFirst = [leaseOf('b', { window: 9 }), leaseOf('a', { outcome: 'pending', units: 0, endsIn: 0.5 })];
  answers[1]?.(toSecond);
  answers[0]?.(toFirst);
  assert.deepEqual(got, [toSecond, toFirst]);
});

test('a main process that does not answer gets a bounded number of messages, and further ones when it does', () => {
  const { channel, sent } = channelToHands();
  const outcomes: string[] = [];
  const hear = (leases: readonly Lease[]) => outcomes.push(...leases.map(({ outcome }) => outcome));
  for (let count = 0; count < 1000; count++) channel.request([requestOf('one')], hear);
  assert.equal(sent.length, 64);
  assert.deepEqual(outcomes, Array(936).fill('away'));
  channel.take({ kind: 'grant', batch: sent[63]?.batch ?? 0, leases: [[0, 1, 1, 1, 1, 'granted']] });
  channel.request([requestOf('one')], hear);
  assert.equal(sent.length, 65);
});

test('a counter that was reset is forgotten by the ledger of each process', () => {
  const forget: ((counter: string) => void)[] = [];
  const authority: Authority = { request() {}, watch: (hear) => forget.push(hear) };
  const forgotten: string[] = [];
  for (const worker of ['1', '2']) {
    const channel = new AuthorityChannel(() => {});
    channel.watch((counter) => forgotten.push(worker + counter));
    new AuthorityService(authority, (message) => channel.take(structuredClone(message)));
  }
  for (const tell of forget) tell('/a');
  assert.deepEqual(forgotten, ['1/a', '2/a']);
});

test('calls that wait when the main process goes away, and all later ones, hear that nobody can be asked', () => {
  const { channel, sent } = channelToHands();
  const outcomes: string[] = [];
  const hear = (leases: readonly Lease[]) => outcomes.push(...leases.map(({ outcome }) => outcome));
  for (let count = 0; count < 40; count++) channel.request([requestOf('a')], hear);
  channel.close();
  channel.request([requestOf('b')], hear);
  assert.deepEqual(outcomes, Array(41).fill('away'));
  channel.take({ kind: 'grant', batch: sent[0]?.batch ?? 0, leases: [[0, 1, 1, 1, 1, 'granted']] });
  assert.equal(outcomes.length, 41, 'a late answer is heard by nobody');
});
