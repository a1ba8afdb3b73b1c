import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { JsonObject, SharedEndpoint } from '@sluice/model';
import { apiBody, people, startControlPlane } from '../testing/control-plane.ts';

const path = '/api/sluice/v1/shared-endpoints';
const url = 'http://b.example.com';
const orders = { name: 'conf:/orders', endpointConfig: { production_endpoints: { url } } };
const secured = (password: string): JsonObject => ({
  production_endpoints: { url },
  endpoint_security: { production: { enabled: true, type: 'BASIC', username: 'u', password } },
});
const indirect = (key: string): JsonObject => ({ endpoint_type: 'indirect', production_endpoints: { key } });

async function start(t: TestContext) {
  const control = await startControlPlane();
  t.after(() => control.close());
  const admin = (method: string, below: string, expect: number, json?: unknown) =>
    control.call(method, path + below, { as: people.admin, expect, ...(json === undefined ? {} : { json }) });
  return { control, admin };
}

test('a shared endpoint is made, read, changed and removed, and gateways hear of it with sealed secrets', async (t) => {
  const { control, admin } = await start(t);
  await control.events();
  const made = await admin('POST', '', 201, { ...orders, endpointConfig: secured('hunter2') });
  assert.equal(made.headers.get('location')?.endsWith(`${path}/${made.body.id}`), true);
  const [event] = await control.events();
  assert.deepEqual([event?.kind, event?.id, event?.environment], ['endpoint', 'carbon.super/conf:/orders', null]);
  const told = event?.value as SharedEndpoint;
  assert.doesNotMatch(JSON.stringify(told), /hunter2/);
  assert.deepEqual(control.secrets.unseal(told.endpointConfig, told.id), secured('hunter2'));
  const { body } = await admin('GET', `/${made.body.id}`, 200);
  assert.deepEqual(body.endpointConfig, secured(''));
  await admin('PUT', `/${body.id}`, 200, { ...body, description: 'changed' });
  const [changed] = await control.events();
  const kept = changed?.value as SharedEndpoint;
  assert.deepEqual(control.secrets.unseal(kept.endpointConfig, kept.id), secured('hunter2'));
  await admin('PUT', `/${body.id}`, 400, { ...body, name: 'other' });
  const list = await admin('GET', '?query=ORD', 200);
  assert.deepEqual(
    list.body.list.map(({ name, description }: SharedEndpoint) => [name, description]),
    [['conf:/orders', 'changed']],
  );
  assert.equal((await admin('GET', '?query=none', 200)).body.count, 0);
  const { entries } = await control.controlPlane.feed('Default').snapshot(new AbortController().signal);
  assert.deepEqual(entries.find(({ kind }) => kind === 'endpoint')?.value, kept);
  await admin('DELETE', `/${body.id}`, 200);
  assert.equal((await control.events())[0]?.value, null);
  for (const method of ['GET', 'DELETE']) await admin(method, `/${body.id}`, 404);
});

test('what is wrong with a shared endpoint is said, and a name is given once', async (t) => {
  const { admin } = await start(t);
  await admin('POST', '', 201, orders);
  await admin('POST', '', 409, orders);
  const { body } = await admin('POST', '', 400, {
    name: 'x',
    endpointConfig: { production_endpoints: { url: 'nowhere' } },
  });
  assert.match(body.description, /endpointConfig\.production_endpoints\.url: "nowhere" found/);
  await admin('POST', '', 400, { name: 'two words', endpointConfig: orders.endpointConfig });
  await admin('POST', '', 400, { name: 'y', endpointConfig: indirect('conf:/orders') });
});

test('only the administrator changes what every API may use; creators see it, others do not', async (t) => {
  const { control, admin } = await start(t);
  const { id } = (await admin('POST', '', 201, orders)).body;
  await control.call('GET', path, { as: people.creator, expect: 200 });
  for (const as of ['', people.subscriber, 'admin:wrong']) await control.call('GET', path, { as, expect: 401 });
  for (const as of ['', people.creator, people.publisher, people.subscriber]) {
    await control.call('POST', path, { as, json: { ...orders, name: 'mine' }, expect: 401 });
    await control.call('PUT', `${path}/${id}`, { as, json: orders, expect: 401 });
    await control.call('DELETE', `${path}/${id}`, { as, expect: 401 });
  }
});

