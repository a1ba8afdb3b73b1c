import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { entry, operation } from '../testing/entities.ts';
import { ordersApi, stage } from '../testing/gateway.ts';
import { startBackend } from '../testing/http.ts';
import type { DocumentOptions } from './options.ts';
import { packWsdl } from './wsdl-document.ts';

const documents: DocumentOptions = {
  version: '9.9.9',
  hostname: 'gateway.example',
  authorizationUrl: 'https://keys.example/oauth2/authorize',
  listBlocked: false,
};
const wsdl =
  '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:t"><types><schema/><schema id="second"/></types><service name="S"><port name="P"><address location="http://backend/"/></port></service></definitions>';

type Api = Parameters<typeof ordersApi>[1];

/** A gateway with one API of this kind; its backend says what it was asked. */
async function stageOf(t: TestContext, api: Api, options: DocumentOptions | null = documents) {
  const backend = await startBackend('backend', ({ url }, response) => response.end(`backend saw ${url}`));
  t.after(() => backend.close());
  return stage(t, {
    entries: () => [entry.api(ordersApi(backend, api))],
    ...(options ? { documents: options } : {}),
  });
}

const secured = [
  operation('GET', '/orders/{id}', { scopes: ['read'] }),
  operation('POST', '/orders'),
  operation('GET', '/open', { authType: 'None' }),
];

test('the definition of an API is made of its operations and tells the addresses of the gateway', async (t) => {
  const { call, securePort, port } = await stageOf(t, { operations: secured });
  for (const item of [
    'swagger',
    'swagger.json',
    'openapi',
    'openapi.json',
    'SWAGGER.json',
    'swagger&x=1',
    'swagger.json=',
  ]) {
    const { status, headers, body } = await call(`/orders/1.0.0?${item}`);
    assert.deepEqual([status, headers['content-type']], [200, 'application/json; charset=UTF-8'], item);
    const definition = JSON.parse(body);
    assert.equal(definition.openapi, '3.0.3');
    assert.deepEqual(definition.info, { title: 'orders', version: '1.0.0' });
    assert.deepEqual(definition.servers, [
      { url: `https://gateway.example:${securePort}/orders/1.0.0` },
      { url: `http://gateway.example:${port}/orders/1.0.0` },
    ]);
    assert.deepEqual(Object.keys(definition.paths), ['/orders/{id}', '/orders', '/open']);
    const { get } = definition.paths['/orders/{id}'];
    assert.deepEqual(get.security, [{ default: ['read'] }]);
    assert.deepEqual(get.parameters, [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }]);
    assert.deepEqual(definition.paths['/open'].get.security, []);
    const { implicit } = definition.components.securitySchemes.default.flows;
    assert.equal(implicit.authorizationUrl, documents.authorizationUrl);
    assert.deepEqual(Object.keys(implicit.scopes), ['read']);
  }
  const json = JSON.parse((await call('/orders/1.0.0/?swagger.json')).body);
  for (const item of ['swagger.yaml', 'openapi.yaml']) {
    const yaml = await call(`/orders/1.0.0?${item}`);
    assert.equal(yaml.headers['content-type'], 'application/yaml; charset=UTF-8');
    assert.deepEqual(parse(yaml.body), json);
  }
  const head = await call('/orders/1.0.0?swagger.json', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal((await call('/orders/1.0.0?swagger.json')).headers['access-control-allow-origin'], '*');
});

test('prefixes stand before the base path, and only the transports of the API are named', async (t) => {
  const prefixes = { ...documents, httpPrefix: 'http://api.example/', httpsPrefix: 'https://api.example/edge/' };
  const both = await stageOf(t, { operations: secured }, prefixes);
  const servers = async (stage: typeof both) =>
    JSON.parse((await stage.call('/orders/1.0.0?swagger.json')).body).servers.map(({ url }: { url: string }) => url);
  assert.deepEqual(await servers(both), ['https://api.example/edge/orders/1.0.0', 'http://api.example/orders/1.0.0']);
  const plain = await stageOf(t, { operations: secured, transport: ['http'], vhost: '127.0.0.1' });
  assert.deepEqual(await servers(plain), [`http://127.0.0.1:${plain.port}/orders/1.0.0`]);
  const secure = await stageOf(t, { operations: secured, transport: ['https'] });
  const refused = await secure.call('/orders/1.0.0?swagger.json');
  assert.deepEqual([refused.status, refused.headers['sluice-cause']], [403, 'unsupported-transport']);
});

test('a definition changes with the revision', async (t) => {
  const gateway = await stageOf(t, { operations: secured });
  const paths = async () => Object.keys(JSON.parse((await gateway.call('/orders/1.0.0?swagger')).body).paths);
  assert.equal((await paths()).length, 3);
  await gateway.put(entry.api(ordersApi(gateway.backend, { operations: [operation('GET', '/new')] })));
  assert.deepEqual(await paths(), ['/new']);
});

test('an API that its owner does not show to all keeps its definition to itself', async (t) => {
  for (const hidden of [{ more: { visibility: 'RESTRICTED' } }, { status: 'CREATED' as const }]) {
    const { call } = await stageOf(t, { operations: secured, ...hidden });
    const answer = await call('/orders/1.0.0?swagger.json');
    assert.deepEqual([answer.status, answer.headers['sluice-cause']], [404, 'no-resource'], JSON.stringify(hidden));
  }
  // What a GraphQL API is asked without a query has one answer, whatever the address ends with.
  const { call } = await stageOf(t, { operations: secured, type: 'GRAPHQL' });
  const answer = await call('/orders/1.0.0?swagger.json');
  assert.deepEqual([answer.status, answer.headers['sluice-cause']], [422, 'graphql-query-invalid']);
});

