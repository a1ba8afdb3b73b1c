import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Api, ApiScope } from '@sluice/model';
import fc from 'fast-check';
import { makeClient, type Running, run } from '../testing/running.ts';
import { createGrantScopes, scopesOf, usualAllowedScopes } from './grant-scopes.ts';
import { builtInRoles, roleScopes } from './role-scopes.ts';

let running: Running;
let credentials: [string, string];
before(async () => {
  running = await run();
  ({ credentials } = await makeClient(running));
  await running.keyManager.users.create({
    username: 'ravi',
    password: 'ravi',
    roles: ['Internal/subscriber', 'pilot'],
  });
});
after(() => running.close());

const granted = async (scope: string, username = 'ravi') => {
  const fields = { grant_type: 'password', username, password: username, scope };
  return (await running.form('/oauth2/token', credentials, fields)).json().scope;
};

test('scopes that the roles do not hold are dropped without a word', async () => {
  assert.equal(await granted('apim:subscribe apim:api_create apim:app_manage'), 'apim:subscribe apim:app_manage');
  assert.equal(await granted('apim:api_create'), 'default');
  assert.equal(await granted('no-such-scope'), 'default');
  assert.equal(await granted(''), 'default');
  assert.equal(await granted('openid device_7 apim:admin'), 'openid device_7');
  assert.equal(await granted('apim:subscribe apim:subscribe'), 'apim:subscribe');
});

test('an application gets what its owner holds, without openid', async () => {
  const mine = await makeClient(running, { owner: 'ravi' });
  const fields = { grant_type: 'client_credentials', scope: 'openid apim:subscribe apim:admin' };
  const answer = (await running.form('/oauth2/token', mine.credentials, fields)).json();
  assert.equal(answer.scope, 'apim:subscribe');
  const principal = await running.keyManager.authenticateBearer(answer.access_token);
  assert.equal(principal?.user, 'ravi');
  assert.equal(principal?.clientId, mine.client.clientId);
});

test('scopes of APIs go to the roles they are bound to, and to everyone where they are bound to none', async () => {
  const { apis } = running.store.organization('carbon.super');
  const scopes: ApiScope[] = [
    { name: 'fly', bindings: ['Pilot'], shared: false },
    { name: 'land', bindings: ['tower'], shared: false },
    { name: 'look', bindings: [], shared: false },
  ];
  running.advance(2_000);
  assert.equal(await granted('fly land look'), 'default');
  await apis.create(apiWith(scopes), '{}');
  running.advance(2_000);
  assert.equal(await granted('fly land look'), 'fly look');
});

test('an API cannot give a scope of the REST APIs away', async () => {
  const { apis } = running.store.organization('carbon.super');
  const scopes = [{ name: 'apim:admin', bindings: [], shared: false }];
  await apis.create(apiWith(scopes), '{}');
  running.advance(2_000);
  assert.equal(await granted('apim:admin'), 'default');
});

test('the grant is always a part of what was asked', async () => {
  const grantScopes = createGrantScopes(async () => undefined, usualAllowedScopes);
  const roles = fc.subarray([...builtInRoles]);
  const asked = fc.uniqueArray(fc.oneof(fc.constantFrom(...Object.keys(roleScopes)), fc.string({ minLength: 1 })));
  await fc.assert(
    fc.asyncProperty(roles, asked, async (held, scopes) => {
      const given = await grantScopes(scopes, { organization: 'carbon.super', roles: held });
      if (given[0] === 'default' && given.length === 1) return;
      for (const scope of given) assert.ok(scopes.includes(scope));
      for (const scope of given)
        assert.ok(scopesOf(held).has(scope) || scope === 'openid' || scope.startsWith('device_'));
    }),
  );
});

function apiWith(scopes: readonly ApiScope[]): Api {
  const name = randomUUID();
  return {
    id: name,
    ...{ organization: 'carbon.super', name, version: '1', context: `/${name}`, provider: 'admin', type: 'HTTP' },
    ...{ status: 'CREATED', isDefaultVersion: false, transport: ['https'], tags: [], policies: [], scopes },
    ...{ apiThrottlingPolicy: null, securityScheme: ['oauth2'], visibility: 'PUBLIC', visibleRoles: [] },
    ...{ accessControl: 'NONE', accessControlRoles: [], endpointConfig: null, endpointImplementationType: 'ENDPOINT' },
    ...{ operations: [], keyManagers: ['all'], additionalProperties: [], hasThumbnail: false, more: {} },
    ...{ createdTime: 0, updatedTime: 0, updatedBy: 'admin' },
  };
}
