import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { SluiceError } from '@sluice/model';
import { isPublicAddress } from './address.ts';
import { type FetchOptions, fetchDocument } from './fetch.ts';

let server: Server;
let base: string;
let seen: string[] = [];
const pages: Record<string, RequestListener> = {
  '/ok': (_request, response) => response.setHeader('content-type', 'application/yaml').end('openapi: 3.0.0'),
  '/big': (_request, response) => response.end('x'.repeat(2000)),
  '/slow': (_request, response) => response.write('x'),
  '/silent': () => {},
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x', () => response.destroy());
  },
  '/gzip': (_request, response) => response.setHeader('content-encoding', 'gzip').end('x'),
  '/missing': (_request, response) => response.writeHead(404).end('secret page'),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/hop': (_request, response) => response.writeHead(307, { location: 'ok' }).end(),
  '/file': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/login': (_request, response) => response.writeHead(302, { location: 'http://user:hunter2@localhost/ok' }).end(),
  '/inside': (_request, response) =>
    response.writeHead(302, { location: 'http://169.254.169.254/latest?token=hunter2' }).end(),
};

before(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers.host ?? '');
    pages[request.url ?? '']?.(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function fetch(url: string, options: Partial<FetchOptions> = {}) {
  return fetchDocument(url, { permits: () => true, limits: { bytes: 1000, deadline: 5000 }, ...options });
}
async function refusal(promise: Promise<unknown>, key: string): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof SluiceError, String(error));
    assert.equal(error.entry.key, key, error.message);
    assert.doesNotMatch(error.description, /hunter2/);
    return error.description;
  }
  throw new assert.AssertionError({ message: 'it was fetched' });
}

test('a document arrives with its type, over relative redirects', async () => {
  const document = await fetch(`${base}/hop`);
  assert.equal(document.bytes.toString(), 'openapi: 3.0.0');
  assert.equal(document.mediaType, 'application/yaml');
  assert.equal(document.url, `${base}/ok`);
});

test('other schemes, credentials and no URL at all are refused without showing secrets', async () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://a/b',
    'javascript:1',
    'nonsense',
    '',
    'gopher://u:hunter2@h/',
    '//h/x',
  ]) {
    await refusal(fetch(url), 'openapi-url-malformed');
  }
  await refusal(fetch('http://user:hunter2@localhost/ok'), 'openapi-url-failed');
  await refusal(fetch(`${base}/file`), 'openapi-url-malformed');
  await refusal(fetch(`${base}/login`), 'openapi-url-failed');
});

test('no spelling of a private address is reached', async () => {
  const port = new URL(base).port;
  seen = [];
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    'localhost',

    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '0.0.0.0',
    '[::]',
    '10.1.2.3',
    '[fe80::1]',
    '[fc00::1]',
    '[2002:7f00:1::]',
    '１２７.0.0.1',
  ]) {
    await refusal(fetch(`http://${host}:${port}/ok`, { permits: isPublicAddress }), 'openapi-url-refused');
  }
  assert.deepEqual(seen, []);
});

test('the refusal names the URL, the address and the way out', async () => {
  const description = await refusal(
    fetch('http://localhost:1/a?key=hunter2', { permits: isPublicAddress }),
    'openapi-url-refused',
  );
  assert.match(description, /http:\/\/localhost:1\/a leads to (127\.0\.0\.1|::1)/);
});

test('a redirect to a private address is not followed', async () => {
  // The first hop passes as public, as a page on the internet would.
  const permits = (address: string) => address === '127.0.0.1';
  assert.match(await refusal(fetch(`${base}/inside`, { permits }), 'openapi-url-refused'), /169\.254\.169\.254/);
  await refusal(
    fetch('http://public.example/', {
      permits: isPublicAddress,
      lookup: async () => [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
    }),
    'openapi-url-refused',
  );
});

test('a name is resolved once and the connection goes to that very address', async () => {
  const port = new URL(base).port;
  let asked = 0;
  seen = [];
  const lookup = async () => {
    asked++;
    return [{ address: asked === 1 ? '127.0.0.1' : '192.0.2.1', family: 4 }];
  };
  await fetch(`http://rebinding.example:${port}/ok`, { lookup });
  assert.equal(asked, 1);
  assert.deepEqual(seen, [`rebinding.example:${port}`]);
});

test('size, time, redirects and bad answers are bounded and named', async () => {
  assert.match(await refusal(fetch(`${base}/big`), 'definition-too-large'), /1000/);
  for (const path of ['/slow', '/silent']) {
    assert.match(
      await refusal(fetch(base + path, { limits: { bytes: 1000, deadline: 60 } }), 'openapi-url-failed'),
      /60 ms/,
    );
  }
  assert.match(
    await refusal(
      fetch('http://never.example/', { lookup: () => new Promise(() => {}), limits: { bytes: 1, deadline: 30 } }),
      'openapi-url-failed',
    ),
    /30 ms/,
  );
  assert.match(await refusal(fetch(`${base}/loop`), 'openapi-url-failed'), /5 times/);
  assert.match(await refusal(fetch(`${base}/missing`), 'openapi-url-failed'), /404/);
  assert.match(await refusal(fetch(`${base}/gzip`), 'openapi-url-failed'), /gzip/);
  assert.match(await refusal(fetch(`${base}/cut`), 'openapi-url-failed'), /early/);
  assert.match(await refusal(fetch('http://127.0.0.1:1/'), 'openapi-url-failed'), /ECONNREFUSED/);
  assert.match(await refusal(fetch('http://no.such.host.invalid/'), 'openapi-url-failed'), /not known/);
});

test('the internet is public and nothing else is', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '192.0.1.1', '2606:4700::1111'])
    assert.ok(isPublicAddress(address), address);
  for (const address of [
    '255.255.255.255',
    '240.0.0.1',
    '100.64.0.1',
    '::',
    '::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    'fd00::1',
    '::ffff:8.8.8.8',
    'localhost',
    '',
  ]) {
    assert.ok(!isPublicAddress(address), address);
  }
});
