import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Client, Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { deployedApi, entry, leaf, operation } from './testing/entities.ts';
import { commonPicture, issuer, stage } from './testing/gateway.ts';
import { type EchoHandlers, grpcClient, methods, startGrpc } from './testing/grpc.ts';

/** A gateway before a gRPC server: an API that needs a token, and one that needs none. */
async function echo(
  t: TestContext,
  changes: Partial<EchoHandlers> = {},
  overrides: Parameters<typeof leaf>[1] = {},
  options: Parameters<typeof stage>[1] = {},
) {
  const port = await startGrpc(t, { ...echoHandlers, ...changes });
  const endpoints = {
    production: leaf(`http://127.0.0.1:${port}/test.Echo`, { protocol: 'h2', ...overrides }),
    sandbox: null,
  };
  const open = deployedApi({
    basePath: '/test.Echo',
    operations: [operation('POST', '/*', { authType: 'None' })],
    endpoints,
  });
  const secured = { ...open, operations: [operation('POST', '/*')] };
  const at = await stage(t, {
    ...options,
    entries: (backend) => [...commonPicture(backend).filter(({ kind }) => kind !== 'api'), entry.api(open)],
  });
  return { ...at, client: grpcClient(t, at.securePort), secure: () => at.put(entry.api(secured)) };
}

const echoHandlers: EchoHandlers = {
  unary: (call, done) => {
    const trailers = new Metadata();
    trailers.add('x-count', '1');
    done(null, call.request, trailers);
  },
  download: (call) => {
    for (const byte of call.request) call.write(Buffer.from([byte]));
    call.end();
  },
  upload: (call, done) => {
    const parts: Buffer[] = [];
    call.on('data', (bytes: Buffer) => parts.push(bytes));
    call.on('end', () => done(null, Buffer.concat(parts)));
  },
  talk: (call) => {
    call.on('data', (bytes: Buffer) => call.write(bytes));
    call.on('end', () => call.end());
  },
};

/** A unary call: its answer, and the status with its trailers. */
function unary(client: Client, message: Buffer, metadata = new Metadata(), options = {}) {
  const { unary: one } = methods;
  return new Promise<{ error: ServiceError | null; answer?: Buffer; status?: StatusObject }>((resolve) => {
    let found: { error: ServiceError | null; answer?: Buffer } | undefined;
    const call = client.makeUnaryRequest(
      one.path,
      one.requestSerialize,
      one.responseDeserialize,
      message,
      metadata,
      options,
      (error, answer) => {
        found = { error, ...(answer === undefined ? {} : { answer }) };
      },
    );
    call.on('status', (ended: StatusObject) => setImmediate(() => resolve({ error: null, ...found, status: ended })));
  });
}

function talk(client: Client, path = methods.talk.path, options = {}) {
  const { requestSerialize, responseDeserialize } = methods.talk;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new Metadata(), options);
  call.on('error', () => {});
  return call;
}

/** How the call ends. */
function endOf(call: ReturnType<typeof talk>): Promise<StatusObject> {
  return new Promise((resolve) => call.once('status', resolve));
}

test('a unary call passes with its metadata, both ways', async (t) => {
  let asked: Metadata | undefined;
  const { client } = await echo(t, {
    unary: (call, done) => {
      asked = call.metadata;
      echoHandlers.unary(call, done);
    },
  });
  const metadata = new Metadata();
  metadata.add('x-me', 'a');
  metadata.add('x-raw-bin', Buffer.from([1, 2, 3]));
  const { answer, status: ended } = await unary(client, Buffer.from('hello'), metadata);
  assert.equal(answer?.toString(), 'hello');
  assert.equal(ended?.code, status.OK);
  assert.deepEqual(ended?.metadata.get('x-count'), ['1']);
  assert.deepEqual(asked?.get('x-me'), ['a']);
  assert.deepEqual(asked?.get('x-raw-bin'), [Buffer.from([1, 2, 3])]);
});

test('messages of a stream arrive one by one, in order', async (t) => {
  const { client } = await echo(t);
  const { download, upload } = methods;
  const stream = client.makeServerStreamRequest(
    download.path,
    download.requestSerialize,
    download.responseDeserialize,
    Buffer.from('hello'),
  );
  const got: string[] = [];
  for await (const bytes of stream) got.push(String(bytes));
  assert.deepEqual(got, ['h', 'e', 'l', 'l', 'o']);
  const sent = await new Promise<Buffer | undefined>((resolve, reject) => {
    const call = client.makeClientStreamRequest(
      upload.path,
      upload.requestSerialize,
      upload.responseDeserialize,
      (error, answer) => (error ? reject(error) : resolve(answer)),
    );
    for (const letter of 'hello') call.write(Buffer.from(letter));
    call.end();
  });
  assert.equal(sent?.toString(), 'hello');
});

