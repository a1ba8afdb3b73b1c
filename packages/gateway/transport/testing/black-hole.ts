import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Route } from '../call.ts';

/** Listens and then never accepts: its thread is stuck. */
const listening = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/** A route where a connect neither succeeds nor fails: the kernel drops a SYN when the accept queue is full. */
export async function blackHole(t: Pick<TestContext, 'after'>): Promise<Route> {
  const worker = new Worker(listening, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  // A backlog of 1 has room for two connections.
  const fillers = [1, 2].map(() => connect(port, '127.0.0.1'));
  t.after(async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  });
  for (const socket of fillers) {
    socket.on('error', () => {});
    await once(socket, 'connect');
  }
  return { host: '127.0.0.1', port, tls: null };
}
