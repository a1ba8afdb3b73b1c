import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  type DeployedApi,
  type FeedEvent,
  type FeedSource,
  type Log,
  type RuntimeEntities,
  seededPlans,
  silentLog,
} from '@sluice/model';
import { ZipFile } from 'yazl';
import { makeIssuer } from '../testing/tokens.ts';
import { type ProjectIssuer, projectSource } from './projects.ts';

const apiYaml = (name: string, extra = '') => `type: api
version: v4.7.0
data:
  name: ${name}
  context: /${name}
  version: 1.0.0
  lifeCycleStatus: PUBLISHED
  endpointConfig:
    endpoint_type: http
    production_endpoints:
      url: http://127.0.0.1:9
  operations:
    - target: /listed
      verb: GET
${extra}`;

const swagger = `openapi: 3.0.1
info: {title: x, version: 1.0.0}
paths:
  /defined/{id}:
    get: {x-auth-type: None, responses: {'200': {description: ok}}}
`;

interface Setup {
  readonly folder: string;
  readonly errors: string[];
  readonly source: FeedSource;
  write(name: string, text: string): Promise<void>;
  apis(): Promise<DeployedApi[]>;
}

async function setup(t: TestContext, issuers: (folder: string) => ProjectIssuer[] = () => []): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-projects-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const errors: string[] = [];
  const note = (message: string, fields?: unknown) => void errors.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { ...silentLog, warn: note, error: note };
  const source = projectSource({ folder, environment: 'Default', log, interval: 50, issuers: issuers(folder) });
  return {
    folder,
    errors,
    source,
    async write(name, text) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    },
    async apis() {
      const { entries } = await source.snapshot(new AbortController().signal);
      return entries.flatMap((one) => (one.kind === 'api' ? [one.value] : []));
    },
  };
}

async function writeZip(file: string, fill: (zip: ZipFile) => void): Promise<void> {
  const zip = new ZipFile();
  fill(zip);
  zip.end();
  const out = createWriteStream(`${file}.part`);
  zip.outputStream.pipe(out);
  await once(out, 'finish');
  await rename(`${file}.part`, file);
}

test('a folder and an archive become APIs; the definition outranks the list of operations', async (t) => {
  const { folder, write, apis } = await setup(t);
  await write('one/api.yaml', apiYaml('one'));
  await write('one/Definitions/swagger.yaml', swagger);
  await writeZip(join(folder, 'two.zip'), (zip) => {
    zip.addBuffer(Buffer.from(apiYaml('two')), 'two-1.0.0/api.yaml');
    zip.addBuffer(Buffer.from('x'), 'two-1.0.0/Docs/readme.txt');
  });
  const [one, two] = await apis();
  assert.equal(one?.basePath, '/one/1.0.0');
  assert.deepEqual(one?.operations[0], {
    target: '/defined/{id}',
    verb: 'GET',
    authType: 'None',
    throttlingPolicy: 'Unlimited',
    scopes: [],
  });
  assert.equal(two?.operations[0]?.target, '/listed');
  assert.equal(two?.endpoints.production?.kind, 'http');
});

test('only projects deployed to this environment are served', async (t) => {
  const { write, apis } = await setup(t);
  const deployed = (environment: string, vhost = '') =>
    `type: deployment_environments\ndata:\n  - deploymentEnvironment: ${environment}\n${vhost}`;
  await write('here/api.yaml', apiYaml('here'));
  await write('here/deployment_environments.yaml', deployed('Default', '    deploymentVhost: gw.example.com\n'));
  await write('there/api.yaml', apiYaml('there'));
  await write('there/deployment_environments.yaml', deployed('Other'));
  const found = await apis();
  assert.deepEqual(
    found.map(({ name, vhost }) => [name, vhost]),
    [['here', 'gw.example.com']],
  );
});

test('a WSDL document travels with its API, and a broken one does not keep the API from serving', async (t) => {
  const { folder, errors, write, apis } = await setup(t);
  const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>';
  await write('one/api.yaml', apiYaml('one'));
  await write('one/WSDL/one-1.0.0.wsdl', wsdl);
  await write('broken/api.yaml', apiYaml('broken'));
  await write('broken/WSDL/broken.wsdl', '<!DOCTYPE definitions><definitions/>');
  await mkdir(join(folder, 'linked'));
  await write('linked/api.yaml', apiYaml('linked'));
  await symlink(join(folder, 'one', 'WSDL'), join(folder, 'linked', 'WSDL'));
  await writeZip(join(folder, 'two.zip'), (zip) => {
    zip.addBuffer(Buffer.from(apiYaml('two')), 'two-1.0.0/api.yaml');
    zip.addBuffer(Buffer.from(wsdl), 'two-1.0.0/WSDL/two.wsdl');
  });
  const carried = (await apis()).map(({ name, wsdl: packed }) => [
    name,
    packed === undefined ? null : gunzipSync(Buffer.from(packed, 'base64')).toString(),
  ]);
  assert.deepEqual(Object.fromEntries(carried), { one: wsdl, two: wsdl, broken: null, linked: null });
  assert.match(errors.join(), /broken\.wsdl cannot be shown by \?wsdl: 1: a document type is not read/);
  await write('one/WSDL/one-1.0.0.wsdl', wsdl.replace('/>', ' name="changed"/>'));
  const changed = (await apis()).find(({ name }) => name === 'one');
  assert.match(gunzipSync(Buffer.from(changed?.wsdl ?? '', 'base64')).toString(), /changed/);
});

