import type { DeployedApi } from '@sluice/model';
import { answers, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, closed, failed } from '../outcome.ts';
import type { Ask } from '../world.ts';

const post: Ask = { method: 'POST', body: 'hello' };

/** One open operation. */
function operation(verb: string, target: string, more: object = {}): Partial<DeployedApi> {
  const one = { verb, target, authType: 'None', throttlingPolicy: 'Unlimited', scopes: [], ...more };
  return { operations: [one] } as unknown as Partial<DeployedApi>;
}

/** Where calls go, and what of a call says so. */
const targets: readonly EndpointsCase[] = [
  {
    id: 'addresses/joins-path',
    section: 'WSO2 4.9',
    title: 'what follows the base path of the API does not follow that of the endpoint',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ production_endpoints: { url: '{a}/base?k=1' } });
      await world.call({ path: '/orders/17?x=2' }, answered('done', { a: 1 }));
      world.assertTarget('a', '/base/orders/17?k=1&x=2');
    },
  },
  {
    id: 'addresses/uri-variable',
    section: 'WSO2 4.9',
    title: 'a variable of the URL is not taken from the path',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ production_endpoints: { url: '{a}/of/{uri.var.id}' } }, operation('GET', '/{id}/items'));
      await world.call({ path: '/17/items' }, answered('done', { a: 1 }));
      world.assertTarget('a', '/of/17/17/items');
    },
  },
  {
    id: 'addresses/unknown-variable',
    section: 'issue 4.2',
    title: 'a variable that nothing sets is sent to the backend',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ production_endpoints: { url: '{a}/{tenant}' } });
      await world.call({}, failed('endpoint-unresolved', { received: {}, leaves: {}, tells: 'tenant' }));
    },
  },
  {
    id: 'addresses/soap-target',
    section: 'WSO2 4.9',
    title: 'a SOAP endpoint is called below its address',
    async play(world) {
      await world.backend('a', answers('done'));
      const config = { format: 'soap11' };
      await world.serve({ endpoint_type: 'address', production_endpoints: { url: '{a}/soap', config } });
      await world.call({ ...post, path: '/below' }, answered('done', { a: 1 }));
      world.assertTarget('a', '/soap');
    },
  },
];

/** Hosts that calls choose. */
const chosen: readonly EndpointsCase[] = (
  [
    ['refused', 'http://169.254.169.254/latest', 'endpoint-address-refused'],
    ['other-name', 'http://localhost/', 'endpoint-address-refused'],
    ['with-user', 'http://user@127.0.0.1/', 'endpoint-address-missing'],
    ['no-url', 'file:///etc/passwd', 'endpoint-address-missing'],
    ['missing', '', 'endpoint-address-missing'],
  ] as const
).map(
  ([id, to, cause]): EndpointsCase => ({
    id: `addresses/chosen-${id}`,
    section: 'issue 4.2',
    title: 'a call chooses a host that nobody has allowed',
    toml: { 'sluice.gateway.dynamic_hosts': '127.*:*' },
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ endpoint_type: 'default', production_endpoints: { url: 'default' } });
      await world.call({ headers: to === '' ? {} : { To: to } }, failed(cause, { received: {}, leaves: {} }));
    },
  }),
);

const others: readonly EndpointsCase[] = [
  {
    id: 'addresses/chosen-without-list',
    section: 'issue 4.2',
    title: 'a call chooses its host though no list allows any',
    async play(world) {
      const { url } = await world.backend('a', answers('done'));
      await world.serve({ endpoint_type: 'default', production_endpoints: { url: 'default' } });
      await world.call({ headers: { To: url } }, failed('endpoint-address-refused', { received: {}, leaves: {} }));
    },
  },
  {
    id: 'addresses/indirect-unknown',
    section: 'WSO2 2.5',
    title: 'a reference to nothing is told as a fault of a backend',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ endpoint_type: 'indirect', production_endpoints: { key: 'nobody' } });
      await world.call({}, failed('endpoint-unresolved', { received: {}, leaves: {}, tells: 'nobody' }));
    },
  },
  {
    id: 'addresses/lambda',
    section: 'issue 4.2',
    title: 'an AWS Lambda endpoint is answered as if it had been called',
    async play(world) {
      await world.backend('a', answers('done'));
      await world.serve({ endpoint_type: 'awslambda', access_method: 'role-supplied', amznRegion: 'eu-west-1' });
      await world.call({}, failed('endpoint-kind-unsupported', { received: {}, leaves: {}, tells: 'awslambda' }));
    },
  },
  {
    id: 'addresses/mock',
    section: 'issue 4.2',
    title: 'a mock is not answered as its definition says',
    async play(world) {
      await world.backend('a', answers('done'));
      const endpoints = { production: { kind: 'mock', name: 'prod' } as const, sandbox: null };
      const mock = [{ status: '200', json: '{"made":"up"}' }];
      await world.serve({}, { endpoints, ...operation('GET', '/*', { mock }) });
      await world.call({}, answered('{"made":"up"}', {}));
    },
  },
  {
    id: 'addresses/recipients-first-rests',
    section: 'WSO2 4.9',
    title: 'a recipient that rests is asked, or keeps the others from the call',
    async play(world) {
      await world.dead('a', answers('first'));
      await world.backend('b', answers('second'));
      await world.serve({ endpoint_type: 'recipientlist', production_endpoints: [{ url: '{a}' }, { url: '{b}' }] });
      const leaves = { 'prod[0]': suspended(101503) };
      await world.call({}, failed('backend-connection-refused', { received: { b: 1 }, leaves }));
      await world.call({}, answered('second', { b: 1 }, { leaves }));
    },
  },
];

/** The end of a duration, by kind and action. */
const actions: readonly EndpointsCase[] = (['address', 'service', 'default', 'template'] as const).flatMap((kind) =>
  (['fault', 'discard'] as const).map(
    (action): EndpointsCase => ({
      id: `addresses/${kind}-${action}`,
      section: 'WSO2 3, 4.9',
      title: `the end of a duration is something else at an endpoint of kind ${kind}`,
      toml: { 'sluice.gateway.dynamic_hosts': '127.*:*' },
      async play(world) {
        const { url } = await world.backend('a', silent);
        const config = { actionSelect: action, actionDuration: '120' };
        world.share('slow', { production_endpoints: { url: '$uri', config } }, [{ name: 'uri' }]);
        const side =
          kind === 'template' ? { template: 'slow', uri: url } : { url: kind === 'default' ? kind : url, config };
        await world.serve({ endpoint_type: kind, production_endpoints: side });
        const leaf = kind === 'default' ? `prod:${url}` : 'prod';
        const rest = {
          fired: { name: 'endpoint', millis: 120 } as const,
          received: { a: 1 },
          leaves: { [leaf]: suspended(101504) },
        };
        const ask = { headers: { To: url } };
        await world.call(ask, action === 'fault' ? failed('endpoint-timeout', rest) : closed('endpoint-timeout', rest));
      },
    }),
  ),
);

export const addressCases: readonly EndpointsCase[] = [...targets, ...chosen, ...others, ...actions];