test('both sides talk at the same time, each message answered before the next is sent', async (t) => {
  const { client } = await echo(t);
  const call = talk(client);
  for (const word of ['one', 'two', 'three']) {
    call.write(Buffer.from(word));
    const [answer] = (await once(call, 'data')) as [Buffer];
    assert.equal(answer.toString(), word);
  }
  const ended = endOf(call);
  call.end();
  assert.equal((await ended).code, status.OK);
});

test('a server that ends the call early is heard while the client still sends', async (t) => {
  const { client } = await echo(t, {
    talk: (call) => {
      call.once('data', (bytes: Buffer) => {
        call.write(bytes);
        call.end();
      });
    },
  });
  const call = talk(client);
  call.write(Buffer.from('x'));
  const ended = endOf(call);
  call.resume();
  assert.equal((await ended).code, status.OK);
});

test('errors of the server reach the client with their words', async (t) => {
  const { client } = await echo(t, {
    unary: (_call, done) => done({ code: status.FAILED_PRECONDITION, details: 'não — 100 %' }),
    talk: (call) => {
      call.emit('error', { code: status.ABORTED, details: 'enough' });
    },
  });
  const { error } = await unary(client, Buffer.from('x'));
  assert.deepEqual([error?.code, error?.details], [status.FAILED_PRECONDITION, 'não — 100 %']);
  const call = talk(client);
  const ended = await endOf(call);
  assert.deepEqual([ended.code, ended.details], [status.ABORTED, 'enough']);
});

test('errors of the gateway are such of gRPC', async (t) => {
  const { client, secure, gateway } = await echo(t);
  await secure();
  const none = await unary(client, Buffer.from('x'));
  assert.equal(none.error?.code, status.UNAUTHENTICATED);
  assert.match(none.error?.details ?? '', /credentials/i);
  assert.ok(none.error?.metadata.get('sluice-cause').length === 1);
  const token = new Metadata();
  token.add('authorization', `Bearer ${issuer.token()}`);
  assert.equal((await unary(client, Buffer.from('x'), token)).answer?.toString(), 'x');
  const elsewhere = talk(client, '/other.Service/Method');
  const ended = await endOf(elsewhere);
  assert.equal(ended.code, status.UNIMPLEMENTED);
  assert.equal(gateway.statistics().refused, 2);
});

test('a backend that is away is unavailable', async (t) => {
  const { client } = await echo(t, {}, { url: 'http://127.0.0.1:1/test.Echo' });
  const { error } = await unary(client, Buffer.from('x'));
  assert.equal(error?.code, status.UNAVAILABLE);
});

test('a deadline of the client cancels the call at the server', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { client } = await echo(t, { unary: (call) => call.on('cancelled', () => resolve()) });
  const { error } = await unary(client, Buffer.from('x'), new Metadata(), { deadline: Date.now() + 200 });
  assert.equal(error?.code, status.DEADLINE_EXCEEDED);
  await promise;
});

test('a client that cancels frees the server, and other calls go on', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { client } = await echo(t, {
    talk: (call) => {
      call.on('data', (bytes: Buffer) => call.write(bytes));
      call.on('cancelled', () => resolve());
      call.on('end', () => call.end());
    },
  });
  const [one, other] = [talk(client), talk(client)];
  for (const call of [one, other]) {
    call.write(Buffer.from('x'));
    await once(call, 'data');
  }
  one.cancel();
  await promise;
  other.write(Buffer.from('y'));
  assert.equal(String((await once(other, 'data'))[0]), 'y');
  const ended = endOf(other);
  other.end();
  assert.equal((await ended).code, status.OK);
});

test('an endpoint with a duration ends calls that are not answered in time', async (t) => {
  const { client } = await echo(t, { unary: () => {} }, { timeout: { duration: 150, action: 'fault' } });
  const { error } = await unary(client, Buffer.from('x'));
  assert.equal(error?.code, status.UNAVAILABLE);
});

test('a hundred calls at once get each their own answer', async (t) => {
  const { client } = await echo(t);
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => unary(client, Buffer.from(`n${index}`))));
  assert.deepEqual(
    answers.map(({ answer }) => answer?.toString()),
    answers.map((_, index) => `n${index}`),
  );
});

test('a message larger than the gateway takes is refused in words of gRPC', async (t) => {
  const { client } = await echo(t, {}, {}, { limits: { bodyBytes: 1000 } });
  const { error } = await unary(client, Buffer.alloc(2000));
  assert.equal(error?.code, status.RESOURCE_EXHAUSTED);
  assert.match(error?.details ?? '', /larger than 1000 bytes/);
});