test('an API refers to what is there and fits, and what it refers to cannot be removed', async (t) => {
  const { control, admin } = await start(t);
  const create = (name: string, endpointConfig: JsonObject, expect: number) =>
    control.publisher('POST', '/apis', { json: apiBody(name, { endpointConfig }), expect });
  const { body: refused } = await create('A', indirect('conf:/orders'), 400);
  assert.match(refused.description, /there is no shared endpoint "conf:\/orders"/);
  const { id } = (await admin('POST', '', 201, orders)).body;
  const { body: api } = await create('A', indirect('conf:/orders'), 201);
  await create('B', { endpoint_type: 'Registry', production_endpoints: { url: 'conf:/orders' } }, 201);
  const { body } = await admin('DELETE', `/${id}`, 409);
  assert.match(body.description, /conf:\/orders is used by A 1\.0\.0, B 1\.0\.0/);
  await control.publisher('PUT', `/apis/${api.id}`, {
    json: { ...api, endpointConfig: indirect('none') },
    expect: 400,
  });

  const template = {
    ...{ name: 'patient', parameters: [{ name: 'uri' }] },
    endpointConfig: { production_endpoints: { url: '$uri' } },
  };
  await admin('POST', '', 201, template);
  const from = (more: JsonObject) => ({
    endpoint_type: 'template',
    production_endpoints: { template: 'patient', ...more },
  });
  const { body: open } = await create('C', from({}), 400);
  assert.match(open.description, /parameters\.uri/);
  await create('C', from({ uri: 'http://c.example.com' }), 201);
});

test('the address of a WSDL endpoint is read when it is saved, and again when its place is another one', async (t) => {
  const { control, admin } = await start(t);
  let asked = 0;
  const port = (name: string, address: string) => `<port name="${name}"><address location="${address}"/></port>`;
  const server = createServer((request, response) => {
    asked++;
    if (request.url === '/none') response.writeHead(404).end();
    else
      response.end(
        `<definitions><service name="S">${port('A', `${url}/a`)}${port('B', `${url}/b`)}</service></definitions>`,
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const place = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wsdl = (more: JsonObject): JsonObject => ({
    endpoint_type: 'wsdl',
    production_endpoints: { url: `${place}/orders?wsdl`, ...more },
  });
  const { body: api } = await control.publisher('POST', '/apis', {
    json: apiBody('A', { endpointConfig: wsdl({}), type: 'SOAP' }),
    expect: 201,
  });
  assert.equal(api.endpointConfig.production_endpoints.address, `${url}/a`);
  assert.equal(asked, 1);
  const save = (endpointConfig: JsonObject, expect = 200) =>
    control.publisher('PUT', `/apis/${api.id}`, { json: { ...api, endpointConfig }, expect });
  await save(api.endpointConfig);
  assert.equal(asked, 1, 'nothing has changed');
  const moved = await save(wsdl({ address: `${url}/a`, config: { port: 'B' } }));
  assert.equal(moved.body.endpointConfig.production_endpoints.address, `${url}/b`);
  const wrong = await save(wsdl({ config: { service: 'T' } }), 400);
  assert.match(wrong.body.description, /no service "T", but "S"/);
  assert.match((await save(wsdl({ url: `${place}/none` }), 400)).body.description, /it answered 404/);
  const shared = await admin('POST', '', 201, { name: 'soap', endpointConfig: wsdl({}) });
  assert.equal(shared.body.endpointConfig.production_endpoints.address, `${url}/a`);
});

test('a mocked API is served with the answers of its definition, in the event and in the snapshot alike', async (t) => {
  const { control } = await start(t);
  const { body: api } = await control.publisher('POST', '/apis', {
    json: apiBody('A', { endpointImplementationType: 'INLINE', operations: [{ target: '/a', verb: 'GET' }] }),
    expect: 201,
  });
  const definition = {
    ...{ openapi: '3.0.3', info: { title: 'A', version: '1.0.0' } },
    paths: {
      '/a': { get: { responses: { 200: { description: 'Fine', content: { 'application/json': { example: [1] } } } } } },
    },
  };
  await control.publisher('PUT', `/apis/${api.id}/swagger`, {
    form: { apiDefinition: JSON.stringify(definition) },
    expect: 200,
  });
  const { body: revision } = await control.publisher('POST', `/apis/${api.id}/revisions`, { json: {}, expect: 201 });
  await control.events();
  const json = [{ name: 'Default', vhost: 'localhost' }];
  await control.publisher('POST', `/apis/${api.id}/deploy-revision?revisionId=${revision.id}`, { json, expect: 201 });
  const [event] = await control.events();
  assert.ok(event?.kind === 'api' && event.value !== null);
  assert.deepEqual(event.value.endpoints, {
    production: { kind: 'mock', name: 'prod' },
    sandbox: { kind: 'mock', name: 'sandbox' },
  });
  assert.deepEqual(event.value.operations[0]?.mock, [{ status: '200', json: '[1]' }]);
  const { entries } = await control.controlPlane.feed('Default').snapshot(new AbortController().signal);
  assert.deepEqual(entries.find(({ kind }) => kind === 'api')?.value, event.value);
});
