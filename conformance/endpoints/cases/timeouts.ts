import { answersAfter, type Behaviour, dripsOn, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, type Fired, failed, type Outcome } from '../outcome.ts';
import { prompt, type Toml } from '../settings.ts';
import { type EndpointRules, http } from '../site.ts';

/** A place where a call may stand still. */
interface Place {
  readonly id: string;
  readonly url: string;
  readonly does: Behaviour;
  /** What ends it where the endpoint and the global limit do not. */
  readonly own: Fired | null;
  readonly received: Outcome['received'];
}

const places: readonly Place[] = [
  {
    id: 'connect',
    url: '{swallowing}',
    does: silent,
    own: { name: 'connect', millis: prompt.connect },
    received: {},
  },
  {
    id: 'silence',
    url: '{a}',
    does: silent,
    own: { name: 'first-byte', millis: prompt.socket },
    received: { a: 1 },
  },
  {
    id: 'head',
    url: '{a}',
    does: dripsOn('HTTP/1.1 200 OK\r\nX-Long: ', 'x', 60),
    own: null,
    received: { a: 1 },
  },
];

/** Below, between and above the other deadlines. */
const durations = [200, 450, 700, 1000] as const;

interface Level {
  readonly id: string;
  readonly config: EndpointRules;
  /** The limit on the whole wait for an answer. */
  readonly whole: Fired;
  /** Whether the end of that limit is answered. */
  readonly answers: boolean;
  /** Whether it is a fault of the endpoint: WSO2 forgets a call that never times out (wso2-gateway.md 3). */
  readonly marks: boolean;
}

const global: Fired = { name: 'global', millis: prompt.global };

const levels: readonly Level[] = [
  ...durations.flatMap((millis) =>
    (['fault', 'discard'] as const).map(
      (action): Level => ({
        id: `${action}-${millis}`,
        config: { actionSelect: action, actionDuration: String(millis) },
        whole: { name: 'endpoint', millis },
        answers: action === 'fault',
        marks: true,
      }),
    ),
  ),
  { id: 'never', config: { actionSelect: 'neverTimeout' }, whole: global, answers: false, marks: false },
  {
    id: 'never-200',
    config: { actionSelect: 'neverTimeout', actionDuration: '200' },
    whole: global,
    answers: false,
    marks: false,
  },
  { id: 'none', config: {}, whole: global, answers: true, marks: true },
  { id: 'no-action', config: { actionDuration: '200' }, whole: global, answers: true, marks: true },
  { id: 'no-duration', config: { actionSelect: 'discard' }, whole: global, answers: true, marks: true },
];

const ownCause = { connect: 'backend-connect-timeout', 'first-byte': 'backend-socket-timeout' } as const;

/** What the facts make of it: the earliest deadline wins, and the action is about that of the endpoint alone. */
function outcomeAt({ own, received }: Place, { whole, answers, marks }: Level): Outcome {
  if (own !== null && own.millis < whole.millis) {
    const outcome = failed(ownCause[own.name as keyof typeof ownCause], { phase: 3, fired: own, received, leaves: {} });
    return { ...outcome, leaves: { prod: suspended(outcome.code as number) } };
  }
  const leaves = marks ? { prod: suspended(101504) } : {};
  const cause = whole.name === 'global' ? 'global-timeout' : 'endpoint-timeout';
  return failed(cause, { fired: whole, received, leaves, ...(answers ? {} : { answer: 'closed' }) });
}

const matrix: readonly EndpointsCase[] = places.flatMap((place) =>
  levels.map(
    (level): EndpointsCase => ({
      id: `timeouts/${place.id}-${level.id}`,
      section: 'WSO2 3, 5.2',
      title: `not the earliest deadline ends a call that stands still (${place.id}), or not as its action says`,
      async play(world) {
        await world.backend('a', place.does);
        await world.serve(http({}, { production_endpoints: { url: place.url, config: level.config } }));
        await world.call({}, outcomeAt(place, level));
      },
    }),
  ),
);

