import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type JsonObject, usualDeadlines } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../testing/control-plane.ts';
import type { SourcedReport } from './report.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane({
    deadlines: {
      ...usualDeadlines,
      'first-byte': {
        value: 60_000,
        setting: 'passthru_http.http.socket.timeout',
        origin: { kind: 'file', file: 'deployment.toml', line: 7 },
      },
    },
  });
});
after(() => running.close());

function endpoint(actionDuration: string, more: JsonObject = {}, api: JsonObject = {}): JsonObject {
  const config = { actionSelect: 'fault', actionDuration, ...more };
  return { endpoint_type: 'http', production_endpoints: { url: 'http://127.0.0.1/x', config }, ...api };
}

async function create(name: string, endpointConfig: JsonObject) {
  return running.publisher('POST', '/apis', { json: apiBody(name, { endpointConfig }), expect: 201 });
}

function warningsIn(headers: Headers): string[] {
  return JSON.parse(headers.get('sluice-warnings') ?? '[]') as string[];
}

async function reports(id: string, as: string = people.admin, expect = 200): Promise<SourcedReport[]> {
  return (await running.call('GET', `/api/sluice/v1/apis/${id}/timeouts`, { as, expect })).body.list;
}

test('an endpoint that waits for longer than silence is allowed is told to who saves it, with both values and origins', async () => {
  const { headers, body } = await create('Patient', endpoint('90000'));
  const [warning, ...others] = warningsIn(headers);
  assert.deepEqual(others, []);
  assert.match(
    warning ?? '',
    /^endpoint of 90000 ms \(API Patient\/1.0.0 prod config.actionDuration\) is above first-byte of 60000 ms \(passthru_http.http.socket.timeout, deployment.toml:7\)/,
  );
  const fine = { ...body, endpointConfig: endpoint('50000', { timeouts: { connect: 5000 } }) };
  const saved = await running.publisher('PUT', `/apis/${body.id}`, { json: fine, expect: 200 });
  assert.deepEqual(warningsIn(saved.headers), []);
});

test('what nobody has chosen is noted only, and a bad expression is told too', async () => {
  const slow = await create('Quick', endpoint('2000'));
  assert.ok(warningsIn(slow.headers).every((text) => text.startsWith('note: ')));
  const { headers } = await create('Odd', endpoint('{$ctx:ü}'));
  assert.match(warningsIn(headers)[0] ?? '', /\{\$ctx:ü\}/);
});

test('the ladder of a deployed revision is told by who says what, and which deadline fires first', async () => {
  const config = endpoint('30000', { timeouts: { connect: 4000 } }, { timeouts: { clientBodyIdle: 9000 } });
  const { body: api } = await create('Ladder', config);
  const [draft] = await reports(api.id);
  assert.equal(draft?.source, 'working copy');
  const { body: revision } = await running.publisher('POST', `/apis/${api.id}/revisions`, { json: {}, expect: 201 });
  await running.publisher('POST', `/apis/${api.id}/deploy-revision?revisionId=${revision.id}`, {
    json: [{ name: 'Default', vhost: 'localhost' }],
    expect: 201,
  });
  const changed = { ...api, endpointConfig: endpoint('1000') };
  await running.publisher('PUT', `/apis/${api.id}`, { json: changed, expect: 200 });
  const [report] = await reports(api.id);
  assert.equal(report?.source, 'revision 1 in Default');
  const rungs = report?.groups[0]?.ladders[0]?.rungs ?? [];
  const of = (name: string) => rungs.find((rung) => rung.name === name);
  assert.deepEqual(of('connect')?.first, { name: 'connect', value: 4000 });
  assert.equal(of('connect')?.origin, 'API Ladder/1.0.0 prod config.timeouts.connect');
  assert.deepEqual(of('first-byte')?.first, { name: 'endpoint', value: 30_000 });
  assert.equal(of('first-byte')?.origin, 'deployment.toml:7');
  assert.equal(of('client-body-idle')?.origin, 'API Ladder/1.0.0 timeouts.clientBodyIdle');
  assert.equal(of('name-lookup'), undefined);
  assert.equal(of('tls-handshake'), undefined);
});

test('deadlines are told to whoever may see the API, and to nobody else', async () => {
  const { body: api } = await create('Hidden', endpoint('30000'));
  assert.equal((await reports(api.id, people.creator)).length, 1);
  for (const as of ['', people.subscriber, 'admin:wrong']) await reports(api.id, as, 401);
  await reports('00000000-0000-0000-0000-000000000000', people.admin, 404);
});