test('a project says who may see its API', async (t) => {
  const { write, apis } = await setup(t);
  await write('open/api.yaml', apiYaml('open'));
  await write('hidden/api.yaml', apiYaml('hidden', '  visibility: RESTRICTED\n'));
  const shown = (await apis()).map(({ name, more }) => [name, more.visibility]);
  assert.deepEqual(Object.fromEntries(shown), { open: undefined, hidden: 'RESTRICTED' });
});

test('a broken project is named with file and line, and does not hide the others', async (t) => {
  const { errors, write, apis } = await setup(t);
  await write('good/api.yaml', apiYaml('good'));
  await write('yaml/api.yaml', 'data:\n  name: a\n  name: b\n');
  await write('verb/api.yaml', apiYaml('verb', '    - target: /x\n      verb: 7\n'));
  await write('status/api.yaml', apiYaml('status').replace('PUBLISHED', 'LIVE'));
  await write('swagger/api.yaml', apiYaml('swagger'));
  await write('swagger/Definitions/swagger.yaml', 'openapi: 3.0.0\npaths: {\n');
  assert.deepEqual(
    (await apis()).map(({ name }) => name),
    ['good'],
  );
  for (const place of [
    /yaml\/api\.yaml:3: /,
    /verb\/api\.yaml:16: /,
    /status\/api\.yaml:7: /,
    /swagger\/Definitions\/swagger\.yaml/,
  ]) {
    assert.ok(
      errors.some((text) => place.test(text)),
      `${place} in ${errors.join('\n')}`,
    );
  }
});

test('changes are followed; a project that breaks keeps its last good form', async (t) => {
  const { folder, errors, source, write } = await setup(t);
  await write('one/api.yaml', apiYaml('one'));
  const { sequence } = await source.snapshot(new AbortController().signal);
  const stop = new AbortController();
  const events = source.events(sequence, stop.signal)[Symbol.asyncIterator]();
  const next = async () => (await events.next()).value as FeedEvent;

  const added = next();
  await write('two/api.yaml', apiYaml('two'));
  assert.deepEqual([(await added).kind, (await added).id], ['api', 'two/1.0.0']);

  const changed = next();
  await write('two/api.yaml', 'data: [');
  // Nothing comes of the broken one; the next good change does.
  const { setTimeout: delay } = await import('node:timers/promises');
  while (errors.length === 0) await delay(5);
  assert.match(errors.join(), /two\/api\.yaml:1.*/);
  await write('two/api.yaml', apiYaml('two').replace('/listed', '/changed'));
  assert.equal(((await changed).value as DeployedApi).operations[0]?.target, '/changed');

  const removed = next();
  await rm(join(folder, 'one'), { recursive: true });
  assert.deepEqual([(await removed).id, (await removed).value], ['one/1.0.0', null]);
  stop.abort();
  assert.equal((await events.next()).done, true);
});

