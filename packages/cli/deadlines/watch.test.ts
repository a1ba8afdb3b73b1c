import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DeployedApi,
  type FeedEvent,
  type FeedSource,
  type Json,
  parseEndpointConfig,
  type RuntimeEntry,
  type SharedEndpoint,
  silentLog,
  usualDeadlines,
} from '@sluice/model';
import { watchDeadlines } from './watch.ts';

function api(id: string, endpointConfig: Json): RuntimeEntry & { kind: 'api' } {
  const { endpoints } = parseEndpointConfig(endpointConfig);
  const value = { id, organization: 'carbon.super', name: id, version: '1', endpoints } as DeployedApi;
  return { kind: 'api', id, value };
}

function waits(duration: number): Json {
  const config = { actionSelect: 'fault', actionDuration: String(duration) };
  return { production_endpoints: { url: 'http://127.0.0.1/x', config } };
}

/** What is told in the log of a source that brings these, as `api: findings` each. */
async function told(entries: RuntimeEntry[], events: Pick<FeedEvent, 'kind' | 'id' | 'value'>[] = []) {
  const lines: string[] = [];
  const warn = (message: string, fields?: object) => {
    const { api, apis, findings } = fields as { api?: string; apis?: number; findings?: string[] };
    lines.push(api === undefined ? `${message}: ${apis}` : `${api}: ${findings?.join(' & ')}`);
  };
  const source: FeedSource = {
    snapshot: async () => ({ format: 1, environment: 'Default', sequence: 0, entries }),
    async *events() {
      for (const event of events) yield { sequence: 1, environment: null, ...event } as FeedEvent;
    },
  };
  const watched = watchDeadlines(source, usualDeadlines, { ...silentLog, warn });
  const { signal } = new AbortController();
  assert.deepEqual((await watched.snapshot(signal)).entries, entries);
  let passed = 0;
  for await (const _ of watched.events(0, signal)) passed++;
  assert.equal(passed, events.length);
  return lines;
}

test('what cannot fire is told at the start, once, and again when it changes', async () => {
  const lines = await told(
    [api('fine', waits(100_000)), api('over', waits(200_000))],
    [api('over', waits(200_000)), api('over', waits(300_000)), api('over', waits(1)), api('over', waits(300_000))],
  );
  assert.deepEqual(
    lines.map((line) => line.slice(0, 31)),
    ['over/1: endpoint of 200000 ms (', 'over/1: endpoint of 300000 ms (', 'over/1: endpoint of 300000 ms ('],
  );
});

test('values that nobody has chosen are not worth a line', async () => {
  assert.deepEqual(await told([api('quick', waits(1000))]), []);
});

test('thousands of APIs do not flood the log', async () => {
  const lines = await told(Array.from({ length: 1000 }, (_, index) => api(`a${index}`, waits(200_000))));
  assert.equal(lines.length, 21);
  assert.match(lines.at(-1) ?? '', /sluice doctor.*: 980$/);
});

const slow = {
  ...{ id: 'e', organization: 'carbon.super', name: 'slow', description: '', parameters: [] },
  endpointConfig: waits(250_000),
} as unknown as SharedEndpoint;
const slowEntry: RuntimeEntry = { kind: 'endpoint', id: 'carbon.super/slow', value: slow };
const uses = api('uses', { endpoint_type: 'indirect', production_endpoints: { key: 'slow' } });

test('an endpoint that stands elsewhere is looked at where it stands', async () => {
  const [line] = await told([slowEntry, uses]);
  assert.match(line ?? '', /^uses\/1: endpoint of 250000 ms/);
});

test('nothing is told of an endpoint that stood elsewhere and is gone', async () => {
  assert.deepEqual(await told([slowEntry], [{ ...slowEntry, value: null }, uses]), []);
});
