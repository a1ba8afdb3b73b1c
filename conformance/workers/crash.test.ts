import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { metric, serveApi } from './all-in-one.ts';
import { Callers } from './callers.ts';
import { heldBackend } from './held-backend.ts';
import { path, serveProject } from './projects.ts';
import { logged, logLines, runInside, workerBehind, workersOf } from './workers.ts';

const replaced = 'a gateway process ended and is replaced';

test('a killed worker takes its own calls with it and no other, says so once, and is replaced', async (t) => {
  const backend = await heldBackend(t);
  const program = await serveApi(t, backend.url);
  const gateway = new URL(program.urls.gateway as string);
  const before = workersOf(program);
  assert.equal(before.length, 2);
  const clients: { socket: Socket; text: string; closed: Promise<unknown> }[] = [];
  const holders = new Map<Socket, number>();
  // Calls are made until both workers have some.
  while (clients.length < 10 || new Set(holders.values()).size < 2) {
    assert.ok(clients.length < 500, 'both workers take connections');
    const socket = connect(Number(gateway.port), '127.0.0.1');
    const client = { socket, text: '', closed: once(socket, 'close') };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      client.text += chunk;
    });
    clients.push(client);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    await backend.holds(clients.length);
    holders.set(socket, workerBehind(before, socket.localPort as number) as number);
  }
  const victim = holders.get(clients[0]?.socket as Socket) as number;
  const lost = clients.filter(({ socket }) => holders.get(socket) === victim);
  const kept = clients.filter(({ socket }) => holders.get(socket) !== victim);
  // What is known of the calls in flight is as old as the worker's last sign of life.
  await eventually('all calls are counted', 5000, async () =>
    (await metric(program, 'sluice_gateway_calls_in_flight')) === clients.length ? true : undefined,
  );
  process.kill(victim, 'SIGKILL');
  const line = await logged(program, replaced);
  assert.deepEqual([line.worker, line.exit, line.callsLost], [victim, 'SIGKILL', lost.length]);
  for (const { closed } of lost) await closed;
  await eventually('the successor', 10_000, async () => (workersOf(program).length === 2 ? true : undefined));
  backend.release();
  for (const client of kept) {
    await client.closed;
    assert.match(client.text, /^HTTP\/1\.1 200 .*held$/s);
  }
  assert.ok(lost.every(({ text }) => text === ''));
  assert.equal(logLines(program, replaced).length, 1);
  await eventually('the counters have every call, also those of the one that is gone', 5000, async () => {
    const [all = 0, refused = 0] = [
      await metric(program, 'sluice_gateway_calls_total'),
      await metric(program, 'sluice_gateway_refused_total'),
    ];
    return all - refused === clients.length ? true : undefined;
  });
  assert.equal(await metric(program, 'sluice_gateway_worker_restarts_total{reason="crash"}'), 1);
  await eventually('two serve', 5000, async () =>
    (await metric(program, 'sluice_gateway_workers')) === 2 ? true : undefined,
  );
  assert.equal(await program.stop(), 0);
});

test('workers that are killed one after the other, and all at once, leave no new call without an answer', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url);
  const gateway = program.urls.gateway as string;
  const first = workersOf(program);
  let kills = 0;
  for (const victims of [[first[0]], [first[1]]]) {
    for (const victim of victims) process.kill(victim as number, 'SIGKILL');
    kills += victims.length;
    // The very next connections wait in the queue, or are taken by the other one.
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(gateway, path)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    await logged(program, replaced, kills);
    await eventually('two again', 10_000, async () => (workersOf(program).length === 2 ? true : undefined));
  }
  const second = workersOf(program);
  for (const victim of second) process.kill(victim, 'SIGKILL');
  assert.equal((await call(gateway, path)).status, 200, 'a call waits for the successor');
  await logged(program, replaced, kills + 2);
  assert.ok(workersOf(program).every((pid) => !first.includes(pid) && !second.includes(pid)));
  assert.equal(await program.stop(), 0);
});

test('a defect that nobody catches ends one worker, with its stack in the log, and service goes on', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url);
  const [victim] = workersOf(program);
  await runInside(program, victim as number, '(function defective() { throw new Error("made by a test"); })()');
  const defect = await logged(program, 'a defect ends this process');
  assert.equal(defect.reason, 'made by a test');
  assert.match(String(defect.stack), /at .*defective/);
  const line = await logged(program, replaced);
  assert.deepEqual([line.worker, line.exit], [victim, 'code 1']);
  const callers = new Callers({ url: program.urls.gateway as string, path, count: 4, keepAlive: false });
  await eventually('calls', 10_000, async () => (callers.answers > 50 ? true : undefined));
  await callers.stop();
  assert.deepEqual(callers.failures, []);
  assert.equal(await program.stop(), 0);
});

test('a worker that ends again and again is started later and later, and serves when it stays', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url, { workers: 1 });
  let waited = 0;
  let victim: number | undefined;
  for (let kills = 1; kills <= 4; kills++) {
    const gone = victim;
    victim = await eventually('a worker', 10_000, async () => workersOf(program).find((pid) => pid !== gone));
    process.kill(victim, 'SIGKILL');
    const line = await logged(program, replaced, kills);
    const said = Date.parse(String(line.time));
    await eventually('its successor', 10_000, async () => workersOf(program).find((pid) => pid !== victim));
    waited = Date.now() - said;
  }
  assert.ok(waited >= 350, `the fourth successor came after ${waited} ms`);
  assert.equal((await call(program.urls.gateway as string, path)).status, 200);
  assert.equal(await program.stop(), 0);
});
