import { answers, answersAfter, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, closed, type Fired, failed } from '../outcome.ts';
import { prompt } from '../settings.ts';
import { type EndpointRules, http, member } from '../site.ts';
import type { Ask } from '../world.ts';

const global: Fired = { name: 'global', millis: prompt.global };
const steady = { 'passthru_http.http.socket.timeout': 3000 };

/** Durations that calls say themselves. */
const expressions: readonly EndpointsCase[] = (
  [
    ['header', '{$trp:X-Timeout}', { headers: { 'X-Timeout': '150' } }, { name: 'endpoint', millis: 150 }],
    [
      'property',
      "{get-property('transport','X-Timeout')}",
      { headers: { 'x-timeout': '150' } },
      { name: 'endpoint', millis: 150 },
    ],
    ['query', '{$url:t}', { path: '/x?t=150' }, { name: 'endpoint', millis: 150 }],
    ['absent', '{$trp:X-Timeout}', {}, global],
    ['word', '{$trp:X-Timeout}', { headers: { 'X-Timeout': 'soon' } }, global],
    ['negative', '{$trp:X-Timeout}', { headers: { 'X-Timeout': '-5' } }, global],
    ['unknown', '{$ctx:anything}', {}, global],
  ] as const satisfies readonly (readonly [string, string, Ask, Fired])[]
).map(
  ([id, actionDuration, ask, fired]): EndpointsCase => ({
    id: `calls/duration-${id}`,
    section: 'WSO2 3',
    title: 'a call that says its own duration has another one',
    toml: steady,
    async play(world) {
      await world.backend('a', silent);
      await world.serve(http({ actionSelect: 'fault', actionDuration }));
      const isGlobal = (fired as Fired).name === 'global';
      // A client in a hurry says nothing about the backend.
      const leaves = isGlobal ? { prod: suspended(101504) } : {};
      const cause = isGlobal ? 'global-timeout' : 'endpoint-timeout';
      await world.call(ask, failed(cause, { fired, received: { a: 1 }, leaves }));
    },
  }),
);

const capped: readonly EndpointsCase[] = (['fault', 'discard'] as const).map((actionSelect) => ({
  id: `calls/duration-capped-${actionSelect}`,
  section: 'WSO2 3',
  title: 'a call says a duration that exceeds the global one',
  toml: steady,
  async play(world) {
    await world.backend('a', silent);
    await world.serve(http({ actionSelect, actionDuration: '{$trp:X-Timeout}' }));
    const rest = { fired: global, received: { a: 1 }, leaves: { prod: suspended(101504) } };
    const ask = { headers: { 'X-Timeout': '60000' } };
    const outcome = actionSelect === 'fault' ? failed : closed;
    await world.call(ask, outcome('global-timeout', rest));
  },
}));

/** Calls without the version of their API. */
const byDefault: readonly EndpointsCase[] = [
  {
    id: 'calls/default-version',
    section: 'issue 4.1',
    title: 'a call of the default version has a deadline of its own, as in WSO2',
    toml: { ...steady, 'synapse_properties.synapse.global_timeout_interval': 300 },
    async play(world) {
      await world.backend('a', silent);
      const rules: EndpointRules = { actionSelect: 'fault', actionDuration: '450' };
      await world.serve(http(rules), { defaultBasePath: '/case' });
      const fired = { name: 'endpoint', millis: 450 } as const;
      const rest = { fired, received: { a: 1 }, leaves: { prod: suspended(101504) } };
      await world.call({ base: '/case' }, failed('endpoint-timeout', rest));
    },
  },
  {
    id: 'calls/default-version-shares',
    section: 'issue 4.3',
    title: 'the default version of an API has states of its own',
    async play(world) {
      await world.dead('a', answers('done'));
      await world.serve(http(), { defaultBasePath: '/case' });
      const leaves = { prod: suspended(101503) };
      await world.call({ base: '/case' }, failed('backend-connection-refused', { received: {}, leaves }));
      await world.call({}, failed('http-endpoint-not-ready', { received: {}, leaves, retryAfter: '30' }));
    },
  },
];

