import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { application, entry, key, leaf, operation, subscription } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage, testKeyIssuer } from '../testing/gateway.ts';
import { type Answer, bearer, call } from '../testing/http.ts';
import { makeIssuer } from '../testing/tokens.ts';
import { until } from '../testing/until.ts';
import { readXml } from '../xml/read.ts';

function json(answer: Answer): Record<string, unknown> {
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  return JSON.parse(answer.body);
}

/** Status, code and cause of an error, and that its body has string members alone. */
function outcome(answer: Answer): [status: number, code: unknown, cause: unknown] {
  const body = json(answer);
  for (const value of Object.values(body)) assert.equal(typeof value, 'string');
  assert.match(String(answer.headers['sluice-request-id']), /^[0-9a-f-]{36}$/);
  return [answer.status, body.code, answer.headers['sluice-cause']];
}

const good = () => ({ headers: bearer(issuer.token()) });

describe('finding the API', () => {
  test('unknown path, unknown resource and wrong method answer as WSO2 does', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(
      entry.api(
        ordersApi(backend, { operations: [operation('GET', '/items/{id}'), operation('DELETE', '/items/{id}')] }),
      ),
    );
    const noApi = await call('/nowhere/1.0.0');
    assert.deepEqual(outcome(noApi), [404, '404', 'no-api']);
    assert.deepEqual(json(noApi), {
      code: '404',
      type: 'Status report',
      message: 'Not Found',
      description: 'The requested resource is not available.',
    });
    const noResource = await call('/orders/1.0.0/nothing');
    assert.deepEqual(outcome(noResource), [404, '404', 'no-resource']);
    assert.equal(json(noResource).message, 'Runtime Error');
    const wrongMethod = await call('/orders/1.0.0/items/1', { method: 'POST' });
    assert.deepEqual(outcome(wrongMethod), [405, '405', 'method-not-allowed']);
    assert.equal(wrongMethod.headers.allow, 'DELETE, GET');
    assert.equal((await call('/orders/1.0.0/items/1', { method: 'HEAD' })).status, 405);
    assert.equal(backend.received.length, 0);
  });

  test('the default version answers without the version segment, and the backend sees the same', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { defaultBasePath: '/orders' })));
    assert.equal((await call('/orders/items?a=1', good())).status, 200);
    assert.equal((await call('/orders/1.0.0/items?a=1', good())).status, 200);
    assert.deepEqual(
      backend.received.map(({ url }) => url),
      ['/base/items?a=1', '/base/items?a=1'],
    );
  });

  test('dot segments in any spelling are refused before the backend could resolve them', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { operations: [operation('GET', '/public/*', { authType: 'None' })] })));
    for (const path of [
      '/public/../admin',
      '/public/%2e%2E/admin',
      '/public/..%2fadmin',
      '/public/..;x/admin',
      '/public/a/..',
      '/public/%2E',
      '/public/..%5cadmin',
    ]) {
      assert.deepEqual(outcome(await call(`/orders/1.0.0${path}`)), [400, '400', 'bad-request'], path);
    }
    for (const path of ['/public/.well-known', '/public/a..b', '/public/a%2Fb', '/public/...']) {
      assert.equal((await call(`/orders/1.0.0${path}`)).status, 200, path);
    }
  });

  test('percent-encoding does not lead past the operation that guards a path', async (t) => {
    const { call, put, backend } = await stage(t);
    const operations = [operation('GET', '/*'), operation('GET', '/admin/{id}.json', { scopes: ['secret'] })];
    await put(entry.api(ordersApi(backend, { operations })));
    for (const path of ['/admin/1.json', '/%61dmin/1.json', '/%61%64%6D%69%6e/1%2Ejson']) {
      assert.equal(outcome(await call(`/orders/1.0.0${path}`, good()))[2], 'scope-missing', path);
    }
    assert.equal((await call('/orders/1.0.0/%7Eann%2Fx%25', good())).status, 200);
    assert.equal(backend.received[0]?.url, '/base/%7Eann%2Fx%25');
    await put(entry.api(ordersApi(backend, { operations: [operation('GET', '/~ann')] })));
    assert.equal((await call('/orders/1.0.0/%7Eann', good())).status, 200);
    assert.equal((await call('/orders/1.0.0/%7Ebob', { ...good(), method: 'POST' })).status, 404);
    const wrongMethod = await call('/orders/1.0.0/%7Eann', { ...good(), method: 'POST' });
    assert.deepEqual([wrongMethod.status, wrongMethod.headers.allow], [405, 'GET']);
  });

  test('a retired API answers as if it were not there', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { status: 'RETIRED' })));
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', good())), [404, '404', 'no-api']);
  });
});

