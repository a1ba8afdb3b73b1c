import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { issuer, stage } from './testing/gateway.ts';
import { testTls } from './testing/tls.ts';

test('a call over HTTP/2 goes the way of every call, and is logged like one', async (t) => {
  const to = new PassThrough();
  const { backend, securePort } = await stage(t, { accessLog: { to } });
  const session = connect(`https://localhost:${securePort}`, { ca: testTls.cert });
  t.after(() => session.destroy());
  const call = async (headers: Record<string, string>) => {
    const stream = session.request({ ':path': '/orders/1.0.0/7?x=y', ...headers }, { endStream: true });
    const [answer] = await once(stream, 'response');
    const parts: Buffer[] = [];
    for await (const bytes of stream) parts.push(bytes as Buffer);
    return { status: answer[':status'], cause: answer['sluice-cause'], body: Buffer.concat(parts).toString() };
  };
  const good = await call({ authorization: `Bearer ${issuer.token()}` });
  assert.deepEqual([good.status, good.body], [200, 'backend']);
  const [asked] = backend.received;
  assert.equal(asked?.url, '/base/7?x=y');
  assert.equal(asked?.headers['x-forwarded-proto'], 'https');
  assert.equal(asked?.headers['x-forwarded-host'], `localhost:${securePort}`);
  assert.equal(asked?.headers.authorization, undefined);
  const none = await call({});
  assert.equal(none.status, 401);
  assert.equal(JSON.parse(none.body).code, '900902');
  const xml = await call({ accept: 'application/xml' });
  assert.match(xml.body, /^<ams:fault/);
  const lines = String((await once(to, 'data'))[0]);
  assert.match(lines, /"?GET \/orders\/1\.0\.0\/7\?x=y HTTP\/2\.0"? 200 7 /);
});
