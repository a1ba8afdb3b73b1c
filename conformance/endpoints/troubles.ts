import {
  answers,
  atAccept,
  type Behaviour,
  dripsOn,
  type Ending,
  inUpload,
  message,
  sends,
  speaksAtOnce,
} from './behaviours.ts';
import { suspended } from './leaves.ts';
import type { Fired, Outcome } from './outcome.ts';
import { codeOf, type ReasonName, reasons } from './reasons.ts';
import { prompt } from './settings.ts';
import type { Ask, World } from './world.ts';

/** A way in which a backend does not answer, and what it comes to at an endpoint of its own. */
export interface Trouble {
  readonly id: string;
  /** The failure, in words. */
  readonly title: string;
  readonly section: string;
  /** Where the endpoint leads: to the backend, to its port when it is gone, to one that answers no SYN, to a name without an address. */
  readonly place: 'backend' | 'gone' | 'swallowing' | 'unknown';
  /** The endpoint says https. */
  readonly tls: boolean;
  readonly does: Behaviour;
  readonly ask: Ask;
  readonly cause: ReasonName;
  /** Ordinal of WSO2's protocol state, which is added to the code of causes that have phases (wso2-gateway.md 2.1). */
  readonly phase: number;
  readonly fired: Fired | null;
  /** Requests whose head the backend has read. */
  readonly delivered: 0 | 1;
  /** Another backend may be asked: not a byte of it was sent, or it may be sent twice. */
  readonly replayable: boolean;
}

const post: Ask = { method: 'POST', body: 'hello' };
/** Half of a body, so that the request is still on its way. */
const half: Ask = { method: 'POST', body: 'hello', owed: 5 };

const connect: Fired = { name: 'connect', millis: prompt.connect };
const silence: Fired = { name: 'first-byte', millis: prompt.socket };
const global: Fired = { name: 'global', millis: prompt.global };
const handshake: Fired = { name: 'tls-handshake', millis: prompt.tlsHandshake };

type Rest = Partial<Trouble> & Pick<Trouble, 'id' | 'title' | 'cause'>;

const usual = {
  section: 'WSO2 2.3, 2.4',
  place: 'backend',
  tls: false,
  does: answers('never'),
  ask: {},
  phase: 0,
  fired: null,
  delivered: 0,
  replayable: true,
} as const;

const trouble = (rest: Rest): Trouble => ({ ...usual, ...rest });

/** The same for a request that may be sent twice and one that may not. */
function bothMethods(rest: Rest, replayablePost: boolean): Trouble[] {
  return [
    trouble({ ...rest, id: `${rest.id}-get` }),
    trouble({ ...rest, id: `${rest.id}-post`, ask: post, replayable: replayablePost }),
  ];
}

const endings: Readonly<Record<Ending, Pick<Trouble, 'cause' | 'fired'>>> = {
  fin: { cause: 'backend-closed', fired: null },
  rst: { cause: 'backend-reset', fired: null },
  silence: { cause: 'backend-socket-timeout', fired: silence },
};

/** The backend goes away by FIN or RST, or falls silent. */
function each(id: string, title: (how: string) => string, rest: Partial<Trouble>, does: (how: Ending) => Behaviour) {
  const words = { fin: 'closes', rst: 'resets', silence: 'falls silent' };
  return (Object.keys(endings) as Ending[]).map((how) =>
    trouble({ id: `${id}-${how}`, title: title(words[how]), phase: 3, ...rest, ...endings[how], does: does(how) }),
  );
}

const unreachable: readonly Trouble[] = [
  ...bothMethods(
    {
      id: 'refused',
      title: 'a backend that refuses is told as another fault',
      cause: 'backend-connection-refused',
      place: 'gone',
    },
    true,
  ),
  ...bothMethods(
    {
      id: 'unknown-name',
      title: 'a name without an address is told as another fault',
      cause: 'backend-name-unresolved',
      place: 'unknown',
    },
    true,
  ),
  ...bothMethods(
    {
      id: 'swallowed',
      title: 'a backend that answers no SYN is waited for',
      cause: 'backend-connect-timeout',
      place: 'swallowing',
      fired: connect,
    },
    true,
  ),
  trouble({
    id: 'tls-plain',
    title: 'a backend that speaks no TLS is told as one that closed',
    cause: 'backend-tls-failed',
    tls: true,
    does: speaksAtOnce(message(400, '')),
  }),
  trouble({
    id: 'tls-silence',
    title: 'a handshake that does not go on is waited for',
    cause: 'backend-connect-timeout',
    tls: true,
    fired: handshake,
    does: atAccept('silence'),
  }),
  ...(['fin', 'rst'] as const).map((how) =>
    trouble({
      id: `tls-${how}`,
      title: 'a backend that leaves in the handshake is told as one that left after the request',
      cause: 'backend-tls-failed',
      tls: true,
      does: atAccept(how),
    }),
  ),
];

