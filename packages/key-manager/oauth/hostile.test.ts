import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Log, silentLog } from '@sluice/model';
import fc from 'fast-check';
import { basic, makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let credentials: [string, string];
const logged: string[] = [];
const keep = (message: string, fields?: object) => {
  logged.push(message + JSON.stringify(fields, (_, value) => (value instanceof Error ? `${value.stack}` : value)));
};
const log: Log = { ...silentLog, info: keep, warn: keep, error: keep, debug: keep, child: () => log };

before(async () => {
  running = await run({ limits: { bodyMilliseconds: 200 } }, log);
  ({ credentials } = await makeClient(running));
});
after(() => running.close());

const token = (body: string, contentType = 'application/x-www-form-urlencoded') =>
  running.send('POST', '/oauth2/token', {
    headers: { authorization: basic(...credentials), 'content-type': contentType },
    body,
  });

/** Writes bytes and gives what comes until the server closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(running.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('error', reject).on('close', () => resolve(text));
    socket.on('data', (chunk) => {
      text += chunk;
    });
  });
}

test('a body beyond the limit is refused, announced or not', async () => {
  const announced = await raw('POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n');
  assert.match(announced, /^HTTP\/1.1 413 /);
  const chunk = `${(4096).toString(16)}\r\n${'a'.repeat(4096)}\r\n`;
  const streamed = await raw(
    `POST /oauth2/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
  );
  assert.match(streamed, /^HTTP\/1.1 413 /);
});

test('a body that does not come is not waited for', async () => {
  const answer = await raw('POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
  assert.match(answer, /^HTTP\/1.1 408 /);
});

test('a client that leaves in the middle harms nobody', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(running.port, '127.0.0.1', () => {
      socket.write('POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', () => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  assert.equal((await token('grant_type=client_credentials')).status, 200);
});

test('malformed requests are 400 and never 500', async (t) => {
  const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
  const cases: [string, string, string?][] = [
    ['a parameter twice', 'grant_type=password&grant_type=client_credentials'],
    ['broken JSON', '{"grant_type":', 'application/json'],
    ['a JSON list', '["grant_type"]', 'application/json'],
    ['JSON that nests deep', deep, 'application/json'],
    ['an object as a parameter', '{"grant_type":{"$ne":1}}', 'application/json'],
    ['a prototype', '{"__proto__":{"grant_type":"password"}}', 'application/json'],
    ['another media type', '<xml/>', 'text/xml'],
    ['too many parameters', Array.from({ length: 200 }, (_, index) => `p${index}=1`).join('&')],
    ['bad escapes', 'grant_type=%zz%00'],
  ];
  for (const [name, body, type] of cases)
    await t.test(name, async () => {
      const answer = await token(body, type);
      assert.equal(answer.status, 400, answer.text);
      assert.ok(answer.json().error);
    });
});

test('methods that an address does not have are 405 with Allow', async () => {
  const answer = await running.send('GET', '/oauth2/token');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'POST');
  assert.equal((await running.send('POST', '/oauth2/jwks')).headers.allow, 'GET');
  assert.equal((await running.send('HEAD', '/oauth2/jwks')).text, '');
});

test('any Authorization header is answered', async () => {
  const header = fc.string({ unit: fc.constantFrom(...'Basic Bearer:=/+%azAZ09') });
  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      const answer = await running.send('POST', '/oauth2/token', { headers: { authorization }, body: 'grant_type=x' });
      assert.ok([400, 401].includes(answer.status), `${answer.status} for ${authorization}`);
    }),
    { numRuns: 40 },
  );
});

test('any bearer token is refused without a failure', async () => {
  const part = fc.base64String().map((text) => text.replace(/[+/=]/g, ''));
  const tokens = fc.oneof(
    fc.string(),
    fc.tuple(part, part, part).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(tokens, async (text) =>
      assert.equal(await running.keyManager.authenticateBearer(text), undefined),
    ),
  );
  assert.equal(await running.keyManager.authenticateBearer('a'.repeat(1_000_000)), undefined);
});

test('names with SQL and path tricks are only names', async () => {
  for (const name of ["admin'--", "' OR 1=1 --", '../../etc/passwd', 'admin\0', '${jndi', '%', '_'])
    assert.equal(await running.keyManager.authenticateBasic(name, 'admin'), undefined, name);
});

test('a store that is away answers 503, and no secret is ever logged', async () => {
  const away = await run({}, log);
  const made = await makeClient(away);
  await away.store.close();
  const fields = { grant_type: 'password', username: 'admin', password: 'top-secret-word' };
  const answer = await away.form('/oauth2/token', made.credentials, fields);
  assert.ok([500, 503].includes(answer.status));
  assert.ok(!answer.text.includes('sql'));
  await away.close();
  const text = logged.join('\n');
  for (const secret of ['top-secret-word', made.secret, credentials[1]]) assert.ok(!text.includes(secret));
});
