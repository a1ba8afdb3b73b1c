import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, METHODS } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { startGateway } from '../testing/gateway.ts';
import { anyRequest } from '../testing/messages.ts';
import { Wire } from '../testing/wire.ts';

/** A whole request as Node's own server, which shares nothing with ours, understood it. */
interface Seen {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly body: string;
}

/** A server on `node:http` that notes every request that it takes for complete. */
async function independent(t: TestContext) {
  const requests: Seen[] = [];
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      requests.push({ method: request.method, target: request.url, body: Buffer.concat(chunks).toString('latin1') });
      response.end('ok');
    });
  });
  // Undocumented, old and kept: without it, a FIN aborts requests that are already complete.
  Object.assign(server, { httpAllowHalfOpen: true });
  const errors: Error[] = [];
  server.on('clientError', (error, socket) => {
    errors.push(error);
    // Requests that came whole before the error are still on their way to the listener above.
    setImmediate(() => socket.destroy());
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, errors, route: { host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: null } };
}

/** What turns a valid request into an ambiguous one, or into another. */
const splinters = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  ' ',
  '\t',
  '\0',
  '\x0b',
  ':',
  ',',
  ';',
  '0',
  '5',
  'a',
  '\x7f',
  '\xff',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'content-length:3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding:\tchunked\r\n',
  ' chunked',
  'Host: b\r\n',
  'Connection: close\r\n',
  'Connection: content-length\r\n',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  '5;a\r\n',
  'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  'X: y\r\n',
  ' HTTP/1.1',
  'HTTP/1.0',
  '\r\n ',
  'Trailer: X\r\n',
  'Upgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
] as const;

const change = fc.record({
  at: fc.nat(5000),
  cut: fc.constantFrom(0, 0, 0, 1, 1, 2, 5),
  put: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...splinters) }, { weight: 1, arbitrary: fc.constant('') }),
  /** Most changes are made near a line end, where framing lives. */
  atLine: fc.boolean(),
});

function apply(text: string, changes: readonly { at: number; cut: number; put: string; atLine: boolean }[]): string {
  let bytes = text;
  for (const { at, cut, put, atLine } of changes) {
    const ends = atLine ? [...bytes.matchAll(/\r\n/g)].map(({ index }) => index + (at % 3)) : [];
    const place = ends.length > 0 ? (ends[at % ends.length] as number) : at % (bytes.length + 1);
    bytes = bytes.slice(0, place) + put + bytes.slice(place + cut);
  }
  return bytes;
}

/** Sends `bytes`, closes the sending side and waits until the server has closed its own. */
async function give(port: number, bytes: string): Promise<void> {
  const wire = new Wire(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  wire.socket.end(Buffer.from(bytes, 'latin1'));
  await wire.stopped();
  wire.socket.destroy();
}

/** Origin-form of what an independent reader saw, so that both sides can be compared. */
const originForm = ({ method, target = '', body }: Seen) => ({
  method,
  target: target.replace(/^https?:\/\/[^/?]*\/?/i, '/'),
  body,
});

test('what is forwarded is what an independent parser reads in the same bytes, request by request', async (t) => {
  const oracle = await independent(t);
  const backend = await independent(t);
  const gateway = await startGateway(t, { backend, halfClose: true });
  const known = new Set(METHODS);
  let forwarded = 0;
  let refused = 0;
  const property = fc.asyncProperty(
    fc.array(anyRequest, { minLength: 1, maxLength: 2 }),
    fc.array(change, { minLength: 1, maxLength: 3 }),
    async (samples, changes) => {
      const bytes = apply(samples.map((sample) => sample.bytes).join(''), changes);
      oracle.requests.length = 0;
      oracle.errors.length = 0;
      backend.requests.length = 0;
      backend.errors.length = 0;
      const first = gateway.calls.length;
      await Promise.all([give(gateway.port, bytes), give(oracle.route.port, bytes)]);
      const calls = gateway.calls.slice(first);
      // The oracle takes no tab beside `chunked`, which is optional white space all the same (RFC 9110 section 5.6.3).
      if (/Transfer-Encoding:[^\r\n]*\t/i.test(bytes)) return;
      // Extensions of chunks are not passed on, so that their grammar is left to nobody.
      if (oracle.errors.some((error) => /chunk extension/i.test(error.message))) return;
      // Methods of nobody are none of an independent parser's business.
      if (calls.some((call) => !known.has(call.head.method))) return;
      forwarded += backend.requests.length;
      refused += backend.requests.length === 0 ? 1 : 0;
      assert.ok(backend.requests.length <= calls.length, 'the backend saw a request that the gateway did not');
      const ours = backend.requests.map(originForm);
      assert.deepEqual(ours, oracle.requests.slice(0, ours.length).map(originForm), JSON.stringify(bytes));
      // A cut request is the only thing that a backend may ever find wrong.
      for (const error of backend.errors as NodeJS.ErrnoException[]) {
        assert.match(
          error.code ?? '',
          /^(?:ECONNRESET|HPE_INVALID_EOF_STATE)$/,
          `${error.message} in ${JSON.stringify(bytes)}`,
        );
      }
    },
  );
  await fc.assert(property, { numRuns: 500, endOnFailure: true });
  assert.ok(forwarded > 60 && refused > 60, `${forwarded} forwarded and ${refused} refused prove little`);
});