test('hostile archives are refused with the reason', async (t) => {
  const { folder, errors, apis } = await setup(t);
  const good = Buffer.from(apiYaml('evil'));
  await writeZip(join(folder, 'bomb.zip'), (zip) => zip.addBuffer(Buffer.alloc(9 * 1024 * 1024), 'x/api.yaml'));
  await writeZip(join(folder, 'large.zip'), (zip) => {
    zip.addBuffer(Buffer.alloc(11 * 1024 * 1024, 'a b'), 'x/api.yaml', { compress: false });
  });
  await writeZip(join(folder, 'link.zip'), (zip) =>
    zip.addBuffer(Buffer.from('/etc/passwd'), 'x/api.yaml', { mode: 0o120777 }),
  );
  // An archive that claims 20,000 entries: its end record alone.
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(20_000, 8);
  end.writeUInt16LE(20_000, 10);
  await writeFile(join(folder, 'many.zip'), end);
  // yazl refuses such names itself, so the bytes are changed afterwards.
  await writeZip(join(folder, 'escape.zip'), (zip) => {
    zip.addBuffer(good, 'xx/api.yaml');
    zip.addBuffer(good, 'xx/yy/zz');
  });
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(join(folder, 'escape.zip'), 'latin1');
  await writeFile(join(folder, 'escape.zip'), bytes.replaceAll('xx/yy/zz', '../../zz'), 'latin1');
  await writeFile(join(folder, 'noise.zip'), 'this is no archive');
  assert.deepEqual(await apis(), []);
  for (const [name, reason] of [
    ['bomb', 'compressed more than'],
    ['large', 'larger than'],
    ['link', 'links are not allowed'],
    ['many', 'more than 10000 entries'],
    ['escape', 'cannot be read'],
    ['noise', 'cannot be read'],
  ]) {
    assert.ok(
      errors.some((text) => text.includes(`${name}.zip`) && text.includes(reason as string)),
      `${name}: ${errors.join('\n')}`,
    );
  }
});

test('a link in a project folder is not followed', async (t) => {
  const { folder, errors, write, apis } = await setup(t);
  await write('one/Definitions/swagger.yaml', swagger);
  await write('secret', apiYaml('secret'));
  await symlink(join(folder, 'secret'), join(folder, 'one', 'api.yaml'));
  assert.deepEqual(await apis(), []);
  assert.match(errors.join(), /api\.yaml: it is not a regular file/);
});

test('issuers come from their key files, and again when these change', async (t) => {
  const first = makeIssuer('one', 'https://one');
  const { source, write, errors } = await setup(t, (folder) => [
    { issuer: 'https://one', jwksFile: join(folder, 'keys', 'jwks.json') },
  ]);
  const none = await source.snapshot(new AbortController().signal);
  assert.ok(none.entries.every(({ kind }) => kind === 'plan'));
  assert.equal(errors.length, 1);
  const stop = new AbortController();
  const events = source.events(none.sequence, stop.signal)[Symbol.asyncIterator]();
  const came = events.next();
  await write('keys/jwks.json', JSON.stringify({ keys: first.runtime.keys }));
  const event = (await came).value as FeedEvent;
  assert.deepEqual([event.kind, event.id], ['issuer', 'https://one']);
  stop.abort();
  await events.next();
});

test('the folder may be one project itself', async (t) => {
  const { write, apis } = await setup(t);
  await write(
    'api.json',
    JSON.stringify({
      type: 'api',
      data: { name: 'solo', version: 2, context: '/{version}/solo', operations: [{ target: '/*', verb: 'get' }] },
    }),
  );
  const [solo] = await apis();
  assert.equal(solo?.basePath, '/2/solo');
  assert.equal(solo?.status, 'PUBLISHED');
});

const policyYaml = (subtype: string, name: string, requestCount: number) => `type: throttling policy
subtype: ${subtype}
version: v4.7.0
data:
  policyId: ''
  policyName: ${name}
  defaultLimit:
    type: REQUESTCOUNTLIMIT
    requestCount: {timeUnit: min, unitTime: 1, requestCount: ${requestCount}}
    bandwidth: null
`;

async function entitiesOf<K extends 'plan' | 'customRule'>(source: FeedSource, kind: K): Promise<RuntimeEntities[K][]> {
  const { entries } = await source.snapshot(new AbortController().signal);
  return entries.flatMap((one) => (one.kind === kind ? [one.value as RuntimeEntities[K]] : []));
}

test('plans are those of WSO2, with those of the folder in their places and beside them', async (t) => {
  const { source, write, folder, errors } = await setup(t);
  assert.deepEqual(
    (await entitiesOf(source, 'plan')).map(({ id, organization: _, ...plan }) => plan),
    seededPlans,
  );
  await write('Subscription-Gold.yaml', policyYaml('subscription policy', 'Gold', 7));
  await write('-Lead.yml', policyYaml('subcription policy', 'Lead', 3));
  await write('Custom-Five.json', JSON.stringify(customRule));
  await write('jwks.json', '{"keys": []}');
  await write('notes.yaml', '- just\n- notes');
  const plans = await entitiesOf(source, 'plan');
  assert.equal(plans.length, seededPlans.length + 1);
  const counts = (name: string) =>
    plans.flatMap((plan) => (plan.kind === 'subscription' && plan.name === name ? [plan.quota] : []));
  const quota = (requestCount: number) => [{ type: 'REQUESTCOUNTLIMIT', requestCount, timeUnit: 'min', unitTime: 1 }];
  assert.deepEqual(counts('Gold'), quota(7));
  assert.deepEqual(counts('Lead'), quota(3));
  assert.deepEqual(
    (await entitiesOf(source, 'customRule')).map(({ name, keyTemplate }) => [name, keyTemplate]),
    [['Five', '$userId']],
  );
  await rm(join(folder, 'Subscription-Gold.yaml'));
  const gold = (await entitiesOf(source, 'plan')).find(({ id }) => id === 'subscription/Gold');
  assert.deepEqual(gold?.quota, quota(5000)[0]);
  assert.deepEqual(errors, []);
});

