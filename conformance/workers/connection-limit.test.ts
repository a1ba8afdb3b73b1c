import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { metric, serveApi } from './all-in-one.ts';
import { path } from './projects.ts';
import { logged, logLines, workerBehind, workersOf } from './workers.ts';

const limit = '[passthru_http]\nmax_open_connections = 3\n';
const pausedMessage = 'no more connections are accepted: the most are open; new ones wait';
const resumedMessage = 'connections are accepted again';

/** A connection of a client, and what came on it. */
class Client {
  received = '';
  readonly socket: Socket;

  constructor(t: TestContext, url: string) {
    const { protocol, port } = new URL(url);
    const where = { host: '127.0.0.1', port: Number(port) };
    this.socket = protocol === 'https:' ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where);
    this.socket.on('error', () => {});
    this.socket.setEncoding('latin1').on('data', (text) => {
      this.received += text;
    });
    t.after(() => this.socket.destroy());
  }

  ask(): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`);
  }

  answers(count: number): Promise<true> {
    return eventually(`${count} answers, of ${this.received}`, 10_000, async () =>
      this.received.split('HTTP/1.1 200 OK').length > count ? true : undefined,
    );
  }
}

test('all processes and both ports together accept no more than the most; others wait in the queue and none is lost', async (t) => {
  const backend = await recordingBackend(t, () => ok('here'));
  const program = await serveApi(t, backend.url, limit);
  const workers = workersOf(program);
  const { gateway = '', gatewayTls = '' } = program.urls;
  await logged(program, resumedMessage);
  const before = logLines(program, pausedMessage).length;

  const open = [new Client(t, gateway), new Client(t, gatewayTls), new Client(t, gateway)];
  for (const client of open) {
    client.ask();
    await client.answers(1);
  }
  await logged(program, pausedMessage, before + 1);
  assert.equal(await metric(program, 'sluice_gateway_accepting'), 0);
  assert.ok(((await metric(program, 'sluice_gateway_accept_pauses_total')) ?? 0) >= 2);

  const waiting = [new Client(t, gateway), new Client(t, gateway), new Client(t, gatewayTls)];
  for (const client of waiting) client.ask();
  await once(waiting[1]?.socket as Socket, 'connect');
  for (let round = 2; round < 12; round++) {
    for (const client of open) {
      client.ask();
      await client.answers(round);
    }
  }
  for (const { received, socket } of waiting) {
    assert.equal(received, '');
    assert.equal(workerBehind(workers, socket.localPort ?? 0), undefined, 'nobody has accepted it');
  }
  for (const [index, client] of open.entries()) {
    client.socket.destroy();
    await eventually('one more is served', 10_000, async () =>
      waiting.filter(({ received }) => received !== '').length > index ? true : undefined,
    );
  }
  for (const client of waiting) {
    await client.answers(1);
    client.socket.destroy();
  }

  const burst = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      call(index % 2 ? gateway : gatewayTls, path, { headers: { connection: 'close' } }),
    ),
  );
  assert.deepEqual(new Set(burst.map(({ status }) => status)), new Set([200]));
  await logged(program, resumedMessage, before + 1);
  assert.equal(await metric(program, 'sluice_gateway_accepting'), 1);
  assert.equal(logLines(program, pausedMessage).length, before + 1, 'one pause is one line');
  assert.deepEqual(workersOf(program), workers);
  assert.equal(await program.stop(), 0);
});

test('a new process after a crash accepts its part again', async (t) => {
  const backend = await recordingBackend(t, () => ok('here'));
  const program = await serveApi(t, backend.url, limit);
  const { gateway = '' } = program.urls;
  const open = [1, 2, 3].map(() => new Client(t, gateway));
  for (const client of open) {
    client.ask();
    await client.answers(1);
  }
  const [first, second] = workersOf(program);
  const held = open.map(({ socket }) => workerBehind([first as number, second as number], socket.localPort ?? 0));
  assert.deepEqual(held.filter((pid) => pid === first).length + held.filter((pid) => pid === second).length, 3);
  process.kill(first as number, 'SIGKILL');
  await logged(program, 'a gateway process ended and is replaced');
  const lost = held.filter((pid) => pid === first).length;
  const next = Array.from({ length: lost }, () => new Client(t, gateway));
  for (const client of next) {
    client.ask();
    await client.answers(1);
  }
  assert.equal(await program.stop(), 0);
});