test('what belongs to the backend still gets there', async (t) => {
  const open = { authType: 'None' as const };
  const everything = await stageOf(t, { operations: [operation('GET', '/*', open), operation('POST', '/*', open)] });
  const seen = async (path: string, method = 'GET') => (await everything.call(path, { method })).body;
  assert.equal(await seen('/orders/1.0.0?wsdl'), 'backend saw /base?wsdl');
  assert.equal(await seen('/orders/1.0.0/x?swagger.json'), 'backend saw /base/x?swagger.json');
  assert.equal(await seen('/orders/1.0.0?x=1&swagger.json'), 'backend saw /base?x=1&swagger.json');
  assert.equal(await seen('/orders/1.0.0?swagger.jsonx'), 'backend saw /base?swagger.jsonx');
  assert.equal(await seen('/orders/1.0.0?swagger.json', 'POST'), 'backend saw /base?swagger.json');
  assert.match(await seen('/orders/1.0.0?swagger.json'), /^\{"openapi"/);
  const root = await stageOf(t, { operations: [operation('GET', '/', open)] });
  assert.match((await root.call('/orders/1.0.0?swagger.json')).body, /^backend saw/);
  const off = await stageOf(t, { operations: [operation('GET', '/*', open)] }, null);
  assert.match((await off.call('/orders/1.0.0?swagger.json')).body, /^backend saw/);
});

test('a WSDL document is shown with the addresses of the gateway, and its schemas one by one', async (t) => {
  const { call, port } = await stageOf(t, {
    type: 'SOAP',
    operations: [operation('POST', '/*')],
    wsdl: packWsdl(wsdl),
  });
  const shown = await call('/orders/1.0.0?wsdl');
  assert.deepEqual([shown.status, shown.headers['content-type']], [200, 'text/xml; charset=UTF-8']);
  assert.equal(shown.body, wsdl.replace('http://backend/', `http://gateway.example:${port}/orders/1.0.0`));
  assert.equal((await call('/orders/1.0.0?WSDL')).body, shown.body);
  assert.match((await call('/orders/1.0.0?xsd')).body, /\n<schema xmlns="[^"]*" xmlns:tns="urn:t"\/>$/);
  assert.match((await call('/orders/1.0.0?xsd=xsd1')).body, /id="second"/);
  const none = ['xsd=xsd2', 'wsdl2', 'wsdlx'].map(async (item) => (await call(`/orders/1.0.0?${item}`)).status);
  assert.deepEqual(await Promise.all(none), [405, 405, 405]);
  const newer = await stageOf(t, {
    operations: [],
    wsdl: packWsdl('<description><service><endpoint address="https://b/"/></service></description>'),
  });
  assert.match(
    (await newer.call('/orders/1.0.0?wsdl2')).body,
    /address="https:\/\/gateway\.example:\d+\/orders\/1\.0\.0"/,
  );
});

test('the list of services names what anybody may see under this host, harmlessly written', async (t) => {
  const { call, put, backend } = await stageOf(t, {
    operations: secured,
    name: '<b>orders</b>',
    defaultBasePath: '/orders',
  });
  await put(
    entry.api(ordersApi(backend, { id: 'a2', name: 'hidden', basePath: '/h', more: { visibility: 'PRIVATE' } })),
  );
  await put(entry.api(ordersApi(backend, { id: 'a3', name: 'elsewhere', basePath: '/e', vhost: 'other.example' })));
  for (const path of ['/services', '/services/', '/services?x']) {
    const { status, headers, body } = await call(path);
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=UTF-8']);
    assert.equal(body.match(/<h3>/g)?.length, 1);
    assert.match(body, /<a href="\/orders\/1\.0\.0\?swagger\.json">&lt;b&gt;orders&lt;\/b&gt;\/1\.0\.0<\/a>/);
    assert.match(body, /<li>GET \/orders\/\{id\}<\/li>/);
    assert.doesNotMatch(body, /hidden|elsewhere/);
  }
  assert.match((await call('/services', { headers: { host: 'OTHER.example:1' } })).body, /elsewhere/);
});

test('the list of services is refused where it is blocked, and the version and the icon are there all the same', async (t) => {
  const { call } = await stageOf(t, { operations: secured }, { ...documents, listBlocked: true });
  const blocked = await call('/services/');
  assert.deepEqual([blocked.status, blocked.headers['sluice-cause']], [403, 'service-list-blocked']);
  assert.match((await call('/services/Version')).body, /<return>Sluice-9\.9\.9<\/return>/);
  assert.equal((await call('/favicon.ico')).status, 204);
  assert.equal((await call('/services', { method: 'POST' })).status, 404);
  const off = await stageOf(t, { operations: secured }, null);
  for (const path of ['/services', '/services/Version', '/favicon.ico'])
    assert.equal((await off.call(path)).status, 404);
});

test('an API that is mounted where the gateway would answer comes first', async (t) => {
  const { call } = await stageOf(t, {
    basePath: '/services',
    operations: [operation('GET', '/*', { authType: 'None' })],
  });
  assert.equal((await call('/services')).body, 'backend saw /base');
  assert.equal((await call('/services/Version')).body, 'backend saw /base/Version');
});