const handshake: Ask = {
  headers: {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
};

/** WebSockets begin as calls, and fail as they do. */
const webSockets: readonly EndpointsCase[] = [
  {
    id: 'calls/websocket-refused',
    section: 'WSO2 2.3',
    title: 'a handshake that reaches nobody is told as something else than a call',
    async play(world) {
      await world.dead('a', answers('done'));
      await world.serve(http());
      const leaves = { prod: suspended(101503) };
      await world.call(handshake, failed('backend-connection-refused', { received: {}, leaves }));
    },
  },
  {
    id: 'calls/websocket-silent',
    section: 'WSO2 3',
    title: 'a handshake that is not answered is waited for',
    async play(world) {
      await world.backend('a', silent);
      await world.serve(http({ actionSelect: 'fault', actionDuration: '150' }));
      const fired = { name: 'endpoint', millis: 150 } as const;
      const rest = { fired, received: { a: 1 }, leaves: { prod: suspended(101504) } };
      await world.call(handshake, failed('endpoint-timeout', rest));
    },
  },
  {
    id: 'calls/websocket-declined',
    section: 'WSO2 4.2',
    title: 'a backend that declines a handshake is suspended for it',
    async play(world) {
      await world.backend('a', answers('no', { status: 403 }));
      await world.serve(http());
      await world.call(handshake, answered('no', { a: 1 }, { status: 403 }));
    },
  },
  {
    id: 'calls/websocket-wrong-proof',
    section: 'WSO2 2.3',
    title: 'an answer to another handshake opens a WebSocket',
    async play(world) {
      const lines = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: d3Jvbmc=\r\n';
      await world.backend('a', sends(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`, 'silence'));
      await world.serve(http());
      const leaves = { prod: suspended(101509) };
      await world.call(handshake, failed('backend-protocol-violation', { phase: 3, received: { a: 1 }, leaves }));
    },
  },
];

/** Production and sandbox, chosen by the key of the caller. */
const sides: readonly EndpointsCase[] = [
  {
    id: 'calls/sides',
    section: 'WSO2 5.4',
    title: 'a key of one side leads to the other, or the states of both are one',
    async play(world) {
      await world.dead('a', answers('production'));
      await world.backend('b', answers('sandbox'));
      const both = { production_endpoints: member('a'), sandbox_endpoints: member('b') };
      const keys = await world.servesKeys({ endpoint_type: 'http', ...both });
      const leaves = { prod: suspended(101503) };
      await world.call(keys.production, failed('backend-connection-refused', { received: {}, leaves }));
      await world.call(keys.sandbox, answered('sandbox', { b: 1 }, { leaves }));
      const rest = { received: {}, leaves, retryAfter: '30', tells: 'Name : prod ]' };
      await world.call(keys.production, failed('http-endpoint-not-ready', rest));
      await world.call(keys.sandbox, answered('sandbox', { b: 1 }, { leaves }));
    },
  },
  ...(
    [
      ['sandbox', 'production', 'Sandbox key offered to the API with no sandbox endpoint'],
      ['production', 'sandbox', 'Production key offered to the API with no production endpoint'],
    ] as const
  ).map(
    ([key, side, description]): EndpointsCase => ({
      id: `calls/no-${key}`,
      section: 'WSO2 5.4',
      title: `a ${key} key reaches an API that has no ${key} endpoint`,
      async play(world) {
        await world.backend('a', answers('done'));
        const keys = await world.servesKeys({ endpoint_type: 'http', [`${side}_endpoints`]: member('a') });
        const ask = key === 'sandbox' ? keys.sandbox : keys.production;
        await world.refuses(ask, 403, '900901', description);
        await world.call(key === 'sandbox' ? keys.production : keys.sandbox, answered('done', { a: 1 }));
      },
    }),
  ),
];

/** What the client waits for does not depend on how it asked. */
const connections: readonly EndpointsCase[] = [
  {
    id: 'calls/http-1.0',
    section: 'WSO2 3',
    title: 'a client of HTTP/1.0 gets no answer when a deadline fires',
    async play(world) {
      await world.backend('a', silent);
      await world.serve(http({ actionSelect: 'fault', actionDuration: '120' }));
      const fired = { name: 'endpoint', millis: 120 } as const;
      const rest = { fired, received: { a: 1 }, leaves: { prod: suspended(101504) } };
      await world.call({ version: '1.0' }, failed('endpoint-timeout', rest));
    },
  },
  {
    id: 'calls/just-in-time',
    section: 'WSO2 3',
    title: 'an answer shortly before the deadline is too late',
    async play(world) {
      await world.backend('a', answersAfter(200, 'done'));
      await world.serve(http({ actionSelect: 'fault', actionDuration: '400' }));
      await world.call({}, { ...answered('done', { a: 1 }), longer: 190 });
    },
  },
];

export const callCases: readonly EndpointsCase[] = [
  ...expressions,
  ...capped,
  ...byDefault,
  ...webSockets,
  ...sides,
  ...connections,
];
