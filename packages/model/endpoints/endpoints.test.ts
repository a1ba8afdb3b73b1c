import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../json.ts';
import { formatEndpointConfig } from './format.ts';
import { type EndpointContext, parseEndpointConfig } from './parse.ts';

const golden = new URL('./golden/', import.meta.url);
const names = readdirSync(golden)
  .filter((file) => file.endsWith('.in.json'))
  .map((file) => file.slice(0, -'.in.json'.length));

// UPDATE_GOLDEN=1 writes what is found; read the difference before committing it.
const update = process.env.UPDATE_GOLDEN === '1';

for (const name of names) {
  test(`endpointConfig is read and written as before: ${name}`, () => {
    const input = JSON.parse(readFileSync(new URL(`${name}.in.json`, golden), 'utf8')) as {
      config: Json;
      context?: EndpointContext;
    };
    const { endpoints, findings } = parseEndpointConfig(input.config, input.context);
    const formatted = formatEndpointConfig(endpoints);
    const found = `${JSON.stringify({ endpoints, findings, formatted }, null, 2)}\n`;
    const file = new URL(`${name}.out.json`, golden);
    if (update) writeFileSync(file, found);
    assert.equal(found, readFileSync(file, 'utf8'));
    assert.deepEqual(parseEndpointConfig(formatted).endpoints, endpoints);
  });
}

test('no golden file is left without its input', () => {
  const outputs = readdirSync(golden).filter((file) => file.endsWith('.out.json'));
  assert.equal(outputs.length, names.length);
  assert.ok(names.length >= 30);
});

const endpointTypes = [
  ...['http', 'address', 'failover', 'load_balance', 'default', 'ws', 'graphql', 'awslambda', 'service'],
  ...['sequence_backend', 'Registry', 'indirect', 'template', 'recipientlist', 'wsdl', 'nonsense', ''],
];
const scalar = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '30000',
    'fault',
    'discard',
    'neverTimeout',
    '{$trp:X-Timeout}',
    "{get-property('query.param.t')}",
    '{$ctx:t}',
    'False',
    'soap11',
    'MTOM',
    'h2',
    'h2c',
    'HTTP/1.1',
    'http',
    'soap',
  ),
  fc.constantFrom('https://a.example.com', 'ws://a.example.com', '{uri.var.x}', 'RoundRobin', 'BASIC', 'oauth', 'aws'),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const config = fc.dictionary(
  fc.constantFrom(
    ...['actionSelect', 'actionDuration', 'retryErroCode', 'retryTimeOut', 'retryDelay', 'suspendErrorCode'],
    ...['suspendDuration', 'suspendMaxDuration', 'factor', 'format', 'optimize', 'protocol', 'service', 'port'],
    'timeouts',
    'retryConfig',
  ),
  fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('connect', 'firstByte', 'disabledErrorCodes'), scalar),
  ),
);
const leaf = fc.oneof(
  fc.record(
    {
      url: scalar,
      address: scalar,
      key: scalar,
      template: scalar,
      parameters: fc.oneof(fc.dictionary(fc.string(), scalar), scalar),
      endpoint_type: fc.constantFrom(...endpointTypes),
      config: fc.oneof(config, scalar),
      weight: scalar,
      members: fc.array(fc.record({ url: scalar, weight: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
  scalar,
);
const side = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }));
const security = fc.dictionary(
  fc.constantFrom('type', 'enabled', 'username', 'password', 'tokenUrl', 'grantType', 'region', 'customParameters'),
  fc.oneof(scalar, fc.dictionary(fc.string(), scalar)),
);
const endpointConfig = fc.record(
  {
    endpoint_type: fc.constantFrom(...endpointTypes),
    production_endpoints: side,
    sandbox_endpoints: side,
    production_failovers: side,
    sandbox_failovers: side,
    endpoint_security: fc.oneof(security, fc.record({ production: security, sandbox: security }), scalar),
    http: fc.record({ production_endpoints: side }),
    ws: fc.record({ sandbox_endpoints: side }),
    production: scalar,
    failOver: scalar,
    sessionManagement: scalar,
    sessionTimeOut: scalar,
    algoClassName: fc.oneof(scalar, fc.constantFrom('leastRequests', 'consistentHash')),
    dynamic: scalar,
    hash: fc.dictionary(fc.constantFrom('source', 'name', 'bound'), scalar),
    panicThreshold: scalar,
    healthCheck: fc.dictionary(fc.constantFrom('path', 'interval', 'unhealthyAfter'), scalar),
    outlier: fc.dictionary(fc.constantFrom('failures', 'most'), scalar),
    amznRoleArn: scalar,
    assume_role: scalar,
    timeouts: fc.oneof(fc.dictionary(fc.constantFrom('global', 'connect', 'clientWriteIdle', 'x'), scalar), scalar),
  },
  { requiredKeys: [] },
);

test('what is written back is read to the same tree, whatever was read', () => {
  fc.assert(
    fc.property(endpointConfig, (source) => {
      const first = parseEndpointConfig(source as Json).endpoints;
      const written = JSON.parse(JSON.stringify(formatEndpointConfig(first))) as Json;
      const again = parseEndpointConfig(written);
      assert.deepEqual(again.endpoints, first);
      assert.deepEqual(
        again.findings.filter((finding) => finding.level === 'error' && !finding.path.startsWith('endpoint_security')),
        [],
      );
    }),
    { numRuns: 2000 },
  );
});

test('arbitrary JSON in the place of endpointConfig never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      formatEndpointConfig(parseEndpointConfig(value as Json).endpoints);
    }),
    { numRuns: 1000 },
  );
});

test('a hostile number of members or codes is refused, not worked through', () => {
  const members = Array.from({ length: 100_000 }, () => ({ url: 'not a url' }));
  const codes = Array.from({ length: 100_000 }, () => 'x');
  const url = 'https://a.example.com';
  const group = parseEndpointConfig({ endpoint_type: 'load_balance', production_endpoints: members });
  assert.equal(group.endpoints.production, null);
  assert.equal(group.findings.length, 1);
  const leaf = parseEndpointConfig({ production_endpoints: { url, config: { suspendErrorCode: codes } } });
  assert.equal(leaf.findings.length, 1);
});

test('secrets and credentials in addresses do not reach the findings', () => {
  const { findings } = parseEndpointConfig({
    production_endpoints: { url: 'ftp://admin:hunter2@files.example.com' },
    endpoint_security: {
      production: { type: 'apikey', apiKeyIdentifier: 'k', apiKeyValue: ['hunter2'] },
      sandbox: { type: 'oauth', tokenUrl: 'http//admin:hunter2@x', grantType: 'password', customParameters: 'hunter2' },
    },
  });
  assert.ok(findings.length >= 4);
  assert.ok(!JSON.stringify(findings).includes('hunter2'));
});
