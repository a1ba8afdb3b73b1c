import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { SluiceError } from '@sluice/model';
import { isPublicAddress } from './address.ts';
import { fetchDocument } from './fetch.ts';
import { FetchProxy, type FetchProxyOptions } from './proxy.ts';

const credentials = `Basic ${Buffer.from('user:secret').toString('base64')}`;
let server: Server;
let proxy: Server;
/** Notes the first byte that comes through a tunnel, and answers nonsense. */
let other: TcpServer;
const sockets = new Set<Socket>();
const asked: string[] = [];

before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/hop') response.writeHead(302, { location: '/ok?x=1' }).end();
    else response.end(`${request.headers.host} ${request.headers['proxy-authorization']}`);
  });
  other = createTcp((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', (bytes) => {
      asked.push(`record ${bytes[0]}`);
      socket.end('this is not TLS');
    });
  });
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== credentials) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    const url = new URL(request.url ?? '');
    const port = (server.address() as AddressInfo).port;
    fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, { redirect: 'manual' }).then(async (answer) => {
      const location = answer.headers.get('location');
      response.writeHead(answer.status, location ? { location } : {}).end(await answer.text());
    });
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    asked.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== credentials) {
      socket.end('HTTP/1.1 407 No\r\n\r\n');
      return;
    }
    if (request.url?.startsWith('forbidden')) {
      socket.end('HTTP/1.1 403 No\r\n\r\n');
      return;
    }
    const backend = connect((other.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(backend).pipe(socket);
    });
  });
  for (const one of [server, proxy, other]) {
    one.listen(0, '127.0.0.1');
    await new Promise((resolve) => one.once('listening', resolve));
  }
});
after(() => {
  for (const socket of sockets) socket.destroy();
  for (const one of [server, proxy]) one.closeAllConnections();
  for (const one of [server, proxy, other]) one.close();
});

function through(
  url: string,
  more: Partial<FetchProxyOptions> = {},
  permits: (address: string) => boolean = () => true,
) {
  const options = { protocol: 'http', username: 'user', password: 'secret', targets: [], bypass: [], ...more } as const;
  return fetchDocument(url, {
    permits,
    limits: { bytes: 1000, deadline: 5000 },
    proxy: new FetchProxy({ host: '127.0.0.1', port: (proxy.address() as AddressInfo).port, ...options }),
  });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('it was fetched'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SluiceError, String(error));
  assert.doesNotMatch(error.description, /secret|dXNlc/);
  return error.description;
}

test('a document of a host that only the proxy knows is fetched through it, redirects too', async () => {
  asked.length = 0;
  const document = await through('http://definitions.invalid/hop');
  assert.match(document.bytes.toString(), /^127\.0\.0\.1:\d+ undefined$/);
  assert.deepEqual(asked, ['GET http://definitions.invalid/hop', 'GET http://definitions.invalid/ok?x=1']);
});

test('TLS goes through a tunnel, of which the proxy sees the host alone', async () => {
  asked.length = 0;
  await refusal(through('https://definitions.invalid/path?x=1'));
  // 22 begins a handshake (RFC 8446 section 5.1).
  assert.deepEqual(asked, ['CONNECT definitions.invalid:443', 'record 22']);
});

test('a proxy that refuses is named', async () => {
  const label = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const wrong = { password: 'hunter2' };
  for (const url of ['http://definitions.invalid/', 'https://definitions.invalid/']) {
    assert.match(
      await refusal(through(url, wrong)),
      new RegExp(`the proxy ${label} wants other credentials \\(407\\)`),
    );
  }
  assert.match(await refusal(through('https://forbidden.invalid/')), new RegExp(`${label} answered CONNECT with 403`));
  assert.match(await refusal(through('http://definitions.invalid/', { host: '127.0.0.1', port: 1 })), /ECONNREFUSED/);
});

test('the proxy does not open the way to addresses that are closed otherwise', async () => {
  asked.length = 0;
  for (const url of ['http://169.254.169.254/', 'https://[::1]/', 'http://localhost/']) {
    assert.match(await refusal(through(url, {}, isPublicAddress)), /leads to/);
  }
  assert.deepEqual(asked, []);
});

test('hosts choose the way', async () => {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  asked.length = 0;
  await through(base, { bypass: ['127.*'] });
  await through(base, { targets: ['.*\\.example'] });
  assert.deepEqual(asked, []);
  await through(base, { targets: ['127.0.0.1'] });
  assert.equal(asked.length, 1);
});