describe('who calls', () => {
  test('no token, a bad one, an expired one and a foreign one are told apart as WSO2 does', async (t) => {
    const { call, backend } = await stage(t);
    const none = await call('/orders/1.0.0/x');
    assert.deepEqual(outcome(none), [401, '900902', 'missing-credentials']);
    assert.equal(
      none.headers['www-authenticate'],
      'Internal API Key realm="WSO2 API Manager", Bearer realm="WSO2 API Manager", error="invalid_token", error_description="The provided token is invalid"',
    );
    assert.match(String(json(none).description), /'Authorization : Bearer ACCESS_TOKEN'$/);
    const stranger = makeIssuer();
    for (const token of ['nonsense', 'a.b.c', issuer.token({ exp: 1 }), stranger.token(), issuer.token({ iss: 'x' })]) {
      assert.deepEqual(outcome(await call('/orders/1.0.0/x', { headers: bearer(token) })), [
        401,
        '900901',
        'invalid-credentials',
      ]);
    }
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', { headers: { authorization: 'Basic abc' } })), [
      401,
      '900902',
      'missing-credentials',
    ]);
    assert.equal(backend.received.length, 0);
  });

  test('an operation with auth type None needs no token and keeps what the client sent', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { operations: [operation('GET', '/*', { authType: 'None' })] })));
    assert.equal((await call('/orders/1.0.0/x', { headers: { authorization: 'Basic own' } })).status, 200);
    assert.equal(backend.received[0]?.headers.authorization, 'Basic own');
  });

  test('application and user tokens are told apart where the operation asks for one kind', async (t) => {
    const { call, put, backend } = await stage(t);
    const operations = [
      operation('GET', '/app', { authType: 'Application' }),
      operation('GET', '/user', { authType: 'Application_User' }),
    ];
    await put(entry.api(ordersApi(backend, { operations })));
    const user = { headers: bearer(issuer.token({ aut: 'APPLICATION_USER' })) };
    assert.equal((await call('/orders/1.0.0/app', good())).status, 200);
    assert.equal((await call('/orders/1.0.0/user', user)).status, 200);
    assert.deepEqual(outcome(await call('/orders/1.0.0/app', user)), [401, '900905', 'wrong-token-type']);
    assert.deepEqual(outcome(await call('/orders/1.0.0/user', good())), [401, '900905', 'wrong-token-type']);
  });

  test('audience and key manager limit which tokens an API takes', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { audiences: ['orders'] })));
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', good())), [403, '900914', 'audience-not-allowed']);
    assert.equal(
      (await call('/orders/1.0.0/x', { headers: bearer(issuer.token({ aud: ['a', 'orders'] })) })).status,
      200,
    );
    await put(entry.api(ordersApi(backend, { keyManagers: ['Other'] })));
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', good())), [401, '900901', 'key-manager-not-allowed']);
  });

  test('an API that asks for a scheme nobody checks here is neither open nor a crash', async (t) => {
    const { call, put, backend } = await stage(t);
    for (const [securityScheme, named] of [
      [['basic_auth'], 'basic_auth'],
      [['api_key', 'basic_auth'], 'basic_auth, api_key'],
      [['oauth2', 'mutualssl', 'mutualssl_mandatory'], 'mutualssl'],
    ] as const) {
      await put(entry.api(ordersApi(backend, { securityScheme })));
      const answer = await call('/orders/1.0.0/x', good());
      assert.deepEqual(outcome(answer), [501, '501', 'authentication-scheme-unsupported']);
      assert.ok(String(json(answer).description).includes(named));
    }
    assert.equal(backend.received.length, 0);
  });

  test('the credential stays here; other schemes in the same header go on', async (t) => {
    const { call, backend } = await stage(t);
    const token = issuer.token();
    const headers = { authorization: `Custom abc, bearer ${token}`, 'internal-keys': 'kept' };
    assert.equal((await call('/orders/1.0.0/x', { headers })).status, 200);
    assert.equal(backend.received[0]?.headers.authorization, 'Custom abc');
    assert.equal(backend.received[0]?.headers['internal-keys'], 'kept');
    await call('/orders/1.0.0/x', { headers: bearer(token) });
    assert.equal(backend.received[1]?.headers.authorization, undefined);
  });

  test('an API may name its own header for the token', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { authorizationHeader: 'X-Token' })));
    const headers = { 'x-token': `Bearer ${issuer.token()}`, authorization: 'for the backend' };
    assert.equal((await call('/orders/1.0.0/x', { headers })).status, 200);
    assert.equal(backend.received[0]?.headers['x-token'], undefined);
    assert.equal(backend.received[0]?.headers.authorization, 'for the backend');
    assert.match(String(json(await call('/orders/1.0.0/x')).description), /'X-Token : Bearer ACCESS_TOKEN'/);
  });

  test('the test key calls its API without subscription, and no other', async (t) => {
    const { call, put, remove, backend } = await stage(t);
    await remove('subscription', 'app-1/api-1');
    await put(entry.api(ordersApi(backend, { status: 'CREATED' })));
    const testKey = (context: string, claims = {}) => ({
      headers: {
        'internal-key': testKeyIssuer.token({
          token_type: 'InternalKey',
          subscribedAPIs: [{ context, version: '1.0.0' }],
          ...claims,
        }),
      },
    });
    assert.equal((await call('/orders/1.0.0/x', testKey('/orders/1.0.0'))).status, 200);
    assert.equal(backend.received[0]?.headers['internal-key'], undefined);
    // The base path of another API may well be `/orders`: what both make together must not open this one.
    for (const other of ['/other', '/orders', '/orders/1.0.0/1.0.0']) {
      assert.deepEqual(outcome(await call('/orders/1.0.0/x', testKey(other))), [403, '900908', 'not-subscribed']);
    }
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', testKey('/orders/1.0.0', { keytype: 'SANDBOX' }))), [
      403,
      '900901',
      'sandbox-key-unserved',
    ]);
    const both = { headers: { ...bearer(issuer.token()), 'internal-key': issuer.token() } };
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', both)), [401, '900901', 'invalid-credentials']);
  });

  test('a revoked token is refused within a second although it is remembered', async (t) => {
    const { call, source, gateway } = await stage(t);
    const token = issuer.token({ jti: 'stolen' });
    const other = good();
    assert.equal((await call('/orders/1.0.0/x', { headers: bearer(token) })).status, 200);
    assert.equal((await call('/orders/1.0.0/x', other)).status, 200);
    assert.equal(gateway.statistics().cachedTokens, 2);
    const began = performance.now();
    source.put({ kind: 'revocation', id: 'stolen', value: { tokenId: 'stolen', expiresAt: Date.now() + 60_000 } });
    await until(
      async () => (await call('/orders/1.0.0/x', { headers: bearer(token) })).status === 401,
      'the refusal',
      1000,
    );
    assert.ok(performance.now() - began < 1000);
    for (const variant of [`${token}=`, ` ${token}`]) {
      assert.equal((await call('/orders/1.0.0/x', { headers: bearer(variant) })).status, 401);
    }
    assert.equal((await call('/orders/1.0.0/x', other)).status, 200);
  });
});

