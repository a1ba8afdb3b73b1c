import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead } from '../testing/message.ts';
import { startStreamBackend } from '../testing/streams.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

test('an answer beyond the bound becomes a fault, or breaks off when it has begun', async (t) => {
  const backend = await startStreamBackend(t, (stream, raw) => {
    const path = raw[raw.indexOf(':path') + 1];
    const size = path === '/fits' ? 1000 : 1001;
    stream.on('error', () => {});
    stream.respond({ ':status': 200, ...(path === '/unmeasured' ? {} : { 'content-length': String(size) }) });
    stream.end('x'.repeat(size));
  });
  const gateway = await startGateway(t, { backend, limits: { bodyBytes: 1000 } });
  const client = await gateway.connect();
  client.send(get('/fits'));
  assert.equal((await readAnswer(client)).body.length, 1000);
  client.send(get('/measured'));
  assert.equal((await readAnswer(client)).status, 502);
  assert.deepEqual([gateway.faults[0]?.kind, gateway.faults[0]?.limit], ['response-too-large', 1000]);
  client.send(get('/unmeasured'));
  await readHead(client);
  assert.ok(!(await client.rest()).includes('0\r\n\r\n'));
  assert.equal((await gateway.ended(2)).end, 'backend-closed');
});
