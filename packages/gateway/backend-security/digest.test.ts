import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer, type Received, startBackend, type TestBackend } from '../testing/http.ts';

const user = { name: 'gate', password: 'p:w "x"' };

/** A backend that checks digests by itself, and hands out a new nonce whenever it is asked to. */
class DigestBackend {
  nonce = 'n1';
  /** What its challenges say beside realm and nonce. */
  more = 'qop="auth", algorithm=SHA-256';
  stale = false;
  /** Refuses whatever it is shown. */
  refuses = false;
  /** What stands in the body of a 401. */
  refusal = 'no';
  readonly counts: string[] = [];

  answer({ method, url, headers, body }: Received, response: ServerResponse): void {
    const said = headers.authorization ?? '';
    const part = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(said)?.[1] ?? '';
    const hash = this.more.includes('MD5') || !this.more.includes('SHA') ? 'md5' : 'sha256';
    const h = (text: string) => createHash(hash).update(text).digest('hex');
    const first = h(`${user.name}:the realm:${user.password}`);
    const second = h(`${method}:${url}`);
    const counted = this.more.includes('qop');
    const right = counted
      ? h(`${first}:${this.nonce}:${part('nc')}:${part('cnonce')}:auth:${second}`)
      : h(`${first}:${this.nonce}:${second}`);
    if (part('response') === right && part('nonce') === this.nonce && !this.refuses) {
      this.counts.push(part('nc'));
      response.end(`${method} ${url} ${body}`);
      return;
    }
    const stale = this.stale ? ', stale=true' : '';
    response.setHeader('WWW-Authenticate', [
      'Basic realm="other"',
      `Digest realm="the realm", nonce="${this.nonce}", ${this.more}${stale}`,
    ]);
    response.statusCode = 401;
    response.end(this.refusal);
  }
}

async function world(
  t: TestContext,
  options = {},
): Promise<{ stage: Stage; digest: DigestBackend; backend: TestBackend }> {
  const digest = new DigestBackend();
  const backend = await startBackend('digest', (received, response) => digest.answer(received, response));
  t.after(() => backend.close());
  const common = await stage(t, options);
  await deploy(common, backend);
  return { stage: common, digest, backend };
}

function deploy(common: Stage, backend: TestBackend, password = user.password): Promise<void> {
  const security = { type: 'digest', username: user.name, password, parameters: {} } as const;
  return common.put(
    entry.api(
      ordersApi(backend, { endpoints: { production: leaf(`${backend.url}/base`, { security }), sandbox: null } }),
    ),
  );
}

const good = () => ({ headers: bearer(issuer.token()) });

test('the client sees the answer, never the challenge; the nonce is used again and counted', async (t) => {
  const { stage, digest, backend } = await world(t);
  for (const path of ['/a?x=1', '/b', '/c']) {
    const answer = await stage.call(`/orders/1.0.0${path}`, good());
    assert.equal(answer.status, 200);
    assert.equal(answer.body, `GET /base${path} `);
    assert.equal(answer.headers['www-authenticate'], undefined);
  }
  assert.deepEqual(digest.counts, ['00000001', '00000002', '00000003']);
  assert.equal(backend.received.length, 4);
  assert.equal(backend.received[0]?.headers.authorization, undefined, "the client's own proof stays at the gateway");
});

for (const more of [
  'qop="auth", algorithm=MD5',
  'qop="auth"',
  'algorithm=MD5',
  'qop="auth-int,auth", algorithm=SHA-256',
]) {
  test(`a backend that asks by ${more} is satisfied`, async (t) => {
    const { stage, digest } = await world(t);
    digest.more = more;
    assert.equal((await stage.call('/orders/1.0.0/a', good())).status, 200);
  });
}

test('a body is sent twice when it is small enough, and once when the nonce is known', async (t) => {
  const { stage, backend } = await world(t);
  const body = 'x'.repeat(20_000);
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const answer = await stage.call('/orders/1.0.0/a', {
      ...good(),
      method: 'POST',
      body,
      headers: { ...good().headers, ...headers },
    });
    assert.equal(answer.body, `POST /base/a ${body}`);
  }
  assert.equal(backend.received.length, 3);
  assert.ok(backend.received.every((received) => received.body === body));
});

