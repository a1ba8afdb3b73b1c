import { answers, atAccept, type Behaviour, inUpload, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, type Fired, failed, type Outcome } from '../outcome.ts';
import { http } from '../site.ts';
import type { Ask, World } from '../world.ts';

/** A deadline that settings, API and endpoint have a say in. */
interface Kind {
  readonly name: Fired['name'];
  readonly toml: string;
  /** In `timeouts` of the API, and in `config.timeouts` of the endpoint where that has a say. */
  readonly member: string;
  readonly endpoint: boolean;
  readonly url: string;
  readonly does: Behaviour;
  readonly ask: Ask;
  outcome(fired: Fired): Outcome;
  /** What must be going on for it to run. */
  before?(world: World): Promise<() => Promise<void>>;
}

const kinds: readonly Kind[] = [
  {
    name: 'connect',
    toml: 'passthru_http.http.connection.timeout',
    member: 'connect',
    endpoint: true,
    url: '{swallowing}',
    does: silent,
    ask: {},
    outcome: (fired) => failed('backend-connect-timeout', { fired, received: {}, leaves: { prod: suspended(101508) } }),
  },
  {
    name: 'tls-handshake',
    toml: 'sluice.gateway.tls_handshake_timeout',
    member: 'tlsHandshake',
    endpoint: true,
    url: '{a:tls}',
    does: atAccept('silence'),
    ask: {},
    outcome: (fired) => failed('backend-connect-timeout', { fired, received: {}, leaves: { prod: suspended(101508) } }),
  },
  {
    name: 'pool-wait',
    toml: 'sluice.gateway.pool_wait_timeout',
    member: 'poolWait',
    endpoint: true,
    url: '{a}',
    does: answers('done'),
    ask: {},
    before: (world) => world.holds('a'),
    outcome: (fired) => failed('backend-pool-full', { fired, received: {}, leaves: {}, retryAfter: '1' }),
  },
  {
    name: 'backend-write-idle',
    toml: 'sluice.gateway.backend_write_idle_timeout',
    member: 'backendWriteIdle',
    endpoint: true,
    url: '{a}',
    does: inUpload('silence'),
    ask: { method: 'POST', flood: true },
    outcome: (fired) =>
      failed('backend-socket-timeout', { phase: 2, fired, received: { a: 1 }, leaves: { prod: suspended(101506) } }),
  },
  {
    name: 'first-byte',
    toml: 'sluice.gateway.first_byte_timeout',
    member: 'firstByte',
    endpoint: true,
    url: '{a}',
    does: silent,
    ask: {},
    outcome: (fired) =>
      failed('backend-socket-timeout', { phase: 3, fired, received: { a: 1 }, leaves: { prod: suspended(101507) } }),
  },
  {
    name: 'backend-body-idle',
    toml: 'sluice.gateway.backend_body_idle_timeout',
    member: 'backendBodyIdle',
    endpoint: true,
    url: '{a}',
    does: sends('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell', 'silence'),
    ask: {},
    outcome: ({ millis }) => ({ ...answered('hell', { a: 1 }, { after: millis }), answer: 'cut' }),
  },
  {
    name: 'global',
    toml: 'synapse_properties.synapse.global_timeout_interval',
    member: 'global',
    endpoint: false,
    url: '{a}',
    does: silent,
    ask: {},
    outcome: (fired) => failed('global-timeout', { fired, received: { a: 1 }, leaves: { prod: suspended(101504) } }),
  },
];

/** Values of the three levels, and the one that holds. */
const levels = [
  ['setting', 260, null, null, 260],
  ['api', 420, 180, null, 180],
  ['api-longer', 120, 300, null, 300],
  ['endpoint', 420, 300, 130, 130],
  ['endpoint-longer', 120, 130, 320, 320],
  ['endpoint-off', 120, 130, 0, 450],
] as const;

/** Deadlines of calls that the duration of the endpoint does not bound, or of which the one before would be bound too. */
const unending: readonly Fired['name'][] = ['backend-body-idle', 'pool-wait'];

/** Ends a call for which its own deadline was switched off. */
const last: Fired = { name: 'endpoint', millis: 450 };

export const levelCases: readonly EndpointsCase[] = kinds.flatMap((kind) =>
  levels
    .filter(([, , , own]) => own === null || (kind.endpoint && (own > 0 || !unending.includes(kind.name))))
    .map(
      ([id, setting, api, own, millis]): EndpointsCase => ({
        id: `levels/${kind.name}-${id}`,
        section: 'issue 4.1',
        title: `the ${kind.name} deadline of another level than the nearest one holds`,
        toml: {
          [kind.toml]: setting,
          'passthru_http.http.max.connection.per.host.port': kind.name === 'pool-wait' ? 1 : 1000,
        },
        async play(world) {
          await world.backend('a', kind.does);
          const timeouts = own === null ? {} : { timeouts: { [kind.member]: own } };
          const duration = own === 0 ? { actionSelect: 'fault', actionDuration: String(last.millis) } : {};
          await world.serve(
            http(
              {},
              {
                production_endpoints: { url: kind.url, config: { ...timeouts, ...duration } },
                ...(api === null ? {} : { timeouts: { [kind.member]: api } }),
              },
            ),
          );
          const release = await kind.before?.(world);
          await world.call(kind.ask, own === 0 ? without(kind) : kind.outcome({ name: kind.name, millis }));
          await release?.();
        },
      }),
    ),
);

/** Its own deadline being off, the duration of the endpoint ends it. */
function without(kind: Kind): Outcome {
  const { received } = kind.outcome(last);
  return failed('endpoint-timeout', { fired: last, received, leaves: { prod: suspended(101504) } });
}
