import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointDoubts } from './doubts.ts';
import { parseEndpointConfig } from './parse.ts';

test('what can be saved but not served as it was meant is told, each endpoint by its name', () => {
  const config = {
    endpoint_type: 'failover',
    production_endpoints: { url: 'http://b/{uri.var.id}/{uri.var.other}?x={query.param.x}' },
    production_failovers: [
      { endpoint_type: 'address', url: 'http://{uri.var.id}/{tenant}', config: { format: 'soap11' } },
      { endpoint_type: 'default' },
      { endpoint_type: 'wsdl', url: 'http://b/?wsdl' },
      { endpoint_type: 'http', url: 'http://b/fine' },
    ],
  };
  const { endpoints } = parseEndpointConfig(config);
  assert.deepEqual(endpointDoubts(endpoints, [{ target: '/orders/{id}' }]), [
    'endpoint prod[0]: no operation has {other}, so that {uri.var.other} stands for nothing',
    'endpoint prod.failover[0]: messages are not converted to the format soap11; they go on as they are',
    'endpoint prod.failover[0]: calls choose the host, which the setting sluice.gateway.dynamic_hosts has to allow',
    'endpoint prod.failover[0]: nothing sets the variable {tenant} of its URL; calls are answered 500',
    'endpoint prod.failover[1]: calls choose the host, which the setting sluice.gateway.dynamic_hosts has to allow',
    'endpoint prod.failover[2]: the address was not read from its WSDL document; calls are answered 500',
  ]);
  const lambda = parseEndpointConfig({ endpoint_type: 'awslambda' }).endpoints;
  assert.match(endpointDoubts(lambda, [])[0] ?? '', /answers 501/);
});