test('a body that is larger than may be kept is not sent twice, and the next call passes', async (t) => {
  const { stage, backend } = await world(t, { backendSecurity: { keepsBody: 1000 } });
  const body = 'x'.repeat(1001);
  for (const headers of [{ 'content-length': '1001' }, { 'transfer-encoding': 'chunked' }]) {
    await deploy(stage, backend);
    backend.received.length = 0;
    const send = () =>
      stage.call('/orders/1.0.0/a', { method: 'POST', body, headers: { ...good().headers, ...headers } });
    const refused = await send();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['sluice-cause'], 'backend-challenge-unanswered');
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(refused.headers['www-authenticate'], undefined);
    assert.match(refused.body, /larger than 1000 bytes/);
    assert.equal((await send()).status, 200);
    assert.equal(backend.received.length, 2);
  }
});

test('a nonce that is too old is replaced within the call', async (t) => {
  const { stage, digest, backend } = await world(t);
  await stage.call('/orders/1.0.0/a', good());
  digest.nonce = 'n2';
  digest.stale = true;
  assert.equal((await stage.call('/orders/1.0.0/b', good())).status, 200);
  digest.nonce = 'n3';
  digest.stale = false;
  assert.equal(
    (await stage.call('/orders/1.0.0/c', good())).status,
    200,
    'servers that forgot a nonce do not all say so',
  );
  assert.equal(backend.received.length, 6);
  assert.deepEqual(digest.counts, ['00000001', '00000001', '00000001']);
});

test('credentials that are refused are a fault of the gateway, said after two requests, and not a 401', async (t) => {
  const { stage, backend, digest } = await world(t);
  await deploy(stage, backend, 'wrong');
  const answer = await stage.call('/orders/1.0.0/a', good());
  assert.equal(answer.status, 502);
  assert.equal(answer.headers['sluice-cause'], 'backend-credentials-refused');
  assert.equal(answer.headers['www-authenticate'], undefined);
  assert.equal(backend.received.length, 2);
  assert.doesNotMatch(answer.body + JSON.stringify(stage.logged), /wrong|the realm/);
  digest.refuses = true;
  digest.stale = true;
  await deploy(stage, backend);
  backend.received.length = 0;
  assert.equal((await stage.call('/orders/1.0.0/a', good())).status, 502, 'stale for ever');
  assert.equal(backend.received.length, 2, 'the same nonce again is no news');
});

test('a 401 that asks for something else goes to the client', async (t) => {
  const backend = await startBackend('other', (_, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="x", nonce="n", algorithm=SHA-3, Basic realm="y"' });
    response.end('who are you');
  });
  t.after(() => backend.close());
  const common = await stage(t);
  await deploy(common, backend);
  const answer = await common.call('/orders/1.0.0/a', good());
  assert.equal(answer.status, 401);
  assert.equal(answer.body, 'who are you');
  assert.equal(backend.received.length, 1);
});

test('a challenge with an endless body holds nobody up', async (t) => {
  const digest = new DigestBackend();
  const backend = await startBackend('digest', (received, response) => {
    if (received.headers.authorization !== undefined) digest.answer(received, response);
    else {
      response.writeHead(401, {
        'WWW-Authenticate': 'Digest realm="the realm", nonce="n1", qop="auth", algorithm=SHA-256',
      });
      response.write('it goes on and on');
    }
  });
  t.after(() => backend.close());
  const common = await stage(t);
  await deploy(common, backend);
  const answer = await common.call('/orders/1.0.0/a', { ...good(), method: 'POST', body: 'hello' });
  assert.equal(answer.body, 'POST /base/a hello');
});

test('a nonce that the backend names for the next request is used for it', async (t) => {
  const { stage, digest, backend } = await world(t);
  const answered = digest.answer.bind(digest);
  digest.answer = (received, response) => {
    response.setHeader('Authentication-Info', 'nextnonce="n9"');
    answered(received, response);
  };
  await stage.call('/orders/1.0.0/a', good());
  digest.nonce = 'n9';
  assert.equal((await stage.call('/orders/1.0.0/b', good())).status, 200);
  assert.equal(backend.received.length, 3);
});

test('calls at the same time never share a count', async (t) => {
  const { stage, digest } = await world(t);
  await stage.call('/orders/1.0.0/first', good());
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => stage.call(`/orders/1.0.0/${n}`, good())));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(new Set(digest.counts).size, 21);
});
