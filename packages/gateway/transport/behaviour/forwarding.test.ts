import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldNames } from '../field-names.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Line, type Message, readAnswer, value } from '../testing/message.ts';

/** Header lines that the gateway writes itself or that belong to one connection. */
const own = new Set(['host', 'date', 'connection', 'transfer-encoding']);
const endToEnd = (lines: readonly Line[]) => lines.filter(([name]) => !own.has(name.toLowerCase()));

const odd: readonly Line[] = [
  ['x-One', 'a  b\tc'],
  ['X-ONE', ''],
  ['x-one', 'a, b,, "c,d"'],
  ["!#$%&'*+-.^_`|~09az", '\x80\xff\xe9'],
  ['Set-Cookie', 'a=b; Path=/'],
  ['Set-Cookie', 'c=d'],
  ['Content-Type', 'multipart/form-data; boundary="a b"'],
  ['Accept-Encoding', 'gzip'],
  ['Via', '1.0 fred'],
  ['X-Forwarded-For', '10.0.0.1'],
  ['X-Long', 'z'.repeat(3000)],
];
const text = (lines: readonly Line[]) => lines.map(([name, content]) => `${name}: ${content}\r\n`).join('');

const hop = [
  'Connection: keep-alive, X-Hop, x-other',
  'X-Hop: 1',
  'X-OTHER: 2',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive',
  'TE: trailers, deflate',
  'Trailer: X-Sum',
  'Upgrade: websocket',
  'Proxy-Authorization: Basic YTpi',
];

test('end-to-end headers pass byte for byte and in order, hop-by-hop ones stay behind', async (t) => {
  const seen: Message[] = [];
  const backend = await startBackend(
    t,
    answering((request) => {
      seen.push(request);
      const closing = hop.filter((line) => !line.startsWith('Proxy-A')).join('\r\n');
      return `HTTP/1.1 299 Most odd\xe9\r\n${text(odd)}${closing}\r\nDate: now\r\nContent-Length: 2\r\n\r\nhi`;
    }),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send(`GET /a?b HTTP/1.1\r\nHost: a\r\n${text(odd)}${hop.join('\r\n')}\r\nLast: 1\r\n\r\n`);
  const answer = await readAnswer(client);

  await t.test('of a request', () => {
    const request = seen[0] as Message;
    assert.equal(request.start, 'GET /a?b HTTP/1.1');
    assert.equal(value(request, 'host'), 'a');
    assert.deepEqual(endToEnd(request.lines), [...odd, ['Last', '1']]);
  });
  await t.test('of an answer', () => {
    assert.equal(answer.start, 'HTTP/1.1 299 Most odd\xe9');
    assert.deepEqual(endToEnd(answer.lines), [...odd, ['Content-Length', '2']]);
    assert.equal(value(answer, 'date'), 'now');
    assert.equal(answer.body.toString(), 'hi');
  });
});

test('the handler decides target, host and headers of what is sent, and adds to the answer', async (t) => {
  const seen: Message[] = [];
  const backend = await startBackend(
    t,
    answering((request) => {
      seen.push(request);
      return 'HTTP/1.1 201 \r\nX-Old: 1\r\nContent-Length: 0\r\n\r\n';
    }),
  );
  const heads: string[] = [];
  const gateway = await startGateway(t, {
    backend,
    request: () => ({
      target: '/other?x=1',
      host: 'backend.example:81',
      without: new FieldNames(['authorization', 'x-drop']),
      added: 'X-Added: 1\r\nX-Added: 2\r\n',
      onResponse: (head) => {
        const lines: string[] = [];
        head.eachHeader((name, content) => lines.push(`${name}=${content}`));
        heads.push(`${head.status} ${head.minorVersion} ${head.header('x-old')} ${lines.join()}`);
        return 'X-New: 2\r\n';
      },
    }),
  });
  const client = await gateway.connect();
  client.send(
    'PUT /x HTTP/1.1\r\nhost: a\r\nX-Keep: 1\r\nAUTHORIZATION: secret\r\nX-Drop: 1\r\nx-drop: 2\r\nX-Dropped: 3\r\nContent-Length: 3\r\n\r\nabc',
  );
  const answer = await readAnswer(client);
  const request = seen[0] as Message;
  assert.equal(request.start, 'PUT /other?x=1 HTTP/1.1');
  assert.equal(value(request, 'host'), 'backend.example:81');
  assert.deepEqual(
    endToEnd(request.lines)
      .map(([name, content]) => `${name}: ${content}`)
      .sort(),
    ['Content-Length: 3', 'X-Added: 1', 'X-Added: 2', 'X-Dropped: 3', 'X-Keep: 1'],
  );
  assert.equal(request.body.toString(), 'abc');
  assert.equal(answer.status, 201);
  assert.deepEqual(endToEnd(answer.lines), [
    ['X-Old', '1'],
    ['Content-Length', '0'],
    ['X-New', '2'],
  ]);
  assert.deepEqual(heads, ['201 1 1 X-Old=1,Content-Length=0']);
  const outcome = await gateway.ended(0);
  const { status, bytesIn, bytesOut, end, backend: address } = outcome;
  assert.deepEqual(
    { status, bytesIn, bytesOut, end, address },
    {
      status: 201,
      bytesIn: 3,
      bytesOut: 0,
      end: 'complete',
      address: backend.route,
    },
  );
  assert.ok(outcome.backendTime >= 0 && outcome.duration >= outcome.backendTime);
});

test('hundreds of headers pass in order where the limit allows them', async (t) => {
  const many: Line[] = Array.from({ length: 700 }, (_, index) => [`X-${index}`, String(index * 7)]);
  const seen: Message[] = [];
  const backend = await startBackend(
    t,
    answering((request) => {
      seen.push(request);
      return ok('', text(many));
    }),
  );
  const gateway = await startGateway(t, { backend, limits: { headerCount: 1000 } });
  const client = await gateway.connect();
  client.send(`GET / HTTP/1.1\r\nHost: a\r\n${text(many)}\r\n`);
  const answer = await readAnswer(client);
  assert.deepEqual(endToEnd(seen[0]?.lines ?? []), many);
  assert.deepEqual(endToEnd(answer.lines).slice(0, -1), many);
});

test('each request of a kept connection goes out with its own Host', async (t) => {
  const hosts: (string | undefined)[] = [];
  const backend = await startBackend(
    t,
    answering((request) => {
      hosts.push(value(request, 'host'));
      return ok('x');
    }),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  const sent = [
    'tenant-one.example:8080',
    'tenant-two.example:8080',
    'tenant-two.example:8080',
    'a',
    'tenant-one.example:8080',
  ];
  for (const host of sent) {
    client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await readAnswer(client);
  }
  assert.deepEqual(hosts, sent);
  assert.equal(backend.wires.length, 1);
});
