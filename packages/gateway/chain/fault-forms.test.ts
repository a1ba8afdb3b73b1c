import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Endpoint, LeafEndpoint } from '@sluice/model';
import type { GatewayOptions } from '../options.ts';
import { entry, leaf, tireless } from '../testing/entities.ts';
import { commonPicture, issuer, ordersApi, stage } from '../testing/gateway.ts';
import { type Answer, bearer } from '../testing/http.ts';
import { startBackend } from '../transport/testing/backend.ts';
import { deadRoute } from '../transport/testing/dead.ts';
import { readRequest } from '../transport/testing/message.ts';
import type { Wire } from '../transport/testing/wire.ts';
import { readXml } from '../xml/read.ts';

/** A fault, and what a client is told of it (wso2-gateway.md 2.4 to 2.6). */
interface Case {
  readonly cause: string;
  readonly code: string;
  readonly status: number;
  readonly description: string;
  readonly options?: Partial<GatewayOptions>;
  /** Calls before the one that is looked at: a leaf rests after a fault. */
  readonly before?: number;
  readonly endpoint: (t: TestContext) => Promise<Endpoint>;
}

async function dead(more: Partial<LeafEndpoint> = {}): Promise<Endpoint> {
  const { host, port } = await deadRoute();
  return leaf(`http://${host}:${port}`, more);
}

/** A backend that has read the request, and then does this. */
async function wired(t: TestContext, then: (wire: Wire) => void, more: Partial<LeafEndpoint> = {}): Promise<Endpoint> {
  const { route } = await startBackend(t, async (wire) => {
    await readRequest(wire);
    then(wire);
  });
  return leaf(`http://127.0.0.1:${route.port}`, { ...tireless, ...more });
}

const silent = () => {};
const suspended = (kind: string) => `Currently${kind} endpoint : [ Name : prod ] [ State : SUSPENDED ]`;

const cases: readonly Case[] = [
  {
    ...{ cause: 'backend-connection-refused', code: '101503', status: 502 },
    ...{ description: 'Error connecting to the back end', endpoint: () => dead(tireless) },
  },
  {
    ...{
      cause: 'backend-name-unresolved',
      code: '101503',
      status: 502,
      description: 'Error connecting to the back end',
    },
    endpoint: async () => leaf('http://name.invalid', tireless),
  },
  {
    ...{ cause: 'endpoint-timeout', code: '101504', status: 504, description: 'Send timeout' },
    endpoint: (t) => wired(t, silent, { timeout: { duration: 20, action: 'fault' } }),
  },
  {
    ...{ cause: 'global-timeout', code: '101504', status: 504, description: 'Send timeout' },
    ...{ options: { timeouts: { global: 20 } }, endpoint: (t) => wired(t, silent) },
  },
  {
    ...{ cause: 'backend-socket-timeout', code: '101507', status: 504, description: 'Error in Sender' },
    ...{ options: { timeouts: { firstByte: 20 } }, endpoint: (t) => wired(t, silent) },
  },
  {
    ...{ cause: 'backend-closed', code: '101508', status: 502, description: 'Error in Sender' },
    endpoint: (t) => wired(t, (wire) => wire.socket.end()),
  },
  {
    ...{ cause: 'backend-reset', code: '101503', status: 502, description: 'Error in Sender' },
    endpoint: (t) => wired(t, (wire) => wire.socket.resetAndDestroy()),
  },
  {
    ...{ cause: 'backend-protocol-violation', code: '101509', status: 502, description: 'Error in Sender' },
    endpoint: (t) => wired(t, (wire) => wire.send('nonsense\r\n\r\n')),
  },
  {
    ...{ cause: 'http-endpoint-not-ready', code: '303001', status: 503, before: 1 },
    ...{ description: suspended(', HTTP'), endpoint: () => dead() },
  },
  {
    ...{ cause: 'address-endpoint-not-ready', code: '303001', status: 503, before: 1 },
    ...{ description: suspended(' , Address'), endpoint: () => dead({ kind: 'address' }) },
  },
  {
    ...{ cause: 'no-endpoint-ready', code: '303000', status: 503, before: 1 },
    description: 'Failover endpoint : prod - no ready child endpoints',
    endpoint: async () => ({
      kind: 'failover',
      name: 'prod',
      children: [await dead({ name: 'a' }), await dead({ name: 'b' })],
    }),
  },
];

const forms = {
  'JSON with strings alone': {
    headers: {},
    read: ({ body }: Answer) => JSON.parse(body),
    expected: ({ code, description }: Case) => ({ code, type: 'Status report', message: 'Runtime Error', description }),
  },
  'XML as am:fault': {
    headers: { accept: 'application/xml' },
    read: ({ body }: Answer) => Object.fromEntries(readXml(body).children.map(({ name, text }) => [name, text])),
    expected: ({ code, description }: Case) => ({ code, type: 'Status report', message: 'Runtime Error', description }),
  },
  'a fault of SOAP 1.1': {
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    read: ({ body }: Answer) =>
      Object.fromEntries(readXml(body).children[0]?.children[0]?.children.map(({ name, text }) => [name, text]) ?? []),
    expected: ({ description }: Case) => ({ faultcode: 'soapenv:Server', faultstring: description }),
  },
  'a fault of SOAP 1.2': {
    headers: { 'content-type': 'application/soap+xml' },
    read: ({ body }: Answer) => {
      const parts = readXml(body).children[0]?.children[0]?.children ?? [];
      return Object.fromEntries(parts.map(({ name, children }) => [name, children[0]?.text]));
    },
    expected: ({ description }: Case) => ({ Code: 'soapenv:Receiver', Reason: description }),
  },
} as const;

for (const one of cases) {
  test(`${one.cause} is told in the form that the client reads, each call with its cause and its id`, async (t) => {
    const production = await one.endpoint(t);
    const place = await stage(t, {
      ...one.options,
      entries: (backend) => [
        ...commonPicture(backend),
        entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })),
      ],
    });
    const ask = (headers: Record<string, string>) =>
      place.call('/orders/1.0.0/x', { headers: { ...bearer(issuer.token()), ...headers } });
    for (let count = 0; count < (one.before ?? 0); count++) await ask({});
    for (const [name, { headers, read, expected }] of Object.entries(forms)) {
      const answer = await ask({ ...headers });
      assert.equal(answer.status, name.includes('SOAP') ? 500 : one.status, name);
      assert.equal(answer.headers['sluice-cause'], one.cause, name);
      assert.equal(place.gateway.story(String(answer.headers['sluice-request-id']))?.status, answer.status, name);
      assert.deepEqual(read(answer), expected(one), name);
    }
  });
}

test('the switch of compatibility makes 500 of every fault of a backend, as WSO2 answers', async (t) => {
  for (const one of cases) {
    const production = await one.endpoint(t);
    const place = await stage(t, {
      ...one.options,
      faultStatus: 'wso2',
      entries: (backend) => [
        ...commonPicture(backend),
        entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })),
      ],
    });
    const ask = () => place.call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
    for (let count = 0; count < (one.before ?? 0); count++) await ask();
    const answer = await ask();
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [500, one.code], one.cause);
  }
});