/** Settings of the gateway, and which of them ends a call to a backend that is silent or cannot be reached. */
const settings = (
  [
    ['socket-small', { 'passthru_http.http.socket.timeout': 150 }, '{a}', { name: 'first-byte', millis: 150 }],
    ['socket-alias', { 'transport.http.socket_timeout': 150 }, '{a}', { name: 'first-byte', millis: 150 }],
    ['socket-off', { 'passthru_http.http.socket.timeout': 0 }, '{a}', global],
    ['socket-equal', { 'passthru_http.http.socket.timeout': prompt.global + 150 }, '{a}', global],
    [
      'global-small',
      { 'synapse_properties.synapse.global_timeout_interval': 150 },
      '{a}',
      { name: 'global', millis: 150 },
    ],
    [
      'global-in-connect',
      { 'synapse_properties.synapse.global_timeout_interval': 150 },
      '{swallowing}',
      { name: 'global', millis: 150 },
    ],
    [
      'connect-small',
      { 'passthru_http.http.connection.timeout': 150 },
      '{swallowing}',
      { name: 'connect', millis: 150 },
    ],
    [
      'connect-above-socket',
      { 'passthru_http.http.connection.timeout': 650 },
      '{swallowing}',
      { name: 'connect', millis: 650 },
    ],
    ['connect-above-global', { 'passthru_http.http.connection.timeout': 2000 }, '{swallowing}', global],
  ] as const
).map(
  ([id, toml, url, fired]: readonly [string, Toml, string, Fired]): EndpointsCase => ({
    id: `timeouts/setting-${id}`,
    section: 'WSO2 1.2, 3',
    title: 'a deadline of the settings is not the one that ends a call, or not on time',
    toml,
    async play(world) {
      await world.backend('a', silent);
      await world.serve(http({}, { production_endpoints: { url } }));
      const received = url === '{a}' ? { a: 1 } : {};
      const cause = fired.name === 'global' ? 'global-timeout' : ownCause[fired.name as keyof typeof ownCause];
      const outcome = failed(cause, { phase: 3, fired, received, leaves: {} });
      await world.call({}, { ...outcome, leaves: { prod: suspended(outcome.code as number) } });
    },
  }),
);

/** Answers that come in time, though some deadline of another kind has a smaller value. */
const inTime = (
  [
    [
      'endpoint-above-global',
      { actionSelect: 'fault', actionDuration: '1500' },
      {},
      dripping(prompt.global + 120),
      prompt.global,
    ],
    ['connect-below-answer', {}, {}, answersAfter(prompt.connect + 60, 'late'), prompt.connect],
    ['socket-below-body', {}, {}, slowBody(), prompt.socket],
  ] as const
).map(
  ([id, config, toml, does, least]): EndpointsCase => ({
    id: `timeouts/in-time-${id}`,
    section: 'WSO2 3',
    title: 'a deadline ends a call that it is not about',
    toml,
    async play(world) {
      await world.backend('a', does);
      await world.serve(http(config));
      await world.call({}, { ...answered('late', { a: 1 }), longer: least });
    },
  }),
);

/** Says that it is still at work, and answers after so many milliseconds. */
function dripping(millis: number): Behaviour {
  const { asked } = answersAfter(millis, 'late');
  return {
    asked(wire, request) {
      const timer = setInterval(() => wire.send('HTTP/1.1 102 Processing\r\n\r\n'), 100);
      setTimeout(() => clearInterval(timer), millis - 60);
      return asked(wire, request);
    },
  };
}

/** A body whose bytes come with pauses, none of them too long. */
function slowBody(): Behaviour {
  return {
    asked(wire) {
      wire.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
      for (const [index, byte] of [...'late'].entries()) setTimeout(() => wire.send(byte), (index + 1) * 200);
      return true;
    },
  };
}

export const timeoutCases: readonly EndpointsCase[] = [...matrix, ...settings, ...inTime];