const leaving: readonly Trouble[] = [
  ...each('accept', (how) => `a backend that ${how} before it reads is told as another fault`, {}, atAccept),
  ...(['fin', 'rst'] as const).map((how) =>
    trouble({
      id: `upload-${how}`,
      title: 'a backend that leaves in the middle of an upload is told as one that had it all',
      cause: how === 'fin' ? 'backend-closed' : 'backend-write-failed',
      phase: 2,
      delivered: 1,
      ask: half,
      replayable: false,
      does: inUpload(how),
    }),
  ),
  ...each(
    'request',
    (how) => `a backend that ${how} after the request is told as another fault`,
    { delivered: 1 },
    (how) => sends('', how),
  ),
  ...each(
    'request-post',
    (how) => `a POST is sent again after the backend ${how}`,
    { delivered: 1, ask: post, replayable: false },
    (how) => sends('', how),
  ),
  ...each(
    'status-line',
    (how) => `half a status line is passed on when the backend ${how}`,
    { delivered: 1 },
    (how) => sends('HTTP/1.1 20', how),
  ),
  ...each(
    'head',
    (how) => `half a head is passed on when the backend ${how}`,
    { delivered: 1 },
    (how) => sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n', how),
  ),
  ...each(
    'interim',
    (how) => `an interim answer counts as the answer when the backend ${how}`,
    { delivered: 1 },
    (how) => sends('HTTP/1.1 103 Early Hints\r\n\r\n', how),
  ),
];

const slow: readonly Trouble[] = [
  trouble({
    id: 'upload-then-silence',
    title: 'a backend that falls silent after a large request is waited for longer than after a small one',
    cause: 'backend-socket-timeout',
    phase: 3,
    fired: silence,
    delivered: 1,
    ask: { method: 'POST', body: 'x'.repeat(100_000) },
    replayable: false,
    does: sends('', 'silence'),
  }),
  trouble({
    id: 'head-drips',
    title: 'a byte now and then keeps the head of an answer alive for ever',
    section: 'WSO2 3',
    cause: 'global-timeout',
    fired: global,
    delivered: 1,
    does: dripsOn('HTTP/1.1 200 OK\r\nX-Long: ', 'x', 60),
  }),
  trouble({
    id: 'interim-storm',
    title: 'interim answers put off the global limit without end',
    section: 'WSO2 3',
    cause: 'global-timeout',
    fired: global,
    delivered: 1,
    does: dripsOn('', 'HTTP/1.1 102 Processing\r\n\r\n', 60),
  }),
];

/** Answers that nobody may read as one. */
const wrong: readonly Trouble[] = (
  [
    ['no-http', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['http2', '\0\0\x12\x04\0\0\0\0\0\r\n\r\n'],
    ['status', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
    ['header', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n'],
    ['length-word', 'HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello'],
    ['length-negative', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello'],
    ['length-twice', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello'],
    ['upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n'],
    ['head-size', `HTTP/1.1 200 OK\r\nX-Large: ${'x'.repeat(70_000)}\r\n\r\n`],
  ] as const
).map(([id, bytes]) =>
  trouble({
    id: `wrong-${id}`,
    title: 'an answer that is none is passed on, or told as another fault',
    cause: 'backend-protocol-violation',
    phase: 3,
    delivered: 1,
    does: sends(bytes, 'silence'),
  }),
);

/** Every way. */
export const troubles: readonly Trouble[] = [...unreachable, ...leaving, ...slow, ...wrong];

/** Starts what the trouble is about as the backend `name`; returns what stands for its URL. */
export async function stage(world: World, name: string, { place, does, tls }: Trouble): Promise<string> {
  if (place === 'swallowing' || place === 'unknown') return `{${place}}`;
  const start = place === 'gone' ? world.dead(name, does) : world.backend(name, does);
  await start;
  return tls ? `{${name}:tls}` : `{${name}}`;
}

/** Whether requests to the trouble are counted at a backend. */
function delivered(name: string, { place, delivered: count }: Trouble): Readonly<Record<string, number>> {
  return place === 'swallowing' || place === 'unknown' ? {} : { [name]: count };
}

/** What it comes to where nobody else can be asked, with WSO2's rules for a leaf that has none of its own. */
export function outcomeOf(one: Trouble, leaf: string, changes: Partial<Outcome> = {}): Outcome {
  const code = codeOf(one.cause, one.phase);
  return {
    answer: reasons[one.cause].status,
    body: null,
    cause: one.cause,
    code,
    fired: one.fired,
    received: delivered('a', one),
    leaves: { [leaf]: suspended(code) },
    retryAfter: null,
    ...changes,
  };
}
