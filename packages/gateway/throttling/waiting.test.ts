import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authority, Lease, LeaseRequest } from '@sluice/throttle';
import { callsPerMinute, entry, plan, subscription } from '../testing/entities.ts';
import { commonPicture, issuer, type Stage, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import type { ThrottlingOptions } from './options.ts';

/** An authority that answers when the test says so. */
class SlowAuthority implements Authority {
  readonly asked: LeaseRequest[] = [];
  #answers: (() => void)[] = [];
  /** Units that it has to give. */
  left: number;

  constructor(left: number) {
    this.left = left;
  }

  request(batch: readonly LeaseRequest[], answer: (leases: readonly Lease[]) => void): void {
    this.asked.push(...batch);
    this.#answers.push(() => answer(batch.map((request) => this.#lease(request))));
  }

  answer(): void {
    for (const one of this.#answers.splice(0)) one();
  }

  #lease({ counter, needed, returned }: LeaseRequest): Lease {
    this.left += returned;
    const units = Math.min(needed, this.left);
    this.left -= units;
    const outcome = units < needed ? 'exhausted' : 'granted';
    return { counter, window: 1, units, left: this.left, endsIn: 60_000, outcome };
  }
}

async function limited(
  t: TestContext,
  left: number,
  throttling: ThrottlingOptions = { patience: 30_000 },
): Promise<Stage & { readonly authority: SlowAuthority }> {
  const authority = new SlowAuthority(left);
  const world = await stage(t, {
    authority,
    throttling,
    entries: (backend) => [
      ...commonPicture(backend),
      entry.plan(plan('subscription', 'Bronze', { quota: callsPerMinute(5) })),
      entry.subscription(subscription({ plan: 'Bronze' })),
    ],
  });
  return { ...world, authority };
}

async function open(t: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const head = (method: string, more = '') =>
  `${method} /orders/1.0.0/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${issuer.token()}\r\n${more}\r\n`;

test('a call whose units are not here yet reaches the backend when they come, and not before', async (t) => {
  const { authority, call, backend, gateway } = await limited(t, 1);
  const answer = call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  await until(() => authority.asked.length > 0, 'units are asked for');
  assert.equal(backend.received.length, 0);
  authority.answer();
  assert.equal((await answer).status, 200);
  assert.equal(gateway.statistics().throttling?.waited, 1);
});

test('a call that waited in vain is refused like any other, and the backend sees nothing of it', async (t) => {
  const { authority, call, backend } = await limited(t, 0);
  const answer = call('/orders/1.0.0/x', { method: 'POST', body: 'a body', headers: bearer(issuer.token()) });
  await until(() => authority.asked.length > 0, 'units are asked for');
  authority.answer();
  assert.equal((await answer).headers['sluice-cause'], 'subscription-limit-exceeded');
  assert.equal(backend.received.length, 0);
});

test('a client that goes away while its call waits takes nothing', async (t) => {
  const { authority, call, gateway, port } = await limited(t, 1);
  const gone = await open(t, port, head('GET'));
  await until(() => authority.asked.length > 0, 'units are asked for');
  gone.destroy();
  await until(() => gateway.statistics().inFlight === 0, 'the call is over');
  authority.answer();
  const answer = call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  await until(async () => {
    authority.answer();
    return (await Promise.race([answer, Promise.resolve(null)])) !== null;
  }, 'the one unit serves the next client');
  assert.equal((await answer).status, 200);
});

test('a client that asks first is told nothing while its call waits, and a long body is not gathered', async (t) => {
  const { authority, backend, port } = await limited(t, 1);
  const heard: string[] = [];
  const asking = await open(t, port, head('POST', 'Content-Length: 3\r\nExpect: 100-continue\r\n'));
  asking.on('data', (bytes: Buffer) => heard.push(bytes.toString('latin1')));
  await until(() => authority.asked.length > 0, 'units are asked for');
  assert.deepEqual(heard, []);
  authority.answer();
  await until(() => heard.join('').includes('100 Continue'), 'the client may send');
  asking.write('abc');
  await until(() => heard.join('').includes('200 OK'), 'the answer');
  assert.equal(backend.received[0]?.body, 'abc');
});

test('an authority that says nothing holds no call longer than the patience, and the policy decides', async (t) => {
  const closed = await limited(t, 1, { patience: 20 });
  const refused = await closed.call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  assert.deepEqual(
    [refused.status, refused.headers['sluice-cause'], refused.headers['retry-after']],
    [503, 'quota-authority-away', '1'],
  );
  assert.equal(closed.backend.received.length, 0);
  assert.equal(closed.gateway.statistics().throttling?.unasked, 1);
  const open = await limited(t, 1, { patience: 20, fail: 'open' });
  assert.equal((await open.call('/orders/1.0.0/x', { headers: bearer(issuer.token()) })).status, 200);
});

test('a main process that is busy with something else for a second lets calls wait, and refuses none', async (t) => {
  const { authority, call, gateway } = await limited(t, 3, {});
  const answers = [1, 2, 3].map(() => call('/orders/1.0.0/x', { headers: bearer(issuer.token()) }));
  await until(() => gateway.statistics().throttling?.waited === 3, 'all wait');
  await delay(1000);
  await until(() => {
    authority.answer();
    return gateway.statistics().inFlight === 0;
  }, 'all have gone on');
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    [200, 200, 200],
  );
});

test('a picture that is swapped while a call waits does not lose the call', async (t) => {
  const { authority, call, put } = await limited(t, 2);
  const answer = call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  await until(() => authority.asked.length > 0, 'units are asked for');
  await put(entry.plan(plan('subscription', 'Bronze', { quota: callsPerMinute(4) })));
  authority.answer();
  assert.equal((await answer).status, 200);
});
