import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';
import { ask, connectStreams, startStreamBackend } from '../testing/streams.ts';

const ours = await certificate(['localhost']);

test('a call of HTTP/1.1 reaches a backend of HTTP/2', async (t) => {
  const heads: (readonly string[])[] = [];
  const backend = await startStreamBackend(t, (stream, raw) => {
    heads.push(raw);
    const parts: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    stream.on('trailers', (headers) => parts.push(Buffer.from(` ${headers['x-sum']}`)));
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'x-a': ['1', '2'] });
      stream.end(Buffer.concat(parts));
    });
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET /x?y=z HTTP/1.1\r\nHost: gw.example\r\nX-A: 1\r\nX-a: 2\r\nTE: trailers\r\nConnection: te\r\n\r\n');
  const answer = await readAnswer(client);
  assert.equal(answer.start, 'HTTP/1.1 200 OK');
  assert.equal(answer.framing, 'chunked');
  assert.deepEqual(heads[0], [
    ...[':method', 'GET', ':scheme', 'http', ':authority', 'gw.example', ':path', '/x?y=z'],
    ...['te', 'trailers', 'x-a', '1', 'x-a', '2'],
  ]);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
  assert.equal((await readAnswer(client)).body.toString(), 'hello');
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n');
  assert.equal((await readAnswer(client)).body.toString(), 'hello 7');
  assert.equal(backend.sessions.length, 1);
});

test('from stream to stream', async (t) => {
  const backend = await startStreamBackend(t, (stream) => {
    const parts: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    stream.on('end', () => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat(parts));
    });
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const answer = await ask(client, '/', { method: 'POST', body: 'hello' });
  assert.deepEqual([answer.status, answer.body.toString(), answer.trailers], [200, 'hello', { 'grpc-status': '0' }]);
});
