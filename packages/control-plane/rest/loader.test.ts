import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { errors, type Principal, SluiceError, silentLog, superOrganization } from '@sluice/model';
import { MissingReferenceError, StoreUnavailableError } from '@sluice/store';
import type { FastifyInstance } from 'fastify';
import { createRestApp, type Description, mountPortal, type RestHandlers, type RestRequest } from './index.ts';

const security = [{ OAuth2Security: ['apim:api_view'] }];
const ok = {
  '200': { description: 'Done', content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
  '304': { description: 'Unchanged' },
};
const description = {
  openapi: '3.0.3',
  info: { title: 'Things', version: 'v1' },
  servers: [{ url: '/api/things/v1' }],
  paths: {
    '/things': {
      get: {
        operationId: 'list',
        security,
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', default: 25, minimum: 0 } },
          { name: 'deep', in: 'query', schema: { type: 'boolean' } },
          { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'X-WSO2-Tenant', in: 'header', schema: { type: 'string' } },
        ],
        responses: ok,
      },
      post: {
        operationId: 'create',
        security,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
        },
        responses: ok,
      },
    },
    '/things/{id}': {
      get: {
        operationId: 'get',
        security,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: ok,
      },
      put: {
        operationId: 'update',
        security,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: { '200': { description: 'Done' } },
      },
    },
    '/things/import': {
      post: {
        operationId: 'import',
        security,
        requestBody: { content: { 'multipart/form-data': { schema: { type: 'object' } } } },
        responses: ok,
      },
    },
    '/open': { get: { operationId: 'open', security: [{ OAuth2Security: [] }, {}], responses: ok } },
    '/secret': {
      delete: {
        operationId: 'secret',
        security: [{ OAuth2Security: ['apim:admin'] }],
        responses: { '200': { description: 'Gone' } },
      },
    },
    '/broken': { get: { operationId: 'broken', security: [], responses: ok } },
    '/unavailable': { get: { operationId: 'unavailable', security: [], responses: ok } },
    '/vanished': { get: { operationId: 'vanished', security: [], responses: ok } },
    '/undescribed': { get: { operationId: 'undescribed', security: [], responses: ok } },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['name'],
        properties: {
          id: { type: 'string', readOnly: true },
          name: { type: 'string', minLength: 1 },
          kind: { type: 'string', enum: ['A', 'B'], default: 'A' },
          count: { type: 'integer' },
          free: { type: 'object', properties: {} },
          seen: { type: 'object', properties: {}, nullable: true },
        },
      },
    },
  },
} as unknown as Description;

let last: RestRequest;
let state = 'first';
const answer = async (request: RestRequest) => {
  last = request;
  return { status: 200, body: { name: 'x' } };
};
const handlers: RestHandlers = {
  list: answer,
  create: answer,
  get: async (request) => {
    last = request;
    return { status: 200, body: { name: state } };
  },
  update: async (request) => {
    last = request;
    // As a database would, the change takes a turn or two of the event loop.
    await new Promise(setImmediate);
    state = (request.body as { name?: string } | undefined)?.name ?? state;
    return { status: 200 };
  },
  open: answer,
  secret: answer,
  import: answer,
  broken: async () => {
    throw new Error('select * from secrets where password = 7');
  },
  unavailable: async () => {
    throw new StoreUnavailableError('full', 'database or disk is full');
  },
  vanished: async () => {
    throw new MissingReferenceError();
  },
  undescribed: async () => ({ status: 200, body: { name: 'x', typo: 1 } }),
};

let app: FastifyInstance;
let server: Server;
let base: string;

