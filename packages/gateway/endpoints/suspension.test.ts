import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, leaf, tireless } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { deadUrl } from '../transport/testing/dead.ts';

const good = () => ({ headers: bearer(issuer.token()) });

test('a suspended endpoint is told by its code, state and time, stays suspended over a redeployment and is new with a new address', async (t) => {
  const { call, put, backend, logged } = await stage(t);
  const dead = await deadUrl();
  const deploy = (url: string, more: Parameters<typeof ordersApi>[1] = {}) =>
    put(entry.api(ordersApi(backend, { endpoints: { production: leaf(url), sandbox: null }, ...more })));
  const told = async () => {
    const { status, headers, body } = await call('/orders/1.0.0/x', good());
    return [
      status,
      headers['sluice-cause'],
      headers['retry-after'],
      status === 200 ? '' : JSON.parse(body).description,
    ];
  };
  await deploy(dead);
  assert.deepEqual((await told()).slice(0, 2), [502, 'backend-connection-refused']);
  const suspended = [
    503,
    'http-endpoint-not-ready',
    '30',
    'Currently, HTTP endpoint : [ Name : prod ] [ State : SUSPENDED ]',
  ];
  assert.deepEqual(await told(), suspended);
  await deploy(dead, { revisionId: 'revision-2' });
  assert.deepEqual(await told(), suspended);
  const warnings = logged.filter(({ message }) => message === 'An endpoint is suspended');
  assert.deepEqual(
    warnings.map(({ fields }) => fields),
    [
      {
        api: 'orders/1.0.0',
        endpoint: 'prod',
        cause: 101503,
        reason: 'backend-connection-refused',
        duration: 30_000,
        retryIn: 30_000,
      },
    ],
  );
  await deploy(backend.url);
  assert.equal((await told())[0], 200);
});

test('an endpoint whose suspension is switched off is asked again and again', async (t) => {
  const { call, put, backend } = await stage(t);
  const dead = await deadUrl();
  const production = leaf(dead, tireless);
  await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  for (let i = 0; i < 3; i++) assert.equal((await call('/orders/1.0.0/x', good())).status, 502);
});
