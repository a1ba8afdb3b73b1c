import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { basic, type Running, run } from '../testing/running.ts';

let running: Running;
before(async () => {
  running = await run();
  await running.keyManager.users.create({ username: 'dev ops', password: 'p&s=w+d%', roles: ['Internal/devops'] });
});
after(() => running.close());

/** Sends bytes as they stand and reads the one answer. */
function exchange(bytes: string): Promise<{ status: number; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(running.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', reject).on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), head: `${head.toLowerCase()}\r\n`, body });
    });
  });
}

const post = (target: string, headers: string[], body: string) =>
  exchange(
    [
      `POST ${target} HTTP/1.1`,
      'Host: localhost:9443',
      'User-Agent: go-resty/2.16.2 (https://github.com/go-resty/resty)',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
      'Accept-Encoding: gzip',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );

const register = (user: string, password: string, owner: string) =>
  post(
    '/client-registration/v0.17/register',
    ['Accept: application/json', `Authorization: ${basic(user, password)}`, 'Content-Type: application/json'],
    `{"clientName":"rest_api_import_export_${owner.replaceAll('@', '_')}","callbackUrl":"www.google.lk","grantType":"password refresh_token","saasApp":true,"owner":"${owner}","tokenScope":"Production"}`,
  );

const scopes =
  'apim:app_import_export+apim:api_import_export+apim:api_product_import_export+apim:app_manage+apim:sub_manage+apim:api_view+apim:api_delete+apim:app_owner_change+apim:subscribe+apim:api_publish+apim:admin+apim:policies_import_export+apim:mcp_server_view+apim:mcp_server_list_view+apim:mcp_server_create+apim:mcp_server_delete+apim:mcp_server_publish+apim:mcp_server_manage+apim:mcp_server_import_export';

/** The user name stands in the body as it was typed. */
const token = (client: { clientId: string; clientSecret: string }, user: string, escapedPassword: string) =>
  post(
    '/oauth2/token',
    [
      'Accept: application/json',
      `Authorization: ${basic(client.clientId, client.clientSecret)}`,
      'Content-Type: application/x-www-form-urlencoded',
    ],
    `grant_type=password&username=${user}&password=${escapedPassword}&scope=${scopes}`,
  );

test('apictl signs in, works and signs out with the bytes it sends', async () => {
  for (const user of ['admin', 'admin@carbon.super']) {
    const registered = await register(user, 'admin', user);
    assert.equal(registered.status, 200, registered.body);
    assert.match(registered.head, /\r\ncontent-type: application\/json\r\n/);
    const client = JSON.parse(registered.body);
    assert.equal(client.callBackURL, 'www.google.lk');

    const answer = await token(client, user, 'admin');
    assert.equal(answer.status, 200, answer.body);
    const pair = JSON.parse(answer.body);
    assert.deepEqual(pair.scope.split(' ').sort(), scopes.split('+').sort());
    assert.ok(Number.isInteger(pair.expires_in));

    const out = await post(
      '/oauth2/revoke',
      [
        `Authorization: ${basic(client.clientId, client.clientSecret)}`,
        'Content-Type: application/x-www-form-urlencoded',
      ],
      `token=${pair.access_token}&token_type_hint=access_token`,
    );
    assert.equal(out.status, 200);
    assert.equal(await running.keyManager.authenticateBearer(pair.access_token), undefined);
  }
});

test('a raw user name is read as a form, where + is a blank, and its password as it was escaped', async () => {
  const client = JSON.parse((await register('admin', 'admin', 'admin')).body);
  const answer = await token(client, 'dev+ops', 'p%26s%3Dw%2Bd%25');
  assert.equal(answer.status, 200, answer.body);
  assert.equal(
    JSON.parse(answer.body).scope,
    'apim:app_import_export apim:api_import_export apim:api_product_import_export apim:app_manage apim:sub_manage apim:subscribe apim:policies_import_export apim:mcp_server_import_export',
  );
});

test('its integration suite asks with everything in the query string', async () => {
  const client = JSON.parse((await register('admin', 'admin', 'admin')).body);
  const answer = await post(
    '/oauth2/token?grant_type=password&password=admin&scope=apim%3Aapi_view+apim%3Aapi_create&username=admin',
    [
      `Authorization: ${basic(client.clientId, client.clientSecret)}`,
      'Content-Type: application/x-www-form-urlencoded',
    ],
    '',
  );
  assert.equal(answer.status, 200, answer.body);
  assert.equal(JSON.parse(answer.body).scope, 'apim:api_view apim:api_create');
});
