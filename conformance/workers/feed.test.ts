import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { changeLifecycle, clientToken, subscribe } from '../main-job/journey.ts';
import { RestClient } from '../main-job/rest-client.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { serveApi } from './all-in-one.ts';
import { workerBehind, workersOf } from './workers.ts';

test('a change and a revocation reach every worker within a second', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveApi(t, backend.url);
  const { job, apiId } = program;
  const lines = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  const keys = await subscribe(job, apiId);
  const token = await clientToken(job, keys);
  const everywhere = (status: number, millis: number) =>
    eventually(`every worker answers ${status}`, millis, async () => {
      const answers = await Promise.all(lines.map((line) => line.get('/open/1.0.0/closed', token)));
      return answers.every((answer) => answer === status) ? true : undefined;
    });
  await everywhere(200, 5000);

  const client = new RestClient(
    job.control,
    `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`,
  );
  await client.call('POST', '/oauth2/revoke', { urlencoded: { token, token_type_hint: 'access_token' }, expect: 200 });
  await everywhere(401, 1000);

  await changeLifecycle(job, apiId, 'Block');
  await everywhere(503, 1000);
  assert.equal(await program.stop(), 0);
});

/** One kept connection to each worker. */
async function lineToEach(t: TestContext, gateway: string, workers: readonly number[]): Promise<Line[]> {
  const lines = new Map<number, Line>();
  const { port } = new URL(gateway);
  for (let tries = 0; lines.size < workers.length; tries++) {
    assert.ok(tries < 500, 'every worker takes connections');
    const line = new Line(connect(Number(port), '127.0.0.1'));
    t.after(() => line.socket.destroy());
    await line.get('/open/1.0.0/unknown');
    const worker = workerBehind(workers, line.socket.localPort as number) as number;
    if (lines.has(worker)) line.socket.destroy();
    else lines.set(worker, line);
  }
  return [...lines.values()];
}

/** A connection that is kept from call to call. */
class Line {
  readonly socket: Socket;
  #text = '';
  #arrived = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (chunk) => {
      this.#text += chunk;
      this.#arrived();
    });
  }

  /** Resolves with the status of the answer. */
  async get(path: string, token = ''): Promise<number> {
    const authorization = token && `Authorization: Bearer ${token}\r\n`;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${authorization}\r\n`);
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      const length = Number(/content-length: *(\d+)/i.exec(this.#text.slice(0, Math.max(0, end)))?.[1] ?? 0);
      if (end >= 0 && this.#text.length >= end + 4 + length) {
        const status = Number(this.#text.slice(9, 12));
        this.#text = this.#text.slice(end + 4 + length);
        return status;
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}