test('a broken policy names file, line and remedy, and its last good form stays', async (t) => {
  const { source, write, errors } = await setup(t);
  await write('Lead.yaml', policyYaml('application policy', 'Lead', 3));
  await source.snapshot(new AbortController().signal);
  await write('Lead.yaml', policyYaml('application policy', 'Lead', 0));
  await write('Other.yaml', policyYaml('wish', 'Other', 1));
  const plans = await entitiesOf(source, 'plan');
  assert.equal(plans.filter(({ name }) => name === 'Lead').length, 1);
  assert.match(
    errors.join('\n'),
    /A policy or shared endpoint is broken; its last good form stays .*Lead\.yaml:9: .*requestCount: 0 found/,
  );
  assert.match(
    errors.join('\n'),
    /A policy or shared endpoint is broken and is not served .*Other\.yaml:2: subtype: .*wish/,
  );
});

const customRule = {
  type: 'throttling policy',
  subtype: 'custom rule',
  data: {
    policyName: 'Five',
    keyTemplate: '$userId',
    siddhiQuery:
      "FROM RequestStream SELECT userId, (userId == 'mary@carbon.super') AS isEligible, str:concat('mary@carbon.super','') as throttleKey " +
      'INSERT INTO EligibilityStream; FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min) SELECT throttleKey, ' +
      '(count(userId) >= 5) as isThrottled, expiryTimeStamp group by throttleKey INSERT ALL EVENTS into ResultStream;',
  },
};

test('a shared endpoint in the folder is served under its name, and a broken one is named with its line', async (t) => {
  const { write, source, errors } = await setup(t);
  const file = (url: string) => `type: shared_endpoint
version: v1
data:
  name: orders
  endpointConfig:
    production_endpoints:
      url: ${url}
`;
  await write('orders.yaml', file('http://b.example.com'));
  const shared = async () => {
    const { entries } = await source.snapshot(new AbortController().signal);
    return entries.flatMap((one) => (one.kind === 'endpoint' ? [[one.id, one.value.endpointConfig]] : []));
  };
  const config = { production_endpoints: { url: 'http://b.example.com' } };
  assert.deepEqual(await shared(), [['carbon.super/orders', config]]);
  await write('orders.yaml', file('somewhere else'));
  assert.deepEqual(await shared(), [['carbon.super/orders', config]]);
  assert.match(errors.join('\n'), /shared endpoint is broken; its last good form stays .*orders\.yaml:7: .*url/);
});

test('the WSDL document of a project tells the address of its endpoint, or why it does not', async (t) => {
  const { write, apis, errors } = await setup(t);
  const soap = (service: string) =>
    apiYaml('soap')
      .replace('endpoint_type: http', 'endpoint_type: wsdl')
      .replace('url: http://127.0.0.1:9', `config: {service: ${service}}`);
  await write(
    'soap/WSDL/any.wsdl',
    '<definitions><service name="S"><port name="P"><address location="http://b/x"/></port></service></definitions>',
  );
  await write('soap/api.yaml', soap('S'));
  await write('bare/api.yaml', soap('S').replaceAll('soap', 'bare'));
  const [api, ...others] = await apis();
  assert.equal(others.length, 0);
  assert.ok(api?.endpoints.production?.kind === 'wsdl');
  assert.equal(api.endpoints.production.url, 'http://b/x');
  assert.match(errors.join('\n'), /bare\/api\.yaml:\d+: the address of prod is not known/);
  await write('soap/api.yaml', soap('Other'));
  await apis();
  assert.match(errors.join('\n'), /soap\/api\.yaml:\d+: it has no service .*Other.* but .*S/);
});

test('a mocked project answers from its definition', async (t) => {
  const { write, apis } = await setup(t);
  await write('one/api.yaml', apiYaml('one', '  endpointImplementationType: INLINE\n'));
  await write(
    'one/Definitions/swagger.yaml',
    swagger.replace('description: ok', 'description: ok, content: {application/json: {example: [1]}}'),
  );
  const [api] = await apis();
  assert.deepEqual(api?.endpoints.production, { kind: 'mock', name: 'prod' });
  assert.deepEqual(api?.operations[0]?.mock, [{ status: '200', json: '[1]' }]);
});
