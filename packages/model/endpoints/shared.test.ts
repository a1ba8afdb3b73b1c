import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SharedReference } from '../endpoint.ts';
import { readSharedEndpoint, referencesOf, resolveReference } from './shared.ts';

const patient = {
  name: 'conf:/endpoints/patient',
  parameters: [{ name: 'uri' }, { name: 'duration', default: '5000' }],
  endpointConfig: {
    endpoint_type: 'failover',
    production_endpoints: { url: '$uri/$name', config: { actionSelect: 'fault', actionDuration: '$duration' } },
    production_failovers: [{ endpoint_type: 'address', url: 'http://second/$other' }],
  },
};
const reference = (
  parameters: Record<string, string>,
  kind: SharedReference['kind'] = 'template',
): SharedReference => ({
  kind,
  name: 'sandbox[1]',
  key: patient.name,
  parameters,
});

test('a template is filled with what the reference gives and its own defaults, and nothing else', () => {
  const { draft, findings } = readSharedEndpoint(patient);
  assert.deepEqual(findings.list, []);
  assert.ok(draft);
  const { endpoint } = resolveReference(draft, reference({ uri: 'http://first' }));
  assert.ok(endpoint?.kind === 'failover');
  const [first, second] = endpoint.children;
  assert.ok(first?.kind === 'http' && second?.kind === 'address');
  assert.deepEqual([endpoint.name, first.name, second.name], ['sandbox[1]', 'sandbox[1][0]', 'sandbox[1].failover[0]']);
  assert.deepEqual([first.url, first.timeout.duration], ['http://first/sandbox[1]', 5000]);
  assert.equal(second.url, 'http://second/$other');
  assert.equal(referencesOf(endpoint).length, 0);
});

test('an endpoint that is shared is named after itself, wherever it is used', () => {
  const shared = {
    name: 'orders',
    parameters: [],
    endpointConfig: { production_endpoints: { url: 'http://b/$name' } },
  };
  const { endpoint } = resolveReference(shared, reference({}, 'indirect'));
  assert.ok(endpoint?.kind === 'http');
  assert.deepEqual([endpoint.name, endpoint.url], ['orders', 'http://b/$name']);
});

test('a reference that leaves a parameter open, or names one that is not there, is not resolved', () => {
  for (const [parameters, reason] of [
    [{}, /needs one/],
    [{ uri: 'http://a', toString: 'x' }, /no such parameter/],
    [{ uri: 'not a URL' }, /address of the backend/],
  ] as const) {
    const { endpoint, findings } = resolveReference({ ...patient }, reference({ ...parameters }));
    assert.equal(endpoint, null);
    assert.match(findings.map(({ remedy }) => remedy).join(), reason);
  }
});

test('what cannot be a shared endpoint says why', () => {
  const url = { url: 'http://b' };
  const rows = [
    [{ ...patient, name: 'two words' }, 'name'],
    [{ name: 'a' }, 'endpointConfig'],
    [{ name: 'a', endpointConfig: {} }, 'endpointConfig.production_endpoints'],
    [
      { name: 'a', endpointConfig: { production_endpoints: url, sandbox_endpoints: url } },
      'endpointConfig.sandbox_endpoints',
    ],
    [
      { name: 'a', endpointConfig: { endpoint_type: 'indirect', production_endpoints: { key: 'b' } } },
      'endpointConfig',
    ],
    [
      { name: 'a', endpointConfig: { production_endpoints: { url: 'nowhere' } } },
      'endpointConfig.production_endpoints.url',
    ],
    [{ ...patient, parameters: [{ name: 'a' }, { name: 'a' }] }, 'parameters[1].name'],
    [{ ...patient, parameters: [{ name: '__proto__' }] }, 'parameters[0]'],
    [{ ...patient, parameters: ['uri'] }, 'parameters[0]'],
  ] as const;
  for (const [data, path] of rows) {
    const { draft, findings } = readSharedEndpoint(data as never);
    assert.equal(draft, undefined, path);
    assert.equal(findings.list[0]?.path, path);
  }
});
