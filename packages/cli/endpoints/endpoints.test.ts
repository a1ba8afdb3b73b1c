import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeafRow } from '@sluice/gateway';
import { type EndpointState, silentLog } from '@sluice/model';
import { LeafBoard } from './board.ts';
import { MachineEndpoints } from './desk.ts';
import { endpointMetrics } from './metrics.ts';
import { endpointTable } from './table.ts';

function rowOf(api: string, name: string, members: Partial<LeafRow> = {}): LeafRow {
  const id = `${api.replace('/', '-')}/${name}`;
  return { id, key: `${id} form`, api, name, url: `http://b.example/${name}`, answers: 0, faults: 0, ...members };
}

/** The desk of a gateway with these leaves, of which one is told to be suspended and one is switched off. */
function deskOf(rows: readonly LeafRow[]) {
  const said: unknown[] = [];
  const board = new LeafBoard(() => 1000);
  const log = { ...silentLog, info: (message: string, fields?: unknown) => void said.push([message, fields]) };
  const desk = new MachineEndpoints({ board, log, leaves: async () => rows });
  return { desk, board, said };
}

const resting = { retryIn: 1200.4, remaining: 0, lastDuration: 30_000, cause: 101508, age: 50 };

test('what is not active comes first, and search, state and page choose from all of it', async () => {
  const rows = [
    rowOf('b/1.0.0', 'prod'),
    rowOf('a/1.0.0', 'sandbox'),
    rowOf('a/1.0.0', 'prod'),
    rowOf('c/1', 'prod.ws'),
  ];
  const { desk, board } = deskOf(rows);
  const teller = board.join();
  teller.watch(() => {});
  teller.tell([
    {
      key: 'b-1.0.0/prod form',
      api: 'b-1.0.0',
      name: 'prod',
      status: 'suspended',
      reason: 'backend-closed',
      ...resting,
    },
  ]);
  const names = async (query: Partial<Parameters<typeof desk.list>[0]>) => {
    const { total, endpoints } = await desk.list({ offset: 0, limit: 10, ...query });
    return [total, endpoints.map(({ api, name }) => `${api}/${name}`)];
  };
  assert.deepEqual(await names({}), [4, ['b/1.0.0/prod', 'a/1.0.0/prod', 'a/1.0.0/sandbox', 'c/1/prod.ws']]);
  assert.deepEqual(await names({ offset: 1, limit: 1 }), [4, ['a/1.0.0/prod']]);
  assert.deepEqual(await names({ search: 'A/1.0.0/PROD' }), [1, ['a/1.0.0/prod']]);
  assert.deepEqual(await names({ search: 'b.example/sand' }), [1, ['a/1.0.0/sandbox']]);
  assert.deepEqual(await names({ state: 'suspended' }), [1, ['b/1.0.0/prod']]);
  const [first] = (await desk.list({ offset: 0, limit: 1 })).endpoints;
  assert.deepEqual([first?.nextTryIn, first?.since], [1201, Math.round(Number(first?.since))]);
  assert.deepEqual(first?.cause, {
    ...{ code: 101508, key: 'backend-closed' },
    words: 'backend closed while the answer was waited for',
  });
});

test('endpoints say which side they are of, and what APIs share is of none', async () => {
  const names = ['prod', 'prod[1]', 'prod.ws', 'sandbox.failover[0]', 'prod:http://b', 'production-line', 'sandbox2'];
  const { desk } = deskOf(names.map((name) => rowOf('a/1', name)));
  const sides = new Map((await desk.all()).map(({ name, side }) => [name, side]));
  assert.deepEqual(
    names.map((name) => sides.get(name)),
    ['production', 'production', 'production', 'sandbox', 'production', null, null],
  );
});

test('a switch is logged with who wanted it, and of what there is not nothing is said', async () => {
  const { desk, said } = deskOf([rowOf('a/1', 'prod:http://b/c')]);
  const off = await desk.switch('a-1/prod:http://b/c', false, 'mary');
  assert.deepEqual([off?.state, off?.cause, off?.nextTryIn], ['off', null, null]);
  assert.equal((await desk.switch('a-1/prod:http://b/c', true, 'mary'))?.state, 'active');
  assert.equal(await desk.switch('a-1/other', false, 'mary'), undefined);
  const fields = { api: 'a/1', endpoint: 'prod:http://b/c', by: 'mary' };
  assert.deepEqual(said, [
    ['an endpoint was switched off', fields],
    ['an endpoint was switched on', fields],
  ]);
});

const asleep: EndpointState = {
  ...{ id: 'i/prod', api: 'o"r\\d\ners/1', name: 'prod', url: 'http://b/', side: 'production', state: 'suspended' },
  ...{ since: 1_700_000_040_000, nextTryIn: 1200, answers: 3, faults: 2 },
  cause: { code: 101503, key: 'backend-connection-refused', words: 'backend connection refused' },
};
const unused: EndpointState = {
  ...{ ...asleep, id: 'i/sandbox', name: 'sandbox', side: 'sandbox', state: 'active', since: null, nextTryIn: null },
  ...{ answers: 0, faults: 0, cause: null },
};

test('metrics leave out what was never called, and names cannot break their form', async () => {
  const text = await endpointMetrics([asleep, unused]);
  const labels = '{api="o\\"r\\\\d\\ners/1",endpoint="prod",id="i/prod"}';
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    [
      `sluice_endpoint_state${labels} 3`,
      `sluice_endpoint_next_try_seconds${labels} 1.2`,
      `sluice_endpoint_answers_total${labels} 3`,
      `sluice_endpoint_faults_total${labels} 2`,
    ],
  );
});

test('a table says why calls do not go somewhere and when they will, and what it left out', () => {
  const api = 'orders/1';
  assert.equal(
    endpointTable(
      [
        { ...asleep, api },
        { ...unused, api },
      ],
      3,
    ),
    [
      'STATE      SINCE                     NEXT TRY  CAUSE                              ANSWERS  FAULTS  API       ENDPOINT  URL        ID',
      'suspended  2023-11-14T22:14:00.000Z  1200 ms   101503 backend connection refused  3        2       orders/1  prod      http://b/  i/prod',
      'active     -                         -         -                                  0        0       orders/1  sandbox   http://b/  i/sandbox',
      '2 of 3; --limit shows more',
      '',
    ].join('\n'),
  );
  assert.match(endpointTable([], 0), /serves no such endpoint/);
});