describe('what the application may do', () => {
  const refused = async (world: Stage, token = issuer.token()) =>
    outcome(await world.call('/orders/1.0.0/x', { headers: bearer(token) }));

  test('each state of subscription and application has its answer', async (t) => {
    const world = await stage(t);
    const rows = [
      [{ status: 'BLOCKED' }, [401, '900907', 'subscription-blocked']],
      [{ status: 'PROD_ONLY_BLOCKED' }, [401, '900907', 'subscription-blocked']],
      [{ status: 'ON_HOLD' }, [401, '900909', 'subscription-inactive']],
      [{ status: 'REJECTED' }, [401, '900909', 'subscription-inactive']],
    ] as const;
    for (const [overrides, expected] of rows) {
      await world.put(entry.subscription(subscription(overrides)));
      assert.deepEqual(await refused(world), expected, overrides.status);
    }
    for (const status of ['TIER_UPDATE_PENDING', 'DELETE_PENDING', 'UNBLOCKED'] as const) {
      await world.put(entry.subscription(subscription({ status })));
      assert.equal((await world.call('/orders/1.0.0/x', good())).status, 200, status);
    }
    for (const status of ['CREATED', 'REJECTED', 'ON_HOLD'] as const) {
      await world.put(entry.application(application({ status })));
      assert.deepEqual(await refused(world), [401, '900909', 'subscription-inactive'], status);
    }
    await world.put(entry.application(application()));
    await world.remove('subscription', 'app-1/api-1');
    assert.deepEqual(await refused(world), [403, '900908', 'not-subscribed']);
    assert.deepEqual(await refused(world, issuer.token({ azp: 'unknown' })), [403, '900908', 'not-subscribed']);
    assert.equal(world.backend.received.length, 3);
  });

  test('a prototype needs a token and no subscription', async (t) => {
    const { call, put, remove, backend } = await stage(t);
    await remove('subscription', 'app-1/api-1');
    await put(entry.api(ordersApi(backend, { status: 'PROTOTYPED' })));
    assert.equal((await call('/orders/1.0.0/x', good())).status, 200);
    assert.equal((await call('/orders/1.0.0/x')).status, 401);
  });

  test('PROD_ONLY_BLOCKED lets sandbox keys pass, and each key goes to its side', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(
      entry.api(
        ordersApi(backend, {
          endpoints: { production: leaf(`${backend.url}/prod`), sandbox: leaf(`${backend.url}/sand`) },
        }),
      ),
    );
    await put(entry.subscription(subscription({ status: 'PROD_ONLY_BLOCKED' })));
    const sandbox = { headers: bearer(issuer.token({ azp: 'client-sandbox' })) };
    assert.equal((await call('/orders/1.0.0/x', sandbox)).status, 200);
    assert.equal((await call('/orders/1.0.0/x', good())).status, 401);
    await put(entry.subscription(subscription()));
    assert.equal((await call('/orders/1.0.0/x', good())).status, 200);
    assert.deepEqual(
      backend.received.map(({ url }) => url),
      ['/sand/x', '/prod/x'],
    );
  });

  test('a side without endpoint says which key it does not serve', async (t) => {
    const world = await stage(t);
    const { put, backend } = world;
    assert.deepEqual(await refused(world, issuer.token({ azp: 'client-sandbox' })), [
      403,
      '900901',
      'sandbox-key-unserved',
    ]);
    const open = [operation('GET', '/*'), operation('GET', '/open', { authType: 'None' })];
    await put(
      entry.api(ordersApi(backend, { operations: open, endpoints: { production: null, sandbox: leaf(backend.url) } })),
    );
    const production = await world.call('/orders/1.0.0/x', good());
    assert.deepEqual(outcome(production), [403, '900901', 'production-key-unserved']);
    assert.equal(json(production).description, 'Production key offered to the API with no production endpoint');
    assert.equal((await world.call('/orders/1.0.0/open')).status, 200);
    await put(entry.api(ordersApi(backend, { endpoints: { production: null, sandbox: null } })));
    assert.deepEqual(await refused(world), [500, '305100', 'endpoint-unresolved']);
  });

  test('a gateway for one kind of key refuses the other', async (t) => {
    const world = await stage(t, { environmentType: 'production' });
    assert.deepEqual(await refused(world, issuer.token({ azp: 'client-sandbox' })), [
      401,
      '900901',
      'sandbox-key-on-production-gateway',
    ]);
    assert.equal((await world.call('/orders/1.0.0/x', good())).status, 200);
  });

  test('one of the scopes of the operation is enough, none is not', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(
      entry.api(ordersApi(backend, { operations: [operation('GET', '/{id}', { scopes: ['read', 'admin'] })] })),
    );
    const missing = await call('/orders/1.0.0/7', good());
    assert.deepEqual(outcome(missing), [403, '900910', 'scope-missing']);
    assert.equal(
      json(missing).description,
      'User is NOT authorized to access the Resource: /{id}. Scope validation failed.',
    );
    assert.equal(missing.headers['www-authenticate'], undefined);
    assert.equal((await call('/orders/1.0.0/7', { headers: bearer(issuer.token({ scope: 'x admin' })) })).status, 200);
  });

  test('a key of another key manager with the same client id is not mistaken', async (t) => {
    const other = makeIssuer('Other', 'https://other');
    const { call, put } = await stage(t);
    await put(other.entry);
    assert.deepEqual(outcome(await call('/orders/1.0.0/x', { headers: bearer(other.token()) })), [
      403,
      '900908',
      'not-subscribed',
    ]);
    await put(entry.key(key({ keyManager: 'Other' })));
    assert.equal((await call('/orders/1.0.0/x', { headers: bearer(other.token()) })).status, 200);
  });

  test('without subscription check any valid token calls, and none still does not', async (t) => {
    const { call, remove } = await stage(t, { subscriptionCheck: false });
    await remove('subscription', 'app-1/api-1');
    assert.equal((await call('/orders/1.0.0/x', { headers: bearer(issuer.token({ azp: 'whoever' })) })).status, 200);
    assert.equal((await call('/orders/1.0.0/x')).status, 401);
  });
});

