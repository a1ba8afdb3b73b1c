import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, apiBody, people, startControlPlane } from '../testing/control-plane.ts';

test('`apictl get keys` gets its token by the calls it makes, twice over, with one application and one subscription', async () => {
  const plane = await startControlPlane();
  const devportal = (method: string, path: string, token: string, json?: unknown): Promise<Answer> =>
    plane.call(method, `/api/am/devportal/v3${path}`, { as: token, ...(json === undefined ? {} : { json }) });
  try {
    const api = (await plane.publisher('POST', '/apis', { expect: 201, json: apiBody('PizzaShack', ready) })).body;
    await plane.publisher('POST', `/apis/change-lifecycle?action=Publish&apiId=${api.id}`, { expect: 200 });

    const client = await plane.call('POST', '/client-registration/v0.17/register', {
      ...{ as: people.admin, expect: 200 },
      json: {
        clientName: 'rest_api_import_export_admin',
        callbackUrl: 'www.google.lk',
        grantType: 'password refresh_token',
        saasApp: true,
        owner: 'admin',
        tokenScope: 'Production',
      },
    });
    const scope = 'apim:app_import_export apim:app_manage apim:sub_manage apim:api_view apim:subscribe';
    const form = `grant_type=password&username=admin&password=admin&scope=${scope.replaceAll(' ', '+')}`;

    for (let round = 0; round < 2; round++) {
      const { access_token: token } = await tokenFrom(plane.httpUrl, client.body, form);
      const query = encodeURIComponent('name:"PizzaShack" version:"1.0.0"');
      const search = await plane.call('GET', `/api/am/publisher/v4/search?query=${query}`, { as: token });
      assert.equal(search.body.count, 1);
      const found = await plane.call('GET', `/api/am/publisher/v4/apis/${search.body.list[0].id}`, { as: token });
      const throttlingPolicy = found.body.policies[0];

      const plans = await devportal('GET', '/throttling-policies/application', token);
      const mine = await devportal('GET', '/applications?query=default-apictl-app', token);
      assert.equal(mine.body.count, round);
      const application =
        round === 1
          ? mine.body.list[0]
          : (
              await devportal('POST', '/applications', token, {
                name: 'default-apictl-app',
                throttlingPolicy: plans.body.list[0].name,
                description: 'Default application for apictl testing purposes',
                tokenType: 'JWT',
              })
            ).body;
      const subscriptions = await devportal('GET', `/subscriptions?apiId=${api.id}`, token);
      assert.equal(subscriptions.body.count, round);
      if (round === 0) {
        const { applicationId } = application;
        const made = await devportal('POST', '/subscriptions', token, {
          applicationId,
          apiId: api.id,
          throttlingPolicy,
        });
        assert.equal(made.status, 201);
      } else {
        assert.equal(subscriptions.body.list[0].applicationInfo.name, 'default-apictl-app');
      }

      const whole = await devportal('GET', `/applications/${application.applicationId}`, token);
      const scopes = whole.body.subscriptionScopes.map(({ key }: { key: string }) => key);
      assert.deepEqual(scopes, ['order:read']);
      const kept = await devportal('GET', `/applications/${application.applicationId}/keys`, token);
      assert.equal(kept.body.count, round);
      const keys =
        round === 1
          ? kept.body.list[0]
          : (
              await devportal('POST', `/applications/${application.applicationId}/generate-keys`, token, {
                keyType: 'PRODUCTION',
                grantTypesToBeSupported: ['refresh_token', 'password', 'client_credentials'],
                validityTime: 3600,
              })
            ).body;
      const credentials = { clientId: keys.consumerKey, clientSecret: keys.consumerSecret };
      const granted = await tokenFrom(
        plane.httpUrl,
        credentials,
        `grant_type=client_credentials&scope=${scopes.join('+')}`,
      );
      assert.equal(granted.expires_in, 3600);
      assert.equal(JSON.parse(atob(granted.access_token.split('.')[1] ?? '')).azp, keys.consumerKey);
    }
  } finally {
    await plane.close();
  }
});

const ready = {
  policies: ['Unlimited'],
  endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://127.0.0.1:9/' } },
  scopes: [{ scope: { name: 'order:read', displayName: 'Read orders', bindings: ['admin'] }, shared: false }],
  operations: [{ target: '/orders', verb: 'GET', scopes: ['order:read'] }],
};

async function tokenFrom(url: string, client: { clientId: string; clientSecret: string }, form: string) {
  const response = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form,
  });
  assert.equal(response.status, 200);
  return (await response.json()) as { access_token: string; expires_in: number };
}
