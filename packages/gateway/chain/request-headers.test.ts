import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer, stage } from '../testing/gateway.ts';
import { bearer, type Received } from '../testing/http.ts';
import { compileHeaders, defaultHeaderRules, type HeaderRules } from './request-headers.ts';

const sent = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'gopher',
  'x-forwarded-host': 'outside.example',
  forwarded: 'for=203.0.113.9',
  via: '1.0 outside',
  'user-agent': 'browser/1',
  activityid: 'client-7',
};

/** Lines with these names as the backend got them, in order. */
function linesOf(received: Received | undefined, names: readonly string[]): string[] {
  const raw = received?.rawHeaders ?? [];
  return raw.flatMap((name, index) =>
    index % 2 === 0 && names.includes(name.toLowerCase()) ? [`${name}: ${raw[index + 1]}`] : [],
  );
}

const about = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'via',
  'user-agent',
  'activityid',
];
const asSent = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
const without = (...names: string[]) => asSent.filter((line) => !names.some((name) => line.startsWith(`${name}: `)));

const rows: {
  readonly name: string;
  readonly rules: Partial<HeaderRules>;
  /** What the backend gets; PORT stands for the gateway's. */
  readonly lines: readonly string[];
}[] = [
  {
    name: 'by default the chain of addresses grows, scheme and host are those that were seen, and the agent is the gateway',
    rules: {},
    lines: [
      ...without('x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'user-agent'),
      'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: 127.0.0.1:PORT',
      'User-Agent: Sluice',
    ],
  },
  {
    name: 'nothing that the client says of itself is believed',
    rules: { xForwarded: 'replace', forwarded: 'replace', userAgent: null },
    lines: [
      ...without('x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'),
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: 127.0.0.1:PORT',
      'Forwarded: for=127.0.0.1;host="127.0.0.1:PORT";proto=http',
    ],
  },
  {
    name: 'a proxy in front of the gateway is believed',
    rules: { xForwarded: 'trust', forwarded: 'append', via: 'sluice', userAgent: null },
    lines: [
      ...without('x-forwarded-for'),
      'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
      'Forwarded: for=127.0.0.1;host="127.0.0.1:PORT";proto=http',
      'Via: 1.1 sluice',
    ],
  },
  {
    name: 'nothing is added and nothing taken away',
    rules: { xForwarded: 'off', userAgent: null, correlation: { name: 'activityid', send: true } },
    lines: asSent,
  },
  {
    name: 'a header to preserve is sent as it came',
    rules: {
      forwarded: 'append',
      preserved: ['X-Forwarded-For', 'X-Forwarded-Proto', 'x-forwarded-host', 'User-Agent', 'Forwarded'],
    },
    lines: asSent,
  },
  {
    name: 'no agent at all',
    rules: { xForwarded: 'off', userAgent: '' },
    lines: without('user-agent'),
  },
];

for (const { name, rules, lines } of rows) {
  test(`headers of requests: ${name}`, async (t) => {
    const { call, backend, port } = await stage(t, { headers: rules });
    await call('/orders/1.0.0/x', { headers: { ...bearer(issuer.token()), ...sent } });
    assert.deepEqual(
      linesOf(backend.received[0], about).sort(),
      lines.map((line) => line.replace('PORT', String(port))).sort(),
    );
  });
}

test('a client that says nothing of itself is described all the same', async (t) => {
  const rules: Partial<HeaderRules> = {
    xForwarded: 'trust',
    forwarded: 'append',
    correlation: { name: 'Trace-Id', send: true },
    preserved: ['forwarded', 'x-forwarded-for'],
  };
  const { call, backend, securePort } = await stage(t, { headers: rules });
  await call('/orders/1.0.0/x', { secure: true, port: securePort, headers: bearer(issuer.token()) });
  const lines = linesOf(backend.received[0], [...about, 'trace-id']);
  assert.deepEqual(lines.slice(0, 4), [
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: https',
    `X-Forwarded-Host: 127.0.0.1:${securePort}`,
    `Forwarded: for=127.0.0.1;host="127.0.0.1:${securePort}";proto=https`,
  ]);
  assert.match(lines[4] ?? '', /^Trace-Id: [0-9a-f-]{36}$/);
});

test('the host of the client reaches the backend only when it is to be preserved', async (t) => {
  const headers = { ...bearer(issuer.token()), host: 'shop.example' };
  const plain = await stage(t);
  await plain.call('/orders/1.0.0/x', { headers });
  assert.equal(plain.backend.received[0]?.headers.host, `127.0.0.1:${plain.backend.port}`);
  const preserving = await stage(t, { headers: { preserved: ['Host'] } });
  await preserving.call('/orders/1.0.0/x', { headers });
  assert.equal(preserving.backend.received[0]?.headers.host, 'shop.example');
});

test('an IPv6 address is quoted in Forwarded, and a client without an address is unknown', () => {
  const { lines } = compileHeaders({ ...defaultHeaderRules, xForwarded: 'off', forwarded: 'append' });
  const call = (remoteAddress: string) => ({
    remoteAddress,
    secure: true,
    head: { host: '', header: () => undefined },
  });
  assert.equal(lines(call('2001:db8::1') as never), 'Forwarded: for="[2001:db8::1]";proto=https\r\n');
  assert.equal(lines(call('') as never), 'Forwarded: for=unknown;proto=https\r\n');
});
