import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  httpEndpoint,
  journey,
  publisher,
  subscribe,
} from '../main-job/journey.ts';
import { RestClient } from '../main-job/rest-client.ts';
import { runProgram, startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';

test('explain settings prints value and origin: file and line, environment, default', async (t) => {
  const home = temporaryHome(t);
  const settings = '# first line\n[server]\nhostname = "api.example"\n[super_admin]\npassword = "not-to-be-seen"\n';
  const file = await runProgram(t, { args: ['explain', 'settings', 'server.hostname'], home, settings });
  assert.equal(file.code, 0, file.stderr);
  assert.match(file.stdout, /api\.example/);
  assert.match(file.stdout, /deployment\.toml:3/);
  const variable = await runProgram(t, {
    args: ['explain', 'settings', 'server.offset'],
    home,
    env: { SLUICE_SERVER__OFFSET: '7' },
  });
  assert.match(variable.stdout, /7/);
  assert.match(variable.stdout, /SLUICE_SERVER__OFFSET/);
  const alias = await runProgram(t, { args: ['explain', 'settings', 'http.socket.timeout'], home });
  assert.match(alias.stdout, /180000/);
  assert.match(alias.stdout, /default/);
  const all = await runProgram(t, { args: ['explain', 'settings'], home });
  assert.ok(all.stdout.split('\n').length > 100);
  assert.ok(!all.stdout.includes('not-to-be-seen'));
  const unknown = await runProgram(t, { args: ['explain', 'settings', 'server.hostnam'], home });
  assert.equal(unknown.code, 1);
  assert.match(unknown.stdout, /server\.hostname/);
});

test('explain reads codes and causes without a gateway, and says where a call would have to be asked', async (t) => {
  const home = temporaryHome(t);
  const explain = (...words: string[]) => runProgram(t, { args: ['explain', ...words], home });
  const code = await explain('101507');
  assert.equal(code.code, 0, code.stderr);
  assert.match(code.stdout, /backend-socket-timeout, while the answer was waited for/);
  assert.match((await explain('endpoint-timeout')).stdout, /code 101504, status 504/);
  const call = await explain('00000000-0000-0000-0000-000000000000');
  assert.equal(call.code, 2);
  assert.match(call.stderr, /no gateway runs in the home/);
  assert.match((await explain()).stderr, /say: sluice explain REQUEST-ID/);
  assert.match((await explain('constructor')).stderr, /no gateway runs/, 'no word of the language is a subject');
});

test('users are added, given roles and passwords, and removed while the program runs', async (t) => {
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const { home } = program;
  const control = program.urls.controlHttp as string;
  const user = (args: string[], input = '') => runProgram(t, { args: ['user', ...args], home, input });
  const signIn = async (password: string) =>
    (await RestClient.basic(control, 'mary', password).call('GET', `${publisher}/apis`)).status;
  assert.equal((await user(['add', 'mary', '--role', 'Internal/creator'], 'first secret\n')).code, 0);
  assert.equal(await signIn('first secret'), 200);
  assert.match((await user(['add', 'mary'], 'another')).stderr, /there is a user mary already/);
  assert.match((await user(['list'])).stdout, /mary\t.*Internal\/creator/);
  assert.equal((await user(['password', 'mary'], 'second secret')).code, 0);
  await eventually('the old password ends', 10_000, async () =>
    (await signIn('first secret')) === 401 ? true : undefined,
  );
  assert.equal(await signIn('second secret'), 200);
  assert.equal((await user(['remove', 'mary'])).code, 0);
  await eventually('the user is gone', 10_000, async () =>
    (await signIn('second secret')) === 401 ? true : undefined,
  );
  const missing = await user(['password', 'nobody'], 'x');
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /nobody/);
});

test('rotated keys sign new tokens, and tokens of the old key stay valid', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const job = journey(program.urls.controlHttp as string);
  const gateway = program.urls.gateway as string;
  const operations = [{ target: '/*', verb: 'GET' }];
  const api = await createApi(job, {
    name: 'Keys',
    context: '/keys',
    version: '1',
    operations,
    endpointConfig: httpEndpoint(backend.url),
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const keys = await subscribe(job, api.id);
  const old = await clientToken(job, keys);
  const kid = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString()).kid;
  const rotation = await runProgram(t, { args: ['keys', 'rotate'], home: program.home });
  assert.equal(rotation.code, 0, rotation.stderr);
  const fresh = await eventually('the new key signs', 20_000, async () => {
    const token = await clientToken(job, keys);
    return kid(token) === kid(old) ? undefined : token;
  });
  await eventually('the gateway takes the new token', 2000, async () =>
    (await call(gateway, '/keys/1/x', { token: fresh })).status === 200 ? true : undefined,
  );
  assert.equal((await call(gateway, '/keys/1/x', { token: old })).status, 200);
});
