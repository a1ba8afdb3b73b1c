import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { FeedEvent, FeedSnapshot, Log } from '@sluice/model';
import { administrator, developer, type Portals, startPortals } from '../testing/portals.ts';
import { announce } from './announce.ts';
import { pruneFeed } from './prune.ts';

/** Resolves with the next warning. */
let warned = Promise.withResolvers<string>();
const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => warned.resolve(message), child: () => log };

let portals: Portals;
before(async () => {
  portals = await startPortals({
    log,
    feed: {
      gateway: { username: 'edge', password: 'edge-secret' },
      limits: { followers: 2, heartbeat: 20, patience: 100, pending: 65_536 },
    },
  });
});
after(() => portals.close());

const basic = (as: string) => `Basic ${btoa(as)}`;

function get(path: string, as = administrator, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${portals.url}/internal/feed/v1/${path}`, {
    headers: { ...(as === '' ? {} : { authorization: basic(as) }), ...headers },
  });
}

/** Changes something that every environment is told of. */
async function change(text: string): Promise<number> {
  await portals.store.transaction(async (tx) => {
    const value = {
      id: text,
      organization: 'carbon.super',
      name: text,
      owner: 'dora',
      plan: 'Unlimited',
      status: 'APPROVED' as const,
    };
    await announce(tx.organization('carbon.super').feed, { kind: 'application', id: text, value });
  });
  return portals.store.system.feed.head();
}

/** An open stream of events, line by line. */
async function follow(after: number, as = administrator) {
  const outgoing = request(`${portals.url}/internal/feed/v1/events?environment=Default&after=${after}`, {
    headers: { authorization: basic(as) },
  });
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  const lines = createInterface({ input: incoming })[Symbol.asyncIterator]();
  return {
    status: incoming.statusCode as number,
    async line(): Promise<string | undefined> {
      return (await lines.next()).value;
    },
    async event(): Promise<FeedEvent> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the stream is over');
        if (value !== '') return JSON.parse(value);
      }
    },
    cut: () => outgoing.destroy(),
  };
}

test('only administrators and the gateways themselves get the feed', async () => {
  for (const as of ['', 'admin:wrong', developer, 'edge:wrong']) {
    const answer = await get('snapshot?environment=Default', as);
    assert.equal(answer.status, 401, as);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic/);
  }
  assert.equal((await get('snapshot?environment=Default', 'edge:edge-secret')).status, 200);
});

test('the administrator of one organization does not get the feed, which holds what all of them serve', async () => {
  const { users } = portals.keyManager;
  await users.create({ username: 'boss', password: 'secret-3', roles: ['admin'], organization: 'tenant.example' });
  assert.ok(await portals.keyManager.authenticateBasic('boss@tenant.example', 'secret-3'));
  assert.equal((await get('snapshot?environment=Default', 'boss@tenant.example:secret-3')).status, 401);
});

test('what cannot be answered says why', async () => {
  const cases: readonly [string, number][] = [
    ['snapshot?environment=Nowhere', 404],
    ['snapshot', 400],
    ['events?environment=Default', 400],
    ['events?environment=Default&after=-1', 400],
    ['events?environment=Default&after=soon', 400],
    ['events?environment=Nowhere&after=0', 404],
    ['elsewhere', 404],
  ];
  for (const [path, status] of cases) {
    const answer = await get(path);
    assert.equal(answer.status, status, path);
    assert.equal(typeof ((await answer.json()) as { code: unknown }).code, 'number');
  }
  const posted = await fetch(`${portals.url}/internal/feed/v1/snapshot`, { method: 'POST' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET']);
});

test('a snapshot holds issuers and plans, whole and compressed alike', async () => {
  const { headers, body } = await new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const outgoing = request(`${portals.url}/internal/feed/v1/snapshot?environment=Default`, {
      headers: { authorization: basic(administrator), 'accept-encoding': 'gzip' },
    });
    outgoing.on('error', reject).on('response', async (incoming) => {
      resolve({ headers: incoming.headers, body: Buffer.concat(await incoming.toArray()) });
    });
    outgoing.end();
  });
  assert.equal(headers['content-encoding'], 'gzip');
  const snapshot = JSON.parse(gunzipSync(body).toString()) as FeedSnapshot;
  assert.deepEqual([snapshot.format, snapshot.environment], [1, 'Default']);
  assert.equal(snapshot.sequence, await portals.store.system.feed.head());
  const kinds = new Set(snapshot.entries.map(({ kind }) => kind));
  assert.ok(kinds.has('issuer') && kinds.has('plan'));
  const plain = (await (
    await get('snapshot?environment=Default', administrator, { 'accept-encoding': 'identity' })
  ).json()) as FeedSnapshot;
  assert.deepEqual(plain, snapshot);
});

test('a snapshot that takes its time shows signs of life, and a slow writer does not fail it', async () => {
  const held = Promise.withResolvers<void>();
  const writing = portals.store.transaction(() => held.promise);
  const outgoing = request(`${portals.url}/internal/feed/v1/snapshot?environment=Default`, {
    headers: { authorization: basic(administrator), 'accept-encoding': 'gzip' },
  });
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  const text = incoming.pipe(createGunzip()).setEncoding('utf8');
  let body = '';
  text.on('data', (piece: string) => {
    body += piece;
    if (body.length > 2) held.resolve();
  });
  await once(text, 'end');
  await writing;
  assert.match(body, /^\n{3,}\{/);
  assert.equal(JSON.parse(body).format, 1);
});

test('a follower gets what came after, then what comes, and goes on where it was cut', async () => {
  const start = await portals.store.system.feed.head();
  await change('early');
  const first = await follow(start);
  assert.equal(first.status, 200);
  assert.equal((await first.event()).id, 'early');
  const late = await change('late');
  const event = await first.event();
  assert.deepEqual([event.id, event.sequence, event.environment], ['late', late, null]);
  first.cut();
  await change('missed');
  const second = await follow(event.sequence);
  assert.equal((await second.event()).id, 'missed');
  second.cut();
});

test('a quiet feed sends blank lines', async () => {
  const follower = await follow(await portals.store.system.feed.head());
  for (let count = 0; count < 3; count++) assert.equal(await follower.line(), '');
  follower.cut();
});

test('events of another environment stay out of the stream', async () => {
  const start = await portals.store.system.feed.head();
  await portals.store.transaction((tx) =>
    tx.organization('carbon.super').feed.append({ environment: 'Other', kind: 'api', id: 'hidden', value: null }),
  );
  await change('shown');
  const follower = await follow(start);
  assert.equal((await follower.event()).id, 'shown');
  follower.cut();
});

test('one follower too many is told to come back', async () => {
  const head = await portals.store.system.feed.head();
  const followers = [await follow(head), await follow(head)];
  const answer = await get(`events?environment=Default&after=${head}`);
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.get('retry-after'));
  for (const follower of followers) follower.cut();
});

test('a follower that takes nothing is dropped with a line in the log, and the others go on', async () => {
  const start = await portals.store.system.feed.head();
  const { hostname, port } = new URL(portals.url);
  const slow = connect(Number(port), hostname);
  slow.pause();
  slow.on('error', () => {});
  slow.write(
    `GET /internal/feed/v1/events?environment=Default&after=${start} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(administrator)}\r\n\r\n`,
  );
  const padding = 'x'.repeat(200_000);
  warned = Promise.withResolvers();
  const gone = new Promise((resolve) => slow.once('close', resolve));
  for (let count = 0; count < 60; count++) await change(`${count} ${padding}`);
  assert.match(await warned.promise, /too slow/);
  slow.resume();
  await gone;
  const other = await follow(await portals.store.system.feed.head());
  await change('after the slow one');
  assert.equal((await other.event()).id, 'after the slow one');
  other.cut();
});

test('a gateway that was away too long, or comes from another installation, is sent to take a snapshot', async () => {
  for (let count = 0; count < 5; count++) await change(`old ${count}`);
  const head = await portals.store.system.feed.head();
  await pruneFeed(portals.store, 2);
  for (const after of [0, head - 3, head + 1]) {
    const answer = await get(`events?environment=Default&after=${after}`);
    assert.equal(answer.status, 410, String(after));
    assert.equal(((await answer.json()) as { code: number }).code, 410);
  }
  const kept = await follow(head - 2);
  assert.equal((await kept.event()).id, 'old 3');
  kept.cut();
});

test('pruning keeps what it is told to, and no follower in the middle misses an event', async () => {
  const start = await portals.store.system.feed.head();
  const follower = await follow(start);
  assert.equal(await follower.line(), '');
  await change('before pruning');
  assert.equal((await follower.event()).id, 'before pruning');
  assert.ok((await pruneFeed(portals.store, 0)) > 0);
  assert.equal(await pruneFeed(portals.store, 0), 0);
  await change('after pruning');
  assert.equal((await follower.event()).id, 'after pruning');
  follower.cut();
});