before(async () => {
  app = await createRestApp(silentLog);
  mountPortal(
    app,
    { name: 'things', description, handlers },
    {
      authenticator: {
        authenticateBearer: async (token) => (token === 'good' ? principal('apim:api_view') : undefined),
        authenticateBasic: async (user, password) =>
          user === 'admin' && password === 'a:b' ? principal('apim:admin') : undefined,
      },
      log: silentLog,
      limits: { bytes: 1000 },
      publicUrl: 'https://fallback:9443',
      checkResponses: true,
    },
  );
  await app.ready();
  server = createServer(app.routing).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/things/v1`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await app.close();
});

function principal(...scopes: string[]): Principal {
  return { organization: superOrganization, user: 'admin', roles: [], scopes: new Set(scopes) };
}
function call(
  path: string,
  init: RequestInit & { headers?: Record<string, string>; duplex?: 'half' } = {},
): Promise<Response> {
  return fetch(base + path, { ...init, headers: { authorization: 'Bearer good', ...init.headers } });
}
interface ErrorBody {
  code: number;
  description: string;
  error: { message: string }[];
}
async function refusal(response: Response, status: number): Promise<ErrorBody> {
  const body = (await response.json()) as ErrorBody;
  assert.equal(response.status, status, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ['code', 'message', 'description', 'moreInfo', 'error']);
  assert.equal(typeof body.code, 'number');
  assert.equal(response.headers.get('content-type'), 'application/json');
  return body;
}
const json = { 'content-type': 'application/json' };

test('query values come converted, with defaults, and repeated single values count once', async () => {
  await call('/things?deep=true&tag=a&tag=b&limit=7&limit=9');
  assert.deepEqual({ ...last.query }, { deep: true, tag: ['a', 'b'], limit: 7 });
  await call('/things?tag=a&deep=');
  assert.deepEqual({ ...last.query }, { tag: ['a'], limit: 25 });
});

test('a wrong query value is a 400 that names it', async () => {
  const body = await refusal(await call('/things?limit=many&deep=perhaps'), 400);
  assert.match(body.description, /query\/limit must be integer/);
  assert.equal(body.error.length, 2);
  await refusal(await call('/things?limit=-1'), 400);
});

test('nulls and read-only members of a body are ignored, free objects are left alone', async () => {
  const sent = { id: 'forged', name: 'n', kind: null, count: '3', free: { a: null }, seen: null, unknown: 1 };
  assert.equal((await call('/things', { method: 'POST', headers: json, body: JSON.stringify(sent) })).status, 200);
  assert.deepEqual(last.body, { name: 'n', kind: 'A', count: 3, free: { a: null }, seen: null, unknown: 1 });
});

test('a body that is missing, malformed, of a wrong shape, too deep or of another type is refused', async () => {
  const post = (body: string, headers: Record<string, string> = json) =>
    call('/things', { method: 'POST', headers, body });
  await refusal(await call('/things', { method: 'POST' }), 400);
  for (const nothing of [' ', '\r\n', 'null']) await refusal(await post(nothing), 400);
  await refusal(await post('{"name":'), 400);
  assert.match(
    (await refusal(await post('{"kind":"C"}'), 400)).description,
    /name.*kind must be equal to one of the allowed values: A, B/,
  );
  await refusal(await post('['.repeat(300) + ']'.repeat(300)), 400);
  await refusal(await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415);
  await refusal(await post('x', { 'content-type': 'nonsense' }), 415);
});

test('null and blanks are no body where none is needed: Go clients write an empty list as null', async () => {
  for (const body of ['null', ' ']) {
    assert.equal((await call('/things/1', { method: 'PUT', headers: json, body })).status, 200);
    assert.equal(last.body, undefined);
  }
});

test('a member __proto__ does not reach the handler', async () => {
  await call('/things', { method: 'POST', headers: json, body: '{"name":"n","free":{"__proto__":{"x":1}}}' });
  assert.equal(JSON.stringify(last.body), '{"name":"n","free":{},"kind":"A"}');
});

test('a body on an operation without one is dropped, whatever it is', async () => {
  const sent = {
    method: 'DELETE',
    headers: { authorization: `Basic ${btoa('admin:a:b')}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=b',
  };
  assert.equal((await call('/secret', sent)).status, 200);
});

test('a body above the limit is a 413 that the client gets to read', async () => {
  const body = await refusal(
    await call('/things', { method: 'POST', headers: json, body: 'x'.repeat(3_000_000) }),
    413,
  );
  assert.match(body.description, /1000/);
  const endless = new ReadableStream({
    start: (c) => {
      for (let i = 0; i < 50; i++) c.enqueue(new Uint8Array(100));
      c.close();
    },
  });
  await refusal(await call('/things', { method: 'POST', headers: json, body: endless, duplex: 'half' }), 413);
});

test('forms arrive as fields and files, and a file above the limit is a 413', async () => {
  const form = new FormData();
  form.set('file', new File(['content'], '../../etc/passwd', { type: 'text/yaml' }));
  form.set('additionalProperties', '{"a":1}');
  await call('/things/import', { method: 'POST', body: form });
  assert.equal(Buffer.from(last.files.file?.bytes ?? []).toString(), 'content');
  assert.equal(last.files.file?.mediaType, 'text/yaml');
  assert.deepEqual({ ...last.fields }, { additionalProperties: '{"a":1}' });
  form.set('file', new File(['x'.repeat(5000)], 'big'));
  await refusal(await call('/things/import', { method: 'POST', body: form }), 413);
  form.delete('file');
  form.set('inline', 'x'.repeat(5000));
  await refusal(await call('/things/import', { method: 'POST', body: form }), 413);
  await refusal(
    await call('/things/import', { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'x' }),
    400,
  );
  await refusal(
    await call('/things/import', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhalf',
    }),
    400,
  );
});

test('no, wrong or insufficient credentials are one and the same 401', async () => {
  for (const authorization of [
    '',
    'Bearer bad',
    'Basic %%%',
    `Basic ${btoa('admin:wrong')}`,
    'Digest x',
    'Bearer good',
  ]) {
    const response = await fetch(`${base}/secret`, {
      method: 'DELETE',
      headers: authorization ? { authorization } : {},
    });
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer /);
    assert.deepEqual(await refusal(response, 401), {
      code: 401,
      message: '',
      description: 'Unauthenticated request',
      moreInfo: '',
      error: [],
    });
  }
});

