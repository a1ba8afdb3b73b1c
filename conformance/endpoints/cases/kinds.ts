import type { JsonObject } from '@sluice/model';
import { answers, answersWhen, sends } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, failed } from '../outcome.ts';
import type { ReasonName } from '../reasons.ts';
import { http, soapFault } from '../site.ts';
import { outcomeOf, stage, type Trouble, troubles } from '../troubles.ts';
import type { Ask, World } from '../world.ts';

/** A kind of endpoint that leads to one backend. */
interface Kind {
  readonly id: string;
  /** Serves it before what stands for `url`; resolves with the name of its leaf, and what each call has to say. */
  serve(world: World, url: string): Promise<{ readonly leaf: string; readonly headers?: Record<string, string> }>;
  /** What it says while it is given a rest. */
  readonly notReady: ReasonName;
  readonly tells: (leaf: string) => string;
}

const httpTells = (leaf: string) => `Currently, HTTP endpoint : [ Name : ${leaf} ] [ State : SUSPENDED ]`;
const asHttp = { notReady: 'http-endpoint-not-ready', tells: httpTells } as const;

/** A configuration of the API alone. */
function configured(id: string, config: (url: string) => JsonObject, rest: Pick<Kind, 'notReady' | 'tells'>): Kind {
  return {
    id,
    ...rest,
    async serve(world, url) {
      await world.serve(config(url));
      return { leaf: 'prod' };
    },
  };
}

const kinds: readonly Kind[] = [
  configured('address', (url) => ({ endpoint_type: 'address', production_endpoints: { url } }), {
    notReady: 'address-endpoint-not-ready',
    tells: (leaf) => `Currently , Address endpoint : [ Name : ${leaf} ] [ State : SUSPENDED ]`,
  }),
  configured('service', (url) => ({ endpoint_type: 'service', production_endpoints: { url } }), asHttp),
  configured(
    'wsdl',
    (address) => ({ endpoint_type: 'wsdl', production_endpoints: { url: 'http://nowhere.invalid/?wsdl', address } }),
    {
      notReady: 'wsdl-endpoint-not-ready',
      tells: (leaf) => `Currently , WSDL endpoint : [ Name : ${leaf} ] [ State : SUSPENDED ]`,
    },
  ),
  {
    id: 'default',
    ...asHttp,
    async serve(world) {
      await world.serve({ endpoint_type: 'default', production_endpoints: { url: 'default' } });
      const { url } = world.of('a');
      return { leaf: `prod:${url}`, headers: { To: url } };
    },
  },
  {
    id: 'indirect',
    ...asHttp,
    async serve(world, url) {
      world.share('orders', { production_endpoints: { url } });
      await world.serve({ endpoint_type: 'indirect', production_endpoints: { key: 'orders' } });
      return { leaf: 'orders' };
    },
  },
  {
    id: 'template',
    ...asHttp,
    async serve(world, uri) {
      world.share('orders', { production_endpoints: { url: '$uri' } }, [{ name: 'uri' }]);
      await world.serve({ endpoint_type: 'template', production_endpoints: { template: 'orders', uri } });
      return { leaf: 'prod' };
    },
  },
];

/** One trouble of each sort: the others differ in what the transport sees. */
const chosen = [
  ...['refused-get', 'refused-post', 'swallowed-get', 'accept-fin', 'upload-rst', 'request-rst', 'request-post-fin'],
  ...['request-silence', 'head-drips', 'wrong-status'],
];

const toml = { 'sluice.gateway.dynamic_hosts': '127.*:*' };

/** A default endpoint is told where to go by the call, which knows of backends alone. */
function fits({ id }: Kind, { place }: Trouble): boolean {
  return id !== 'default' || place === 'backend' || place === 'gone';
}

const byKind = kinds.flatMap((kind) =>
  troubles
    .filter((one) => chosen.includes(one.id) && fits(kind, one))
    .map(
      (one): EndpointsCase => ({
        id: `kinds/${kind.id}-${one.id}`,
        section: 'WSO2 4.9',
        title: `${one.title}, at an endpoint of the kind ${kind.id}`,
        toml,
        async play(world) {
          const { leaf, headers = {} } = await kind.serve(world, await stage(world, 'a', one));
          await world.call({ ...one.ask, headers }, outcomeOf(one, leaf));
        },
      }),
    ),
);

const resting = kinds.map(
  (kind): EndpointsCase => ({
    id: `kinds/${kind.id}-rests`,
    section: 'WSO2 2.6, 4.3',
    title: `an endpoint of the kind ${kind.id} is called while it is given a rest, or says so in other words`,
    toml,
    async play(world) {
      await world.dead('a', answers('a'));
      const { leaf, headers = {} } = await kind.serve(world, '{a}');
      const leaves = { [leaf]: suspended(101503) };
      await world.call({ headers }, failed('backend-connection-refused', { received: {}, leaves }));
      const tells = kind.tells(leaf);
      await world.call({ headers }, failed(kind.notReady, { received: {}, leaves, retryAfter: '30', tells }));
    },
  }),
);

