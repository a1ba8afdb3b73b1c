import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import { filesOf } from './files.ts';
import { applyParams } from './params.ts';
import { readProject } from './project.ts';

const params = `environments:
  - name: other
    configs:
      security: { production: { enabled: true, type: basic, username: wrong, password: wrong } }
  - name: Default
    configs:
      endpoints: { production: { url: http://elsewhere } }
      security:
        production:
          enabled: true
          type: oauth
          clientSecret: \${CLIENT_SECRET}
          clientId: $CLIENT_ID-1
        sandbox:
          enabled: false
`;
const variables = { CLIENT_SECRET: 'hush', CLIENT_ID: 'gate' };
const exported: JsonObject = {
  endpoint_type: 'http',
  endpoint_security: {
    production: { enabled: true, type: 'OAUTH', tokenUrl: 'http://t', clientId: 'old', clientSecret: '' },
    sandbox: { enabled: true, type: 'BASIC', username: 'u', password: '' },
  },
};

function apply(text: string, config = exported, environment = 'Default', given: Record<string, string> = variables) {
  return applyParams(filesOf('orders', '/', new Map([['params.yaml', text]])), environment, config, given);
}

test('the params of the environment fill in what an export leaves blank, from variables where they say so', () => {
  const applied = apply(params);
  assert.deepEqual(applied?.endpointConfig, {
    endpoint_type: 'http',
    endpoint_security: {
      production: { enabled: true, type: 'oauth', tokenUrl: 'http://t', clientId: 'gate-1', clientSecret: 'hush' },
      sandbox: { enabled: false, type: 'BASIC', username: 'u', password: '' },
    },
  });
  assert.deepEqual(applied?.warnings, ['orders/params.yaml: endpoints of the params are not applied here']);
});

test('one security for both sides becomes one for each', () => {
  const flat = { endpoint_security: { enabled: true, type: 'BASIC', username: 'u', password: '' } };
  const text = 'environments: [{ name: Default, configs: { security: { production: { password: hush } } } }]';
  assert.deepEqual(apply(text, flat)?.endpointConfig.endpoint_security, {
    production: { ...flat.endpoint_security, password: 'hush' },
    sandbox: flat.endpoint_security,
  });
});

test('params of other environments, and none at all, change nothing', () => {
  assert.equal(apply(params, exported, 'third'), undefined);
  assert.equal(applyParams(filesOf('orders', '/', new Map()), 'Default', exported, {}), undefined);
});

test('what is wrong is said with the line of the params file, and without its value', () => {
  assert.throws(
    () => apply(params, exported, 'Default', { CLIENT_ID: 'gate' }),
    /params.yaml.*12.*CLIENT_SECRET is not set/s,
  );
  assert.throws(() => apply('environments: 7'), /environments must be a list/);
  assert.throws(
    () => apply('environments: [{ name: Default, configs: { security: [hush] } }]'),
    (error: Error) => /security must be a map/.test(error.message) && !error.message.includes('hush'),
  );
  const applied = apply(params);
  assert.match(String(applied?.mistake('endpoint_security.production.clientId', 'wrong')), /params.yaml.*13/s);
  assert.equal(applied?.mistake('production_endpoints.url', 'wrong'), undefined);
});

test('a project is served with the security of its params, and a mistake there is named there', () => {
  const api = `data:
  name: orders
  version: 1.0.0
  context: /orders
  operations: [{ target: /*, verb: GET }]
  endpointConfig:
    endpoint_type: http
    production_endpoints: { url: http://b }
`;
  const project = (security: string) =>
    readProject(
      filesOf(
        'orders',
        '/',
        new Map([
          ['api.yaml', api],
          ['params.yaml', `environments: [{ name: Default, configs: { security: { production: ${security} } } }]`],
        ]),
      ),
      'Default',
    );
  const production = project('{ enabled: true, type: basic, username: u, password: p }').api?.endpoints.production;
  assert.ok(production !== null && production !== undefined && 'security' in production);
  assert.deepEqual(production.security, { type: 'basic', username: 'u', password: 'p', parameters: {} });
  assert.throws(() => project('{ enabled: true, type: kerberos }'), /params.yaml.*kerberos/s);
});