test('an operation for anybody takes a call without credentials but not with wrong ones', async () => {
  assert.equal((await fetch(`${base}/open`)).status, 200);
  assert.equal(last.anonymous, true);
  assert.equal((await call('/open')).status, 200);
  assert.equal(last.anonymous, false);
  await refusal(await call('/open', { headers: { authorization: 'Bearer bad' } }), 401);
});

test('unknown paths, wrong methods and unacceptable types get their own statuses', async () => {
  await refusal(await call('/nowhere'), 404);
  await refusal(await call('/things/a/b'), 404);
  await refusal(await fetch(base.replace('/api', '/other')), 404);
  const wrong = await call('/things', { method: 'PUT', headers: json, body: '{}' });
  assert.equal(wrong.headers.get('allow'), 'GET, POST, HEAD');
  await refusal(wrong, 405);
  await refusal(await call('/things', { headers: { accept: 'application/xml' } }), 406);
  assert.equal((await call('/things', { headers: { accept: 'text/html, application/*;q=0.5' } })).status, 200);
  assert.equal((await call('/things', { headers: { accept: '' } })).status, 200);
});

test('path parameters are decoded once, and a malformed escape is a 400', async () => {
  await call('/things/a%2Fb%2520c/');
  assert.equal(last.path.id, 'a/b%20c');
  await refusal(await call('/things/%E0%A4%A'), 400);
});

test('HEAD answers as GET without a body', async () => {
  const response = await call('/things/1', { method: 'HEAD' });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), '');
});

test('a client that holds the entity gets 304', async () => {
  const tag = (await call('/things/1')).headers.get('etag') ?? '';
  assert.equal((await call('/things/1', { headers: { 'if-none-match': `W/${tag}` } })).status, 304);
  assert.equal((await call('/things/1', { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('a change to a state that its author did not read is a 412 and is not made', async () => {
  const change = (name: string, tag: string) =>
    call('/things/1', { method: 'PUT', headers: { ...json, 'if-match': tag }, body: JSON.stringify({ name }) });
  const read = async () => (await call('/things/1')).headers.get('etag') ?? '';
  const stale = await read();
  assert.equal((await change('second', `"other", ${stale}`)).status, 200);
  await refusal(await change('third', stale), 412);
  await refusal(await change('third', `W/${await read()}`), 412);
  assert.equal(state, 'second');
  assert.equal((await change('third', '*')).status, 200);

  const fresh = await read();
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => change(name, fresh)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412]);
});

test('an unexpected failure does not tell its words', async () => {
  const body = await refusal(await call('/broken'), 500);
  assert.doesNotMatch(JSON.stringify(body), /password/);
});

test('a response that is not as described does not pass unseen', async () => {
  await refusal(await call('/undescribed'), 500);
});

test('the description is served to anybody', async () => {
  const response = await fetch(`${base}/swagger.yaml`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /operationId: list/);
  assert.equal((await fetch(`${base}/swagger.yaml`, { method: 'HEAD' })).status, 200);
});

test('links start from the host that was called, unless it is no host', async () => {
  await call('/things');
  assert.match(last.baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /api/things/v1/open HTTP/1.1\r\nHost: evil"><script>\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  assert.equal(last.baseUrl, 'https://fallback:9443');
});

test('a portal whose handlers and description differ does not start', async () => {
  const options = {
    authenticator: { authenticateBearer: async () => undefined, authenticateBasic: async () => undefined },
    log: silentLog,
    limits: { bytes: 1 },
    publicUrl: '',
    checkResponses: false,
  };
  const { list: _list, ...lacking } = handlers;
  const other = await createRestApp(silentLog);
  assert.throws(
    () => mountPortal(other, { name: 'things', description, handlers: lacking }, options),
    /operation list, but no handler/,
  );
  assert.throws(
    () => mountPortal(other, { name: 'things', description, handlers: { ...handlers, extra: answer } }, options),
    /extra/,
  );
  await other.close();
});

test('a database that is locked, full or away is a 503 that says so and asks to come again', async () => {
  const response = await call('/unavailable');
  assert.equal(response.headers.get('retry-after'), '1');
  assert.match((await refusal(response, 503)).description, /full/);
});

test('what was removed under a request is a 404', async () => {
  await refusal(await call('/vanished'), 404);
});

test('an error of the catalogue keeps its code and findings', async () => {
  const { faultOf } = await import('./faults.ts');
  const error = new SluiceError(errors.invalidRequest, { detail: 'd' }, { details: [{ code: 1, message: 'm' }] });
  assert.deepEqual(faultOf(error, silentLog).body.error, [{ code: '1', message: 'm' }]);
});