describe('the form of errors', () => {
  test('a blocked API answers 503 700700 without message member', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(entry.api(ordersApi(backend, { status: 'BLOCKED' })));
    const answer = await call('/orders/1.0.0/x', good());
    assert.deepEqual(outcome(answer), [503, '700700', 'api-blocked']);
    assert.deepEqual(Object.keys(json(answer)), ['code', 'type', 'description']);
    assert.equal(json(answer).type, 'API blocked');
  });

  test('a transport that the API does not offer is 403', async (t) => {
    const { call: plain, put, backend, securePort } = await stage(t);
    await put(entry.api(ordersApi(backend, { transport: ['https'] })));
    const answer = await plain('/orders/1.0.0/x', good());
    assert.deepEqual(outcome(answer), [403, '403', 'unsupported-transport']);
    assert.match(String(json(answer).description), /^Unsupported Transport \[ http \]/);
    assert.equal((await call(securePort, '/orders/1.0.0/x', { secure: true, ...good() })).status, 200);
  });

  test('XML for clients that prefer it, in the namespace of the kind of error', async (t) => {
    const { call } = await stage(t);
    const security = await call('/orders/1.0.0/x', { headers: { accept: 'application/xml' } });
    assert.match(security.headers['content-type'] ?? '', /^application\/xml/);
    assert.match(
      security.body,
      /^<ams:fault xmlns:ams="http:\/\/wso2\.org\/apimanager\/security"><ams:code>900902<\/ams:code><ams:message>Missing Credentials<\/ams:message><ams:description>.*&apos;Authorization.*<\/ams:description><\/ams:fault>$/,
    );
    const other = await call('/nowhere', { headers: { accept: 'text/xml, application/json;q=0.5' } });
    assert.match(
      other.body,
      /^<am:fault xmlns:am="http:\/\/wso2\.org\/apimanager"><am:code>404<\/am:code><am:type>Status report<\/am:type><am:message>Not Found<\/am:message>/,
    );
    for (const accept of [
      '*/*',
      'application/json',
      'application/xml;q=0.2, */*;q=0.9',
      'application/xml;q=0',
      'application/xml, application/json',
    ]) {
      assert.match((await call('/nowhere', { headers: { accept } })).headers['content-type'] ?? '', /json/, accept);
    }
  });

  test('SOAP faults in the version of the request', async (t) => {
    const { call, put, backend } = await stage(t);
    const ask = (path: string, headers: Record<string, string>) =>
      call(path, { method: 'POST', headers, body: '<x/>' });
    const old = { 'content-type': 'text/xml', soapaction: '""' };
    const security = await ask('/orders/1.0.0/x', old);
    assert.match(security.headers['content-type'] ?? '', /^text\/xml/);
    assert.equal(security.status, 401);
    assert.match(
      security.body,
      /<faultcode>soapenv:Client<\/faultcode><faultstring>Authentication Failure<\/faultstring><detail>Missing Credentials/,
    );
    const other = await ask('/nowhere', old);
    assert.equal(other.status, 404);
    assert.match(
      other.body,
      /<faultcode>soapenv:Server<\/faultcode><faultstring>The requested resource is not available\.<\/faultstring>/,
    );
    const xop = 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; boundary=x';
    for (const type of ['application/soap+xml; charset=utf-8; action="x"', xop]) {
      const answer = await ask('/orders/1.0.0/x', { 'content-type': type });
      assert.match(answer.headers['content-type'] ?? '', /^application\/soap\+xml/, type);
      assert.equal(answer.status, 401);
      const fault = readXml(answer.body).children[0]?.children[0];
      assert.deepEqual(
        fault?.children.map(({ name }) => name),
        ['Code', 'Reason', 'Detail'],
      );
      assert.match(answer.body, /<soapenv:Value>soapenv:Sender<.*xml:lang="en">Authentication Failure</);
    }
    const plain = await ask('/nowhere', { 'content-type': 'text/xml' });
    assert.match(plain.headers['content-type'] ?? '', /json/, 'not everything in XML is SOAP');
    await put(entry.api(ordersApi(backend, { type: 'SOAP' })));
    const soapApi = await ask('/orders/1.0.0/x', { 'content-type': 'text/xml' });
    assert.match(soapApi.body, /<faultcode>soapenv:Client</, 'save in an API of that type');
  });

  test('a SOAP client finds the fault of a backend in a 500', async (t) => {
    const { call, put, backend } = await stage(t);
    const production = leaf('http://name.invalid');
    await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
    for (const type of ['text/xml', 'application/soap+xml']) {
      const headers = { ...bearer(issuer.token()), 'content-type': type, soapaction: '""' };
      const answer = await call('/orders/1.0.0/x', { method: 'POST', headers, body: '<x/>' });
      assert.equal(answer.status, 500);
      assert.match(answer.body, /soapenv:(?:Server|Receiver)</);
    }
    assert.equal((await call('/orders/1.0.0/x', { headers: bearer(issuer.token()) })).status, 503);
  });

  test('what a client sent cannot break out of an XML error', async (t) => {
    const { call, put, backend } = await stage(t);
    await put(
      entry.api(
        ordersApi(backend, {
          operations: [operation('GET', '/<b>&"', { scopes: ['s'] }), operation('GET', '/*', { scopes: ['s'] })],
        }),
      ),
    );
    const answer = await call('/orders/1.0.0/<b>&"', {
      headers: { ...bearer(issuer.token()), accept: 'application/xml' },
    });
    assert.match(answer.body, /&lt;b&gt;&amp;&quot;/);
    assert.ok(!answer.body.includes('<b>'));
  });

  test('before the first picture every call is told to wait', async (t) => {
    const { startGateway } = await import('../gateway.ts');
    const { TestSource } = await import('../testing/source.ts');
    const { silentLog } = await import('@sluice/model');
    const source = new TestSource([]);
    source.available = false;
    const gateway = await startGateway({
      listeners: [{ host: '127.0.0.1', port: 0 }],
      environment: 'Default',
      source,
      log: silentLog,
    });
    t.after(() => gateway.close());
    const port = gateway.addresses[0]?.port ?? 0;
    const health = '/api/am/gateway/v2/server-startup-healthcheck';
    const early = await call(port, '/orders/1.0.0/x');
    assert.deepEqual(outcome(early), [503, '503', 'gateway-not-ready']);
    assert.equal(early.headers['retry-after'], '1');
    assert.equal((await call(port, health)).status, 503);
    source.available = true;
    await gateway.ready;
    assert.equal((await call(port, health)).status, 200);
    assert.deepEqual(outcome(await call(port, '/orders/1.0.0/x')), [404, '404', 'no-api']);
  });
});
