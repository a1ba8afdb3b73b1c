import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api } from '../api.ts';
import { parseAuthType } from '../auth-type.ts';
import { parseEndpointConfig } from '../endpoints/parse.ts';
import { basePathOf, defaultBasePathOf, deployedApi } from './deployed-api.ts';

const api: Api = {
  id: 'a1',
  organization: 'carbon.super',
  name: 'Orders',
  version: '1.0.0',
  context: '/orders',
  provider: 'admin',
  type: 'HTTP',
  status: 'PUBLISHED',
  isDefaultVersion: true,
  transport: ['https'],
  tags: [],
  policies: ['Gold'],
  apiThrottlingPolicy: '',
  authorizationHeader: '',
  securityScheme: [],
  visibility: 'PUBLIC',
  visibleRoles: [],
  accessControl: 'NONE',
  accessControlRoles: [],
  endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'https://b.example.com' } },
  endpointImplementationType: 'ENDPOINT',
  scopes: [],
  operations: [
    { id: 'o1', target: '/*', verb: 'GET', authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [], more: { a: 1 } },
  ],
  keyManagers: [],
  additionalProperties: [],
  hasThumbnail: false,
  more: { maxTps: { production: 10 }, audiences: ['all', 'mine', 7], other: true },
  createdTime: 0,
  updatedTime: 0,
  updatedBy: 'admin',
};
const vhost = { host: 'localhost', httpPort: 80, httpsPort: 443, wsPort: 1, wssPort: 2, httpContext: '' };
const { endpoints } = parseEndpointConfig(api.endpointConfig);

test('the version stands in its place in the path, and out of it for the default version', () => {
  const paths = (context: string, organization = 'carbon.super') => {
    const of = { organization, context, version: '1.0.0' };
    return [basePathOf(of), defaultBasePathOf(of)];
  };
  assert.deepEqual(paths('/orders'), ['/orders/1.0.0', '/orders']);
  assert.deepEqual(paths('orders/'), ['/orders/1.0.0', '/orders']);
  assert.deepEqual(paths('//shop//orders'), ['/shop/orders/1.0.0', '/shop/orders']);
  assert.deepEqual(paths('/{version}/orders'), ['/1.0.0/orders', '/orders']);
  assert.deepEqual(paths('/orders/v{version}'), ['/orders/v1.0.0', '/orders']);
  assert.deepEqual(paths('/{version}'), ['/1.0.0', '/']);
  assert.deepEqual(paths('/orders', 'shop.example.com'), [
    '/t/shop.example.com/orders/1.0.0',
    '/t/shop.example.com/orders',
  ]);
  assert.deepEqual(paths('/t/shop.example.com/orders', 'shop.example.com')[0], '/t/shop.example.com/orders/1.0.0');
});

test('what an API leaves out or leaves empty takes its default', () => {
  const deployed = deployedApi(api, { revisionId: 'r1', vhost: 'localhost' }, { vhosts: [vhost] }, endpoints);
  assert.deepEqual(deployed.securityScheme, ['oauth2']);
  assert.equal(deployed.authorizationHeader, 'Authorization');
  assert.equal(deployed.apiKeyHeader, 'ApiKey');
  assert.equal(deployed.apiThrottlingPolicy, null);
  assert.deepEqual(deployed.keyManagers, ['all']);
  assert.deepEqual(deployed.audiences, ['mine']);
  assert.equal(deployed.cors, null);
  assert.deepEqual([deployed.maxTps, deployed.more], [{ production: { count: 10, timeUnit: 'sec' } }, {}]);
  assert.deepEqual(deployed.operations, [
    { target: '/*', verb: 'GET', authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] },
  ]);
  assert.deepEqual([deployed.basePath, deployed.defaultBasePath], ['/orders/1.0.0', '/orders']);
});

test('an API that is not for all to see says so to the gateways', () => {
  const more = (own: Partial<Api>) =>
    deployedApi({ ...api, more: {}, ...own }, { revisionId: 'r1', vhost: '' }, { vhosts: [vhost] }, endpoints).more;
  assert.deepEqual(more({}), {});
  assert.deepEqual(more({ visibility: 'RESTRICTED' }), { visibility: 'RESTRICTED' });
});

test('the only host of an environment answers under every name; of several, each under its own', () => {
  const deployment = { revisionId: 'r1', vhost: 'a.example.com' };
  const other = { ...vhost, host: 'a.example.com' };
  assert.equal(deployedApi(api, deployment, { vhosts: [other] }, endpoints).vhost, null);
  assert.equal(deployedApi(api, deployment, { vhosts: [vhost, other] }, endpoints).vhost, 'a.example.com');
});

test('a header that the installation sets for all stands behind the one of the API', () => {
  const header = (own: Partial<Api>) =>
    deployedApi({ ...api, ...own }, { revisionId: 'r1', vhost: '' }, { vhosts: [vhost] }, endpoints, {
      authorizationHeader: 'X-Auth',
    }).authorizationHeader;
  assert.equal(header({}), 'X-Auth');
  assert.equal(header({ authorizationHeader: 'X-Own' }), 'X-Own');
});

test('every spelling of an auth type is understood, and others are not guessed', () => {
  const spellings = [
    'Any',
    'Application & Application User',
    'APPLICATION_USER',
    'application user',
    'none',
    'constructor',
  ];
  assert.deepEqual(spellings.map(parseAuthType), [
    'Any',
    'Any',
    'Application_User',
    'Application_User',
    'None',
    undefined,
  ]);
});
