import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Endpoint, MockAnswer, RuntimeEntry, SharedEndpoint } from '@sluice/model';
import { entry, leaf, operation, tireless } from '../../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../../testing/gateway.ts';
import { bearer, startBackend } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';
import { deadUrl } from '../../transport/testing/dead.ts';

const authorization = () => bearer(issuer.token());

async function withEndpoint(
  t: TestContext,
  production: (backendUrl: string) => Endpoint,
  options: Parameters<typeof stage>[1] = {},
  operations = [operation('GET', '/*'), operation('POST', '/*')],
): Promise<Stage> {
  const world = await stage(t, options);
  const endpoints = { production: production(world.backend.url), sandbox: null };
  await world.put(entry.api(ordersApi(world.backend, { endpoints, operations })));
  return world;
}

const causeOf = (answer: { readonly headers: Record<string, unknown> }) => answer.headers['sluice-cause'];

test('a default endpoint goes where the header To says, to allowed hosts alone', async (t) => {
  const { call, backend } = await withEndpoint(t, () => leaf('', { kind: 'default' }), {
    dynamicHosts: ['127.0.0.1:*'],
  });
  const to = (url: string) => call('/orders/1.0.0/x?y=1', { headers: { ...authorization(), to: url } });
  assert.equal((await to(`${backend.url}/base?k=2`)).status, 200);
  const [received] = backend.received;
  assert.equal(received?.url, '/base/x?k=2&y=1');
  assert.equal(received?.headers.to, undefined);
  for (const [url, status, cause] of [
    ['http://169.254.169.254/latest', 403, 'endpoint-address-refused'],
    ['http://localhost/', 403, 'endpoint-address-refused'],
    [`http://user@127.0.0.1:${backend.port}/`, 400, 'endpoint-address-missing'],
    ['file:///etc/passwd', 400, 'endpoint-address-missing'],
    ['/relative', 400, 'endpoint-address-missing'],
    [`${backend.url}/base/..%2f`, 400, 'bad-request'],
    ['', 400, 'endpoint-address-missing'],
  ] as const) {
    const answer = await to(url);
    assert.deepEqual([answer.status, causeOf(answer)], [status, cause], url);
  }
  assert.equal(backend.received.length, 1);
});

test('without an allow-list no call chooses its host', async (t) => {
  const { call, backend } = await withEndpoint(t, () => leaf('', { kind: 'default' }));
  const answer = await call('/orders/1.0.0/x', { headers: { ...authorization(), to: backend.url } });
  assert.deepEqual([answer.status, causeOf(answer)], [403, 'endpoint-address-refused']);
});

test('a host that does not answer rests, and the other hosts of the same endpoint do not', async (t) => {
  const dead = await deadUrl();
  const { call, backend } = await withEndpoint(t, () => leaf('', { kind: 'default' }), {
    dynamicHosts: ['127.0.0.1:*'],
  });
  const to = (url: string) => call('/orders/1.0.0/x', { headers: { ...authorization(), to: url } });
  assert.equal(causeOf(await to(dead)), 'backend-connection-refused');
  const rests = await to(dead);
  assert.deepEqual([rests.status, causeOf(rests)], [503, 'http-endpoint-not-ready']);
  assert.match(rests.body, new RegExp(`Name : prod:${dead}`));
  assert.equal((await to(backend.url)).status, 200);
});

test('a call cannot make the gateway remember hosts without bound', async (t) => {
  const { call, gateway } = await withEndpoint(t, () => leaf('', { kind: 'default' }), { dynamicHosts: ['127.0.*:9'] });
  const to = (host: string) => call('/orders/1.0.0/x', { headers: { ...authorization(), to: `http://${host}:9/` } });
  for (let host = 1; host <= 105; host++) await to(`127.0.0.${host}`);
  await to('127.0.0.6');
  await to('127.0.1.1');
  const names = [...gateway.leaves()].map(({ name }) => name);
  assert.equal(names.length, 100);
  assert.ok(names.includes('prod:http://127.0.0.6:9'), 'it was used again');
  for (const gone of ['5', '7']) assert.ok(!names.includes(`prod:http://127.0.0.${gone}:9`));
});

