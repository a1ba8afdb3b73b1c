import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startWebSocketBackend } from '../../packages/gateway/testing/web-socket.ts';
import { startProgram } from '../program/program.ts';
import { eventually } from '../wire/eventually.ts';
import { changeLifecycle, clientToken, createApi, deploy, journey, subscribe } from './journey.ts';

test('a WebSocket API is made over REST, subscribed to, and opened by a page with its token in the query', async (t) => {
  const backend = await startWebSocketBackend(t);
  const program = await startProgram(t);
  const person = journey(program.urls.controlHttp as string);
  const api = await createApi(person, {
    name: 'Ticker',
    context: '/ticker',
    version: '1.0.0',
    type: 'WS',
    endpointConfig: { endpoint_type: 'ws', production_endpoints: { url: `${backend.url}/base` } },
  });
  await deploy(person, api.id);
  await changeLifecycle(person, api.id, 'Publish');
  const token = await clientToken(person, await subscribe(person, api.id));
  const url = new URL('/ticker/1.0.0/prices', program.urls.gateway);
  url.protocol = 'ws:';
  // The subscription may reach the gateway a moment after the REST call.
  const socket = await eventually('the socket opens', 5000, async () => {
    const candidate = new WebSocket(`${url}?access_token=${token}&unit=eur`);
    const opened = await Promise.race([
      once(candidate, 'open').then(() => true),
      new Promise<false>((resolve) => candidate.addEventListener('error', () => resolve(false))),
    ]).catch(() => false);
    return opened ? candidate : undefined;
  });
  const heard = once(socket, 'message') as Promise<[{ data: string }]>;
  socket.send('price?');
  assert.equal((await heard)[0].data, 'price?');
  assert.deepEqual(
    backend.asked.map(({ url }) => url),
    ['/base?unit=eur'],
  );
  const closed = once(socket, 'close') as Promise<[{ wasClean: boolean; code: number }]>;
  socket.close(1000);
  const [{ wasClean, code }] = await closed;
  assert.deepEqual([wasClean, code], [true, 1000]);
  const refused = new WebSocket(`${url}?access_token=${token}x`);
  await new Promise((resolve) => refused.addEventListener('error', resolve));
  assert.equal(backend.asked.length, 1);
});