const post: Ask = { method: 'POST', body: '<order/>' };
const soap11 = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:order"' };
const soap12 = { 'Content-Type': 'application/soap+xml; action="urn:order"' };
const envelope12 = (reason: string) =>
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope">' +
  '<soapenv:Body><soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:Receiver</soapenv:Value></soapenv:Code>' +
  `<soapenv:Reason><soapenv:Text xml:lang="en">${reason}</soapenv:Text></soapenv:Reason></soapenv:Fault></soapenv:Body></soapenv:Envelope>`;

const soapFaults = (
  [
    ['1.1', soap11, soapFault],
    ['1.2', soap12, envelope12],
  ] as const
).map(
  ([version, headers, envelope]): EndpointsCase => ({
    id: `kinds/soap-${version}-fault`,
    section: 'WSO2 2.6',
    title: `a caller of SOAP ${version} cannot read what became of its call`,
    async play(world) {
      await world.backend('a', sends('', 'fin'));
      await world.serve({
        endpoint_type: 'address',
        production_endpoints: { url: '{a}', config: { format: 'soap11' } },
      });
      const leaves = { prod: suspended(101508) };
      const body = envelope('Error in Sender');
      const outcome = failed('backend-closed', { phase: 3, received: { a: 1 }, leaves, answer: 500, body });
      await world.call({ ...post, headers }, outcome);
    },
  }),
);

const others: readonly EndpointsCase[] = [
  {
    id: 'kinds/soap-passes',
    section: 'WSO2 5.2',
    title: 'a SOAP message, its action or its fault is changed on the way',
    async play(world) {
      await world.backend('a', answers('<fault/>', { status: 500 }));
      await world.serve({
        endpoint_type: 'address',
        production_endpoints: { url: '{a}', config: { format: 'soap11' } },
      });
      await world.call({ ...post, headers: soap11 }, answered('<fault/>', { a: 1 }, { status: 500 }));
      world.assertBody('a', '<order/>');
    },
  },
  {
    id: 'kinds/default-elsewhere',
    section: 'design 6',
    title: 'a backend of a default endpoint that failed keeps calls from another one',
    toml,
    async play(world) {
      await world.dead('a', answers('a'));
      await world.backend('b', answers('b'));
      await world.serve({ endpoint_type: 'default', production_endpoints: { url: 'default' } });
      const to = (name: string): Ask => ({ headers: { To: world.of(name).url } });
      const leaves = { [`prod:${world.of('a').url}`]: suspended(101503) };
      await world.call(to('a'), failed('backend-connection-refused', { received: {}, leaves }));
      await world.call(to('b'), answered('b', { b: 1 }, { leaves }));
    },
  },
  {
    id: 'kinds/recipients',
    section: 'WSO2 4.9',
    title: 'a recipient gets a call not at all, twice, or not whole',
    async play(world) {
      const seen = Promise.withResolvers<void>();
      await world.backend(
        'a',
        answersWhen(seen.promise, 'a', () => {}),
      );
      await world.backend('b', answersWhen(Promise.resolve(), 'b', seen.resolve));
      await world.dead('c', answers('c'));
      const list = ['a', 'b', 'c'].map((name) => ({ url: `{${name}}` }));
      await world.serve({ endpoint_type: 'recipientlist', production_endpoints: list });
      const leaves = { 'prod[2]': suspended(101503) };
      await world.call({ ...post, headers: soap11 }, answered('a', { a: 1, b: 1 }, { leaves }));
      for (const name of ['a', 'b']) world.assertBody(name, '<order/>');
    },
  },
  {
    id: 'kinds/shared-changes',
    section: 'design 3',
    title: 'a change of a shared endpoint reaches the API that refers to it late, or its state outlives its address',
    async play(world) {
      await world.dead('a', answers('a'));
      await world.backend('b', answers('b'));
      world.share('orders', { production_endpoints: { url: '{a}' } });
      const indirect = { endpoint_type: 'indirect', production_endpoints: { key: 'orders' } };
      await world.serve(indirect);
      const leaves = { orders: suspended(101503) };
      await world.call({}, failed('backend-connection-refused', { received: {}, leaves }));
      await world.serve(indirect);
      const tells = httpTells('orders');
      const rests = failed('http-endpoint-not-ready', { received: {}, leaves, retryAfter: '30', tells });
      await world.call({}, rests);
      world.share('orders', { production_endpoints: { url: '{b}' } });
      await world.serve(indirect);
      await world.call({}, answered('b', { b: 1 }));
    },
  },
  {
    id: 'kinds/sandbox-side',
    section: 'WSO2 5.4',
    title: 'an open operation of an API with a sandbox alone is not served',
    async play(world) {
      await world.backend('a', answers('a'));
      const { production_endpoints: side } = http();
      await world.serve({ endpoint_type: 'http', sandbox_endpoints: side as JsonObject });
      await world.call({}, answered('a', { a: 1 }));
    },
  },
];

/** Kinds of endpoints: what leads to one backend behaves alike, whatever it is called. */
export const kindCases: readonly EndpointsCase[] = [...byKind, ...resting, ...soapFaults, ...others];