test('variables of a URL come from path and query; they choose a host only where it is allowed', async (t) => {
  const operations = [operation('GET', '/{host}/{id}/items'), operation('GET', '/url/{address}')];
  const world = await withEndpoint(
    t,
    (url) =>
      leaf(`http://{uri.var.host}:${new URL(url).port}/t/{uri.var.id}/{+uri.var.id}?v={query.param.v}&w={uri.var.id}`),
    { dynamicHosts: ['127.0.0.1:*'] },
    operations,
  );
  const { call, backend, put } = world;
  const headers = authorization();
  assert.equal((await call('/orders/1.0.0/127.0.0.1/a%2Fb&c/items?v=7%26', { headers })).status, 200);
  assert.equal(backend.received[0]?.url, '/t/a%2Fb&c/a/b&c/127.0.0.1/a%2Fb&c/items?v=7%26&w=a%2Fb%26c&v=7%26');
  const refused = await call('/orders/1.0.0/localhost/a/items', { headers });
  assert.deepEqual([refused.status, causeOf(refused)], [403, 'endpoint-address-refused']);
  const endpoints = { production: leaf('{uri.var.address}/fixed'), sandbox: null };
  await put(entry.api(ordersApi(backend, { endpoints, operations })));
  const address = encodeURIComponent(`${backend.url}/deep`);
  assert.equal((await call(`/orders/1.0.0/url/${address}`, { headers })).status, 200);
  assert.match(backend.received[1]?.url ?? '', /^\/deep\/fixed\/url\//);
});

test('a variable cannot lead out of the path that the endpoint names', async (t) => {
  const { call, backend } = await withEndpoint(t, (url) => leaf(`${url}/safe/{query.param.x}/end`));
  const ask = (x: string) => call(`/orders/1.0.0/a?x=${x}`, { headers: authorization() });
  for (const x of ['..', '%2e%2e', '..;a', '..%2fadmin']) assert.equal(causeOf(await ask(x)), 'bad-request', x);
  assert.equal((await ask('a/b?c%23')).status, 200);
  assert.equal(backend.received[0]?.url, '/safe/a%2Fb%3Fc%23/end/a?x=a/b?c%23');
});

test('a variable that nothing sets makes the endpoint unusable, and says so', async (t) => {
  const { call } = await withEndpoint(t, (url) => leaf(`${url}/{tenant}`));
  const answer = await call('/orders/1.0.0/a', { headers: authorization() });
  assert.deepEqual([answer.status, causeOf(answer)], [500, 'endpoint-unresolved']);
  assert.match(answer.body, /nothing sets the variable \{tenant\}/);
});

test('WSDL endpoints and services are called at their address; one whose address was not read says so', async (t) => {
  const wsdl = { uri: 'http://b/x?wsdl', service: 'S', port: 'P' };
  const { call, backend, put } = await withEndpoint(t, (url) =>
    leaf(`${url}/soap`, { kind: 'wsdl', wsdl, format: 'soap11' }),
  );
  const post = () => call('/orders/1.0.0/below', { method: 'POST', headers: authorization(), body: '<a/>' });
  assert.equal((await post()).status, 200);
  const serve = (production: Endpoint) =>
    put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  await serve(leaf(`${backend.url}/service`, { kind: 'service' }));
  assert.equal((await post()).status, 200);
  assert.deepEqual(
    backend.received.map(({ url }) => url),
    ['/soap', '/service/below'],
  );
  await serve(leaf('', { kind: 'wsdl', wsdl }));
  assert.match((await post()).body, /its address was not read from the WSDL document/);
  const dead = await deadUrl();
  await serve(leaf(dead, { kind: 'wsdl', wsdl }));
  await post();
  const rests = await post();
  assert.equal(JSON.parse(rests.body).code, '303002');
  assert.equal(JSON.parse(rests.body).description, 'Currently , WSDL endpoint : [ Name : prod ] [ State : SUSPENDED ]');
});

test('a mock answers as the definition says, by status and kind of body', async (t) => {
  const mock: MockAnswer[] = [
    { status: '200', json: '{"ok":true}', xml: '<ok/>' },
    { status: '204', json: '{}' },
    { status: '4XX', json: '{"wrong":true}' },
  ];
  const operations = [operation('GET', '/a', { mock }), operation('GET', '/b', { mock: [] })];
  const { call, backend } = await withEndpoint(t, () => ({ kind: 'mock', name: 'prod' }), {}, operations);
  const ask = async (target: string, accept?: string) => {
    const headers = { ...authorization(), ...(accept === undefined ? {} : { accept }), origin: 'https://page.example' };
    const { status, body, headers: answered } = await call(`/orders/1.0.0${target}`, { headers });
    assert.equal(answered['access-control-allow-origin'], '*');
    return [status, answered['content-type'], body];
  };
  const json = 'application/json; charset=UTF-8';
  assert.deepEqual(await ask('/a'), [200, json, '{"ok":true}']);
  assert.deepEqual(await ask('/a', 'application/xml'), [200, 'application/xml; charset=UTF-8', '<ok/>']);
  assert.deepEqual(await ask('/a?responseCode=204'), [204, undefined, '']);
  assert.deepEqual(await ask('/a?responseCode=418', 'text/xml'), [418, json, '{"wrong":true}']);
  const answers = [await ask('/a?responseCode=500'), await ask('/a?responseCode=abc'), await ask('/b')];
  for (const [status, , body] of answers) {
    assert.equal(status, 501);
    assert.equal(JSON.parse(String(body)).message, 'Not Implemented');
  }
  assert.equal(backend.received.length, 0);
});

function recipients(...children: Endpoint[]): Endpoint {
  return { kind: 'recipient_list', name: 'prod', children };
}

test('every recipient gets the call once, whole; the first one answers it', async (t) => {
  const second = await startBackend('second', (_, response) => response.writeHead(500).end('not shown'));
  t.after(() => second.close());
  const dead = await deadUrl();
  const { call, backend, logged } = await withEndpoint(t, (url) =>
    recipients(
      leaf(`${url}/one`, { name: 'prod[0]' }),
      leaf(`${second.url}/two`, {
        name: 'prod[1]',
        security: { type: 'basic', username: 'u', password: 'p', parameters: {} },
      }),
      leaf(dead, { name: 'prod[2]' }),
    ),
  );
  const headers = {
    ...authorization(),
    'x-kept': 'yes',
    connection: 'x-hop',
    'x-hop': 'no',
    'content-type': 'text/plain',
  };
  const answer = await call('/orders/1.0.0/x?y=1', { method: 'POST', headers, body: 'h\u00e9llo' });
  assert.deepEqual([answer.status, answer.body], [200, 'backend']);
  await until(() => second.received.length === 1 && logged.length >= 2, 'the copies');
  const [first] = backend.received;
  const [copy] = second.received;
  assert.deepEqual([first?.url, copy?.url], ['/one/x?y=1', '/two/x?y=1']);
  assert.equal(copy?.body, first?.body);
  assert.equal(copy?.method, 'POST');
  assert.deepEqual(
    [copy?.headers['x-kept'], copy?.headers['x-hop'], copy?.headers.host],
    ['yes', undefined, `127.0.0.1:${second.port}`],
  );
  assert.equal(copy?.headers.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`);
  assert.equal(first?.headers.authorization, undefined);
  assert.ok(logged.some(({ message }) => message === 'An endpoint is suspended'));
});

test('where the first recipient rests the next one answers; a body that is too large goes to none', async (t) => {
  const dead = await deadUrl();
  const { call, backend } = await withEndpoint(
    t,
    (url) => recipients(leaf(dead, { name: 'prod[0]' }), leaf(url, { name: 'prod[1]' })),
    { maxRecipientBody: 10 },
  );
  const get = () => call('/orders/1.0.0/x', { headers: authorization() });
  assert.equal(causeOf(await get()), 'backend-connection-refused');
  await until(() => backend.received.length === 1, 'the copy');
  assert.equal((await get()).body, 'backend');
  assert.equal(backend.received.length, 2);
  const large = await call('/orders/1.0.0/x', { method: 'POST', headers: authorization(), body: 'x'.repeat(11) });
  assert.deepEqual([large.status, causeOf(large)], [413, 'recipient-body-too-large']);
  assert.equal(backend.received.length, 2);
});

test('a copy of a POST is not sent again when its kept connection breaks, for it may have been done', async (t) => {
  const served = { POST: 0, GET: 0 };
  let connections = 0;
  const fickle = createServer((request, response) => {
    served[request.method as 'POST' | 'GET']++;
    const asked = served.POST + served.GET;
    if (request.socket.bytesWritten > 0) request.socket.destroy();
    else response.end(`${asked}`);
  }).on('connection', () => connections++);
  await new Promise<void>((resolve) => fickle.listen(0, '127.0.0.1', resolve));
  t.after(() => fickle.close());
  const other = `http://127.0.0.1:${(fickle.address() as AddressInfo).port}`;
  const { call, gateway } = await withEndpoint(t, (url) =>
    recipients(leaf(url, { name: 'prod[0]' }), leaf(other, { name: 'prod[1]', ...tireless })),
  );
  const faults = () => [...gateway.leaves()].find(({ name }) => name === 'prod[1]')?.faults;
  const answers = () => [...gateway.leaves()].find(({ name }) => name === 'prod[1]')?.answers;
  const ask = (method: string, body = '') => call('/orders/1.0.0/x', { method, headers: authorization(), body });
  await ask('GET');
  await until(() => answers() === 1, 'the first copy');
  await ask('POST', 'x');
  await until(() => faults() === 1, 'the copy that broke');
  assert.deepEqual([served, connections], [{ POST: 1, GET: 1 }, 1]);
  await ask('GET');
  await until(() => answers() === 2, 'a copy on a new connection');
  await ask('GET');
  await until(() => answers() === 3, 'the copy that was sent again');
  assert.deepEqual([served, connections], [{ POST: 1, GET: 4 }, 3]);
});

test('a POST that copies were sent of goes to no other member of a group around its recipients; a GET does', async (t) => {
  const [dead, spare] = [await deadUrl(), await startBackend('spare')];
  t.after(() => spare.close());
  const { call, backend } = await withEndpoint(t, (url) => ({
    kind: 'failover',
    name: 'prod',
    children: [
      recipients(leaf(dead, { name: 'prod[0]', ...tireless }), leaf(url, { name: 'prod[1]' })),
      leaf(spare.url, { name: 'prod[2]' }),
    ],
  }));
  const ask = (method: string, body = '') => call('/orders/1.0.0/x', { method, headers: authorization(), body });
  assert.equal(causeOf(await ask('POST', 'x')), 'backend-connection-refused');
  await until(() => backend.received.length === 1, 'the copy');
  assert.equal(spare.received.length, 0);
  assert.equal((await ask('GET')).body, 'spare');
});

test('the copy of a HEAD, whose answer tells the length of a body that does not come, is answered', async (t) => {
  const second = await startBackend('second', (_, response) => response.writeHead(200, { 'content-length': 9 }).end());
  t.after(() => second.close());
  const { call, gateway } = await withEndpoint(
    t,
    (url) => recipients(leaf(url, { name: 'prod[0]' }), leaf(second.url, { name: 'prod[1]' })),
    {},
    [operation('HEAD', '/*')],
  );
  assert.equal((await call('/orders/1.0.0/x', { method: 'HEAD', headers: authorization() })).status, 200);
  const copied = () => [...gateway.leaves()].find(({ name }) => name === 'prod[1]');
  await until(() => copied()?.answers === 1, 'the copy is answered');
  assert.equal(copied()?.faults, 0);
});

test('a recipient that would have to be asked first is refused with the reason', async (t) => {
  const security = { type: 'digest', username: 'u', password: 'p', parameters: {} } as const;
  const { call } = await withEndpoint(t, (url) => recipients(leaf(url), leaf(url, { name: 'prod[1]', security })));
  assert.match((await call('/orders/1.0.0/x', { headers: authorization() })).body, /digest and OAuth are not possible/);
});

function sharedEntry(value: Partial<SharedEndpoint>): RuntimeEntry {
  const whole = {
    id: 'e-1',
    organization: 'carbon.super',
    name: 'orders',
    description: '',
    parameters: [],
    endpointConfig: {},
    ...value,
  };
  return { kind: 'endpoint', id: `carbon.super/${whole.name}`, value: whole };
}

const indirect = (key: string): Endpoint => ({ kind: 'indirect', name: 'prod', key, parameters: {} });

test('a shared endpoint serves the APIs that refer to it, whichever comes first, and its changes reach them', async (t) => {
  const other = await startBackend('other');
  t.after(() => other.close());
  const { call, put, remove, backend } = await withEndpoint(t, () => indirect('orders'));
  const ask = () => call('/orders/1.0.0/x', { headers: authorization() });
  assert.match((await ask()).body, /there is no shared endpoint \\"orders\\"/);
  const at = (url: string) => sharedEntry({ endpointConfig: { production_endpoints: { url } } });
  await put(at(`${backend.url}/shared`));
  assert.equal((await ask()).body, 'backend');
  assert.equal(backend.received[0]?.url, '/shared/x');
  await put(at(other.url));
  assert.equal((await ask()).body, 'other');
  await remove('endpoint', 'carbon.super/orders');
  assert.equal((await ask()).status, 500);
});

test('APIs that share an endpoint share its state', async (t) => {
  const dead = await deadUrl();
  const { call, put, backend } = await withEndpoint(t, () => indirect('orders'));
  await put(sharedEntry({ endpointConfig: { production_endpoints: { url: dead } } }));
  const second = ordersApi(backend, {
    id: 'api-2',
    name: 'more',
    basePath: '/more/1',
    endpoints: {
      production: {
        kind: 'failover',
        name: 'prod',
        children: [indirect('orders'), leaf(backend.url, { name: 'prod[1]' })],
      },
      sandbox: null,
    },
    operations: [operation('GET', '/*', { authType: 'None' })],
  });
  await put(entry.api(second));
  assert.equal(causeOf(await call('/orders/1.0.0/x', { headers: authorization() })), 'backend-connection-refused');
  const rests = await call('/orders/1.0.0/x', { headers: authorization() });
  assert.match(rests.body, /Name : orders \] \[ State : SUSPENDED/);
  assert.equal((await call('/more/1/x')).body, 'backend');
});

test('what is made from a template has its own address and its own state', async (t) => {
  const { call, put, backend } = await withEndpoint(t, (url) => ({
    ...{ kind: 'template', name: 'prod', key: 'orders' },
    parameters: { uri: url, part: 'deep' },
  }));
  await put(
    sharedEntry({
      parameters: [{ name: 'uri' }, { name: 'part', default: 'none' }],
      endpointConfig: { production_endpoints: { url: '$uri/$part' } },
    }),
  );
  assert.equal((await call('/orders/1.0.0/x', { headers: authorization() })).status, 200);
  assert.equal(backend.received[0]?.url, '/deep/x');
  const unfilled = { kind: 'template', name: 'prod', key: 'orders', parameters: {} } as const;
  await put(entry.api(ordersApi(backend, { endpoints: { production: unfilled, sandbox: null } })));
  assert.match((await call('/orders/1.0.0/x', { headers: authorization() })).body, /parameters\.uri/);
});
