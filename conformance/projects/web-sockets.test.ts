import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { echoSockets } from '../wire/echo-sockets.ts';
import { eventually } from '../wire/eventually.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/** Opens a WebSocket; resolves with its connection when the 101 is there. */
async function open(t: TestContext, gateway: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(gateway);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  return socket;
}

/** Waits for the end of a connection, whatever it is. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

test('a project of type WS is served by the workers, silent sockets end in time, and a stop ends the others', async (t) => {
  const backend = await echoSockets(t);
  const folder = join(temporaryHome(t), 'apis');
  mkdirSync(join(folder, 'Chat'), { recursive: true });
  writeFileSync(
    join(folder, 'Chat', 'api.yaml'),
    `type: api
version: v4.7.0
data:
  name: Chat
  context: /chat
  version: 1.0.0
  provider: admin
  lifeCycleStatus: PUBLISHED
  type: WS
  policies: [Unlimited]
  endpointConfig:
    endpoint_type: ws
    production_endpoints: { url: '${backend.url}' }
  operations:
    - { target: '/rooms/{id}', verb: SUBSCRIBE, authType: None, throttlingPolicy: Unlimited, uriMapping: '/room/{uri.var.id}' }
`,
  );
  const program = await startProgram(t, {
    args: ['gateway', '--apis', folder],
    env: { SLUICE_GATEWAY__WORKERS: '2' },
    settings: `[sluice.gateway]
websocket_idle_timeout = "1s"
[http_access_log]
pattern = "%s %U %i %B"
[passthru_http]
'transport.listener.shutdown.wait.sec' = 1
`,
  });
  const gateway = program.urls.gateway as string;
  assert.equal((await call(gateway, '/chat/1.0.0/rooms/1')).status, 426);
  const silent = await open(t, gateway, '/chat/1.0.0/rooms/1');
  const talking = await open(t, gateway, '/chat/1.0.0/rooms/2?x=1');
  silent.on('error', () => {});
  let words = 0;
  talking.on('error', () => {});
  talking.on('data', () => {
    words++;
    setTimeout(() => talking.write('word'), 50);
  });
  talking.write('word');
  await closed(silent);
  assert.ok(words > 5, `${words} words`);
  assert.deepEqual(backend.targets, ['/base/room/1', '/base/room/2?x=1']);
  const ended = closed(talking);
  assert.equal(await program.stop(), 0);
  await ended;
  const log = await eventually('both records', 5000, async () => {
    const text = readFileSync(join(program.home, 'logs', 'http_access_gateway.log'), 'utf8');
    return text.split('\n').filter((line) => line.startsWith('101 ')).length === 2 ? text : undefined;
  });
  assert.match(log, /^101 \/chat\/1\.0\.0\/rooms\/1 0 0$/m);
  assert.match(log, /^101 \/chat\/1\.0\.0\/rooms\/2 \d{2,} \d{2,}$/m);
});
