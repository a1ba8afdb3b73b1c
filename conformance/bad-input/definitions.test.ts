import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { createApi, deploy, httpEndpoint, type Journey, journey, publisher } from '../main-job/journey.ts';
import { type Program, startProgram } from '../program/program.ts';

const small = (extra = '') =>
  `openapi: 3.0.3\ninfo: { title: T, version: 1.0.0 }\npaths:\n  /x:\n    get:\n      responses: { '200': { description: ok${extra} } }\n`;

describe('definitions that cannot be taken', () => {
  let program: Program;
  let job: Journey;
  const cleanups: (() => void)[] = [];
  const suite = { after: (cleanup: () => void) => cleanups.push(cleanup) } as unknown as TestContext;

  before(async () => {
    program = await startProgram(suite, {
      args: ['start', '--no-sample'],
      settings: '[apim.publisher]\nallow_private_import = false\n',
    });
    job = journey(program.urls.controlHttp as string);
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  const properties = (name: string) => ({
    name,
    context: `/${name}`,
    version: '1.0.0',
    endpointConfig: httpEndpoint('http://127.0.0.1:9'),
  });
  const upload = (text: string, name: string) => {
    const form = new FormData();
    form.set('file', new Blob([text]), 'description.yaml');
    form.set('additionalProperties', JSON.stringify(properties(name)));
    return job.admin.call('POST', `${publisher}/apis/import-openapi`, { form });
  };
  const list = async () => (await job.admin.get(`${publisher}/apis`)).json.count;

  test('a broken OpenAPI description is 400 and leaves nothing behind', async () => {
    for (const text of [
      '{"openapi": "3.0.3"',
      'openapi: 3.0.3\npaths: 7\n',
      'just text',
      '\u0000\u0001',
      'openapi: 9.9.9\ninfo: {title: T, version: 1}\npaths: {}\n',
    ]) {
      const answer = await upload(text, 'broken');
      assert.equal(answer.status, 400, text);
      assert.equal(typeof answer.json.code, 'number');
      assert.ok(answer.json.description.length > 10, answer.text);
      const form = new FormData();
      form.set('file', new Blob([text]), 'description.yaml');
      const validation = await job.admin.call('POST', `${publisher}/apis/validate-openapi`, { form, expect: 200 });
      assert.equal(validation.json.isValid, false);
    }
    assert.equal(await list(), 0);
  });

  test('an upload of 11 MB is 413 and names the limit', async () => {
    const answer = await upload(small(' '.repeat(11 * 1024 * 1024)), 'large');
    assert.equal(answer.status, 413);
    assert.match(answer.json.description, /10/);
    assert.equal(await list(), 0);
  });

  test('a reference to a file or a URL is refused, and neither is read', async () => {
    let visits = 0;
    const server = createServer((_, response) => {
      visits++;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const reference of [
      'file:///etc/passwd',
      '/etc/passwd',
      './other.yaml',
      `http://127.0.0.1:${port}/schema.json`,
    ]) {
      const text = `openapi: 3.0.3\ninfo: { title: T, version: 1.0.0 }\npaths:\n  /x:\n    $ref: '${reference}'\n`;
      const answer = await upload(text, 'reference');
      assert.equal(answer.status, 400, `${reference}: ${answer.text}`);
      assert.ok(answer.text.includes(reference), `the answer names ${reference}: ${answer.text}`);
      assert.ok(!answer.text.includes('root:'));
    }
    assert.equal(visits, 0);
    assert.equal(await list(), 0);
  });

  test('an import by URL does not reach private addresses, however they are written', async () => {
    let visits = 0;
    const server = createServer((_, response) => {
      visits++;
      response.end(small());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '2130706433',
      '0x7f.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ]) {
      const form = new FormData();
      form.set('url', `http://${host}:${port}/openapi.yaml`);
      form.set('additionalProperties', JSON.stringify(properties('private')));
      const answer = await job.admin.call('POST', `${publisher}/apis/import-openapi`, { form });
      assert.equal(answer.status, 400, `${host}: ${answer.text}`);
      assert.match(answer.text, /allow_private_import/, host);
    }
    assert.equal(visits, 0);
  });

  test('a context or a name that is taken is 409 and the first API stays as it was', async () => {
    const first = await createApi(job, { ...properties('taken'), operations: [{ target: '/*', verb: 'GET' }] });
    const context = await job.admin.call('POST', `${publisher}/apis`, {
      json: { ...properties('another'), context: '/taken' },
    });
    assert.ok([400, 409].includes(context.status), context.text);
    const name = await job.admin.call('POST', `${publisher}/apis`, {
      json: { ...properties('TAKEN'), context: '/elsewhere' },
    });
    assert.equal(name.status, 409, name.text);
    assert.equal((await job.admin.get(`${publisher}/apis/${first.id}`)).json.context, '/taken');
  });

  test('an unknown revision is 404 900347 and the deployed one stays', async () => {
    const api = await createApi(job, { ...properties('revised'), operations: [{ target: '/*', verb: 'GET' }] });
    await deploy(job, api.id);
    const answer = await job.admin.call(
      'POST',
      `${publisher}/apis/${api.id}/deploy-revision?revisionId=${crypto.randomUUID()}`,
      {
        json: [{ name: 'Default', vhost: 'localhost', displayOnDevportal: true }],
      },
    );
    assert.equal(answer.status, 404);
    assert.equal(answer.json.code, 900347);
    const deployments = await job.admin.get(`${publisher}/apis/${api.id}/deployments`);
    assert.equal((deployments.json.list ?? deployments.json).length, 1);
  });

  test('SQL and path tricks in names and searches do nothing but fail or be found as text', async () => {
    const before = await list();
    for (const name of ["x'; drop table api; --", '../../etc/passwd', '..%2f..%2fetc', 'a\u0000b', 'a/b', '<script>']) {
      const answer = await job.admin.call('POST', `${publisher}/apis`, { json: { ...properties('tricks'), name } });
      assert.ok(answer.status === 400 || answer.status === 201, `${name}: ${answer.status} ${answer.text}`);
      if (answer.status === 201) await job.admin.call('DELETE', `${publisher}/apis/${answer.json.id}`, { expect: 200 });
      await job.admin.get(`${publisher}/apis?query=${encodeURIComponent(`name:"${name}" provider:'or 1=1--`)}`);
    }
    for (const id of ["'%20or%201=1--", '..%2F..%2F', '%00', 'a'.repeat(5000)]) {
      const answer = await job.admin.call('GET', `${publisher}/apis/${id}`);
      assert.ok([400, 404, 414].includes(answer.status), `${id}: ${answer.status}`);
    }
    assert.equal(await list(), before);
  });
});
