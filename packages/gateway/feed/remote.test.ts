import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type FeedEvent, FeedGapError, type FeedSource } from '@sluice/model';
import { deployedApi, entry } from '../testing/entities.ts';
import { remoteSource } from './remote.ts';

const snapshot = { format: 1, environment: 'Eu West', sequence: 5, entries: [entry.api(deployedApi())] };
const event = { ...entry.api(deployedApi()), sequence: 6, environment: null };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, handler: Handler, options = {}): Promise<FeedSource> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const serviceUrl = `http://127.0.0.1:${port}/`;
  return remoteSource({
    serviceUrl,
    environment: 'Eu West',
    username: 'gw',
    password: 'sécret',
    silence: 500,
    ...options,
  });
}

const never = new AbortController().signal;

test('the snapshot is asked for as agreed, and may come compressed', async (t) => {
  const asked: IncomingMessage[] = [];
  const source = await serve(t, (request, response) => {
    asked.push(request);
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(snapshot)));
  });
  assert.deepEqual(await source.snapshot(never), snapshot);
  assert.equal(asked[0]?.url, '/internal/feed/v1/snapshot?environment=Eu%20West');
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('gw:sécret').toString('base64')}`);
});

test('events come line by line, past heartbeats and cuts in the middle', async (t) => {
  const source = await serve(t, async (request, response) => {
    assert.equal(request.url, '/internal/feed/v1/events?environment=Eu%20West&after=5');
    const line = JSON.stringify(event);
    response.write('\n\n');
    response.write(line.slice(0, 20));
    setImmediate(() => response.write(`${line.slice(20)}\n\n`));
  });
  const stop = new AbortController();
  const found: FeedEvent[] = [];
  for await (const one of source.events(5, stop.signal)) {
    found.push(one);
    stop.abort();
  }
  assert.deepEqual(found, [event]);
});

test('410 is a gap; other refusals say what they are and hold no password', async (t) => {
  let status = 410;
  const source = await serve(t, (_, response) => response.writeHead(status).end());
  const take = async () => {
    for await (const _ of source.events(1, never)) assert.fail('no event');
  };
  await assert.rejects(take, FeedGapError);
  status = 401;
  await assert.rejects(take, (error: Error) => /credentials.*401/.test(error.message) && !/cret/.test(error.message));
  status = 500;
  await assert.rejects(source.snapshot(never), /snapshot answered 500/);
});

test('silence ends the stream, before and after the first byte', async (t) => {
  let speak = false;
  const source = await serve(t, (_, response) => void (speak && response.write('\n')), { silence: 50 });
  const take = async () => {
    for await (const _ of source.events(1, never)) assert.fail('no event');
  };
  await assert.rejects(take, /silent/);
  speak = true;
  await assert.rejects(take, /silent/);
});

test('heartbeats alone keep the stream', async (t) => {
  let beats = 0;
  const source = await serve(
    t,
    (_, response) => {
      const timer = setInterval(() => {
        response.write(++beats < 10 ? '\n' : `${JSON.stringify(event)}\n`);
        if (beats === 10) clearInterval(timer);
      }, 20);
    },
    { silence: 100 },
  );
  for await (const one of source.events(1, never)) {
    assert.equal(one.sequence, 6);
    break;
  }
  assert.equal(beats, 10);
});

test('a stream that breaks is an error, not an end in peace', async (t) => {
  const source = await serve(t, (_, response) => {
    response.write('\n');
    setImmediate(() => response.destroy());
  });
  await assert.rejects(async () => {
    for await (const _ of source.events(1, never)) assert.fail('no event');
  });
});

test('a snapshot that unpacks without end is given up', async (t) => {
  const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024));
  const source = await serve(t, (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb), {
    largestSnapshot: 1024 * 1024,
  });
  await assert.rejects(source.snapshot(never), /larger than 1048576 bytes/);
});

test('an abort ends a request that waits', async (t) => {
  const source = await serve(t, () => {}, { silence: 60_000 });
  const stop = new AbortController();
  const waiting = source.snapshot(stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(waiting);
});
