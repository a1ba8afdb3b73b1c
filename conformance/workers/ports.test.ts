import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { anyPorts, runProgram, temporaryHome } from '../program/program.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { serveProject } from './projects.ts';
import { workersOf } from './workers.ts';

test('a second program of the same user does not share the ports of the first, and names it', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const first = await serveProject(t, backend.url);
  for (const url of [first.urls.gateway, first.urls.gatewayTls]) {
    const { port } = new URL(url as string);
    const listener = url === first.urls.gateway ? `port = ${port}` : `port = 0\nsecured_port = ${port}`;
    const settings = `[gateway]\nworkers = 2\n[transport.http.listener]\n${listener}\n`;
    const args = ['gateway', '--apis', first.folder];
    const { code, stderr } = await runProgram(t, { args, settings, home: temporaryHome(t) });
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`port ${port} is in use by .*pid (${[first.pid, ...workersOf(first)].join('|')})`));
    assert.match(stderr, /--offset/);
  }
  assert.equal(await first.stop(), 0);
});

test('a port of another program refuses the start with that program named, and no worker stays', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const settings = anyPorts
    .replace('workers = 0', 'workers = 2')
    .replace(
      '[transport.http.listener]\nport = 0',
      `[transport.http.listener]\nport = ${port}\nbind_address = "127.0.0.1"`,
    );
  const { code, stderr } = await runProgram(t, { args: ['start', '--no-sample'], settings, home: temporaryHome(t) });
  assert.notEqual(code, 0);
  assert.match(stderr, new RegExp(`port ${port} is in use by .*pid ${process.pid}`));
});
