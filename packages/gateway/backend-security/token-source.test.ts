import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@sluice/model';
import { OwnRequestError } from '../transport/own-request.ts';
import { tokenCredentials } from './token-credentials.ts';
import { type TokenFailure, TokenSource } from './token-source.ts';

type Answer = { status: number; body: Buffer };

/** A source over an endpoint that answers when it is told to, and a clock that stands still until it is moved. */
function world() {
  let time = 0;
  const asked: { body: string; resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  const parameters = { grantType: 'CLIENT_CREDENTIALS', tokenUrl: 'http://tokens/', clientId: 'c' };
  const source = new TokenSource(
    tokenCredentials({ type: 'oauth', parameters }, { connect: 10_000, answer: 10_000, wait: 10_000 }),
    (body) => new Promise((resolve, reject) => asked.push({ body, resolve, reject })),
    silentLog,
    () => time,
  );
  /** What a call gets that asks for a token now. */
  const call = (): Promise<string | TokenFailure> => {
    const token = source.current();
    if (token !== null) return Promise.resolve(token);
    return new Promise((resolve) => source.wait({ tokenCame: resolve, tokenFailed: resolve, abort: () => {} }));
  };
  const json = (value: object) => ({ status: 200, body: Buffer.from(JSON.stringify(value)) });
  return {
    ...{ source, asked, call },
    pass: (millis: number) => {
      time += millis;
    },
    grant: (token: string, seconds: number) =>
      asked.at(-1)?.resolve(json({ access_token: token, expires_in: seconds })),
    refuse: () => asked.at(-1)?.reject(new OwnRequestError('connect-refused', 'ECONNREFUSED')),
  };
}

const causeOf = (outcome: string | TokenFailure) => (typeof outcome === 'string' ? outcome : outcome.cause);

test('a token is renewed before its end, beside the calls that go on with it', async () => {
  const { asked, call, pass, grant } = world();
  const waiting = [call(), call()];
  grant('one', 100);
  assert.deepEqual(await Promise.all(waiting), ['one', 'one']);
  pass(89_999);
  assert.equal(await call(), 'one');
  assert.equal(asked.length, 1);
  pass(1);
  assert.deepEqual([await call(), await call()], ['one', 'one']);
  assert.equal(asked.length, 2);
  grant('two', 100);
  await new Promise(setImmediate);
  assert.equal(await call(), 'two');
  assert.equal(asked.length, 2);
});

test('a renewal that fails leaves the old token in force to its end, and no longer', async () => {
  const { asked, call, pass, grant, refuse } = world();
  const first = call();
  grant('one', 100);
  await first;
  pass(95_000);
  assert.equal(await call(), 'one');
  refuse();
  await new Promise(setImmediate);
  assert.equal(await call(), 'one');
  pass(5_000);
  const after = call();
  grant('two', 100);
  assert.equal(await after, 'two');
  assert.equal(asked.length, 3);
});

test('pauses after failures double up to half a minute, and one success ends them', async () => {
  const { asked, call, pass, grant, refuse } = world();
  const failing = async () => {
    const outcome = call();
    refuse();
    return outcome;
  };
  const first = await failing();
  assert.ok(typeof first !== 'string');
  assert.deepEqual([first.cause, first.retryAfter], ['unreachable', undefined]);
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    const failed = await failing();
    assert.ok(typeof failed !== 'string');
    assert.deepEqual([failed.cause, failed.retryAfter], ['unreachable', seconds]);
    const before = asked.length;
    pass(seconds * 1000 - 1);
    assert.equal(causeOf(await call()), 'paused');
    assert.equal(asked.length, before);
    pass(1);
  }
  const well = call();
  grant('one', 100);
  assert.equal(await well, 'one');
  pass(100_000);
  assert.equal(causeOf(await failing()), 'unreachable');
  const again = call();
  grant('two', 100);
  assert.equal(await again, 'two', 'the first failure after a success is followed by no pause');
});

test('a refused token is given up once; one that calls do not use any more is none of their business', async () => {
  const { source, asked, call, pass, grant } = world();
  const first = call();
  grant('one', 100);
  await first;
  assert.equal(source.refused('one'), true);
  const second = call();
  grant('two', 100);
  assert.equal(await second, 'two');
  assert.equal(source.refused('one'), true);
  assert.equal(await call(), 'two');
  source.refusedAnew();
  assert.equal(source.refused('two'), false, 'a new token that was refused is kept for a second');
  assert.equal(await call(), 'two');
  pass(1000);
  assert.equal(source.refused('two'), true);
  void call();
  assert.equal(asked.length, 3);
  grant('three', 100);
});

test('a call that breaks when its token comes is cut off, and the others have theirs', async () => {
  const { source, call, grant } = world();
  const broken = new Promise((resolve) => {
    const fails = () => {
      throw new Error('defect');
    };
    source.wait({ tokenCame: fails, tokenFailed: fails, abort: () => resolve('cut off') });
  });
  const other = call();
  grant('one', 100);
  assert.equal(await broken, 'cut off');
  assert.equal(await other, 'one');
});
