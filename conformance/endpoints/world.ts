import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Gateway } from '@sluice/gateway';
import {
  type DeployedApi,
  type JsonObject,
  type Log,
  type LogFields,
  type SharedEndpoint,
  silentLog,
} from '@sluice/model';
import { startDataPlane } from '../../packages/cli/start/data-plane.ts';
import {
  entry,
  operation,
  application as runtimeApplication,
  key as runtimeKey,
  subscription as runtimeSubscription,
} from '../../packages/gateway/testing/entities.ts';
import { issuer } from '../../packages/gateway/testing/gateway.ts';
import { TestSource } from '../../packages/gateway/testing/source.ts';
import { testTls } from '../../packages/gateway/testing/tls.ts';
import { until } from '../../packages/gateway/testing/until.ts';
import { type Message, readAnswer, value } from '../../packages/gateway/transport/testing/message.ts';
import { punctual } from '../../packages/gateway/transport/testing/punctual.ts';
import { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { untilStill } from '../transport/timing.ts';
import { Backend } from './backend.ts';
import { answersWhen, type Behaviour } from './behaviours.ts';
import { H2Backend, type StreamBehaviour } from './h2-backend.ts';
import { type Leaf, type Leaves, OperatorsView } from './leaves.ts';
import type { Outcome } from './outcome.ts';
import { isBackendFault, reasons } from './reasons.ts';
import { home, settingsOf, type Toml } from './settings.ts';
import { apiOf, basePath, located } from './site.ts';

/** What the client asks. */
export interface Ask {
  readonly method?: string;
  /** Below the base path, which is that of the API's version unless a case says so. */
  readonly path?: string;
  readonly base?: string;
  /** Of HTTP; default 1.1. */
  readonly version?: '1.0' | '1.1';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its length. */
  readonly body?: string;
  /** Bytes of the body that are announced and never sent. */
  readonly owed?: number;
  /** Sends a body without end, as fast as it is taken; the call counts from when it is not taken any more. */
  readonly flood?: boolean;
}

/** A record of the log about a backend that failed. */
interface Fault extends LogFields {
  readonly request?: string;
  readonly cause?: string;
  readonly deadline?: { readonly name: string; readonly value: number } | null;
}

/** Milliseconds within which a call is over that no deadline ends, also where others use the machine. */
const soon = 1000;
/** Milliseconds in which a change of a state is told, and copies of a call arrive. */
const patience = 100;

/** A gateway, the backends before which it stands, and a client. */
export class World {
  readonly #toml: Toml;
  readonly #blackHole: string;
  readonly #source = new TestSource();
  readonly #backends = new Map<string, Backend>();
  /** All of them, whatever they speak. */
  readonly #seen = new Map<string, Pick<Backend, 'name' | 'url' | 'received' | 'failures'>>();
  readonly #endings: (() => unknown)[] = [];
  readonly #faults: Fault[] = [];
  /** Leaves as an operator sees and switches them. */
  readonly leaves = new OperatorsView(() => this.gateway);
  readonly #defects: unknown[] = [];
  #gateway: Gateway | null = null;

  /** `blackHole` is the URL of a port that answers no SYN. */
  constructor(toml: Toml, blackHole: string) {
    this.#toml = toml;
    this.#blackHole = blackHole;
  }

  /** Starts a backend. */
  async backend(name: string, does: Behaviour): Promise<Backend> {
    const backend = await new Backend(name, does).start();
    this.#backends.set(name, backend);
    this.#seen.set(name, backend);
    this.after(() => backend.stop());
    return backend;
  }

  /** Starts a backend that speaks HTTP/2. */
  async h2Backend(name: string, does: StreamBehaviour): Promise<H2Backend> {
    const backend = await new H2Backend(name, does).start();
    this.#seen.set(name, backend);
    this.after(() => backend.stop());
    return backend;
  }

  /** A backend that listens no more. */
  async dead(name: string, does: Behaviour): Promise<Backend> {
    const backend = await this.backend(name, does);
    await backend.stop();
    return backend;
  }

  /** The backend of that name. */
  of(name: string): Backend {
    const backend = this.#backends.get(name);
    assert.ok(backend, `there is no backend ${name}`);
    return backend;
  }

  /** The last request that the backend got had this body, all of it. */
  assertBody(name: string, body: string): void {
    const received = this.#seen.get(name)?.received ?? [];
    assert.deepEqual([received.at(-1)?.body, received.at(-1)?.whole], [body, true], `the body that ${name} got`);
  }

  /** The last request that the backend got was to this target. */
  assertTarget(name: string, target: string): void {
    assert.equal(this.of(name).received.at(-1)?.start.split(' ')[1], target, `the target that ${name} got`);
  }

  /** Both got the same request the last time, but for the address. */
  assertSame(one: string, other: string): void {
    const [seen, wanted] = [other, one].map((name) => {
      const last = this.of(name).received.at(-1);
      const lines = [...(last?.lines ?? [])].filter(([line]) => line !== 'host');
      return { start: last?.start, body: last?.body, lines };
    });
    assert.deepEqual(seen, wanted, `what ${other} got, beside what ${one} got`);
  }

  after(end: () => unknown): void {
    this.#endings.push(end);
  }

  get gateway(): Gateway {
    assert.ok(this.#gateway, 'nothing is served yet');
    return this.#gateway;
  }

  /** Serves the API with this `endpointConfig`, for the first time or anew. */
  async serve(config: JsonObject, more: Partial<DeployedApi> = {}): Promise<void> {
    const sequence = this.#source.put(entry.api(apiOf(config, this.#urls(), more)));
    this.#gateway ??= await this.#start();
    await until(() => this.gateway.sequence >= sequence, `sequence ${sequence}`);
  }

  /** Serves the API with this `endpointConfig` to keys alone; resolves with what callers of both sides have to say. */
  async servesKeys(config: JsonObject): Promise<{ readonly production: Ask; readonly sandbox: Ask }> {
    const { application, key, subscription } = entry;
    const keys = [runtimeKey(), runtimeKey({ consumerKey: 'client-sandbox', keyType: 'SANDBOX' })];
    for (const one of [issuer.entry, application(runtimeApplication()), ...keys.map(key)]) this.#source.put(one);
    this.#source.put(subscription(runtimeSubscription()));
    await this.serve(config, { operations: [operation('GET', '/*')] });
    const asking = (client: string): Ask => ({
      headers: { Authorization: `Bearer ${issuer.token({ azp: client, aud: client })}` },
    });
    return { production: asking('client-1'), sandbox: asking('client-sandbox') };
  }

  /** One call that is turned away before any backend hears of it. */
  async refuses(ask: Ask, status: number, code: string, description: string): Promise<void> {
    const wire = await this.#connect();
    wire.send(requestOf(ask));
    const answer = await readAnswer(wire);
    wire.socket.destroy();
    const body = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    assert.deepEqual([answer.status, body.code, body.description], [status, code, description]);
    for (const { name, received } of this.#backends.values()) assert.equal(received.length, 0, `what ${name} got`);
    assert.deepEqual(await this.leaves.resting(), {}, 'leaves that are not active');
  }

  /** Puts an endpoint under a name of its own into the picture; it is served with the next API. */
  share(name: string, config: JsonObject, parameters: SharedEndpoint['parameters'] = []): void {
    const endpointConfig = located(config, this.#urls());
    const value = { id: name, organization: 'carbon.super', name, description: '', parameters, endpointConfig };
    this.#source.put({ kind: 'endpoint', id: `carbon.super/${name}`, value });
  }

  #urls(): ReadonlyMap<string, string> {
    const urls = new Map([...this.#seen].map(([name, { url }]) => [name, url]));
    urls.set('swallowing', this.#blackHole);
    return urls.set('unknown', 'http://nowhere.invalid');
  }

  async #start(): Promise<Gateway> {
    const log: Log = {
      ...silentLog,
      child: () => log,
      warn: (_, fields) => {
        if (fields?.cause !== undefined && fields.phase !== undefined) this.#faults.push(fields);
      },
      // Whatever the gateway calls an error is a defect of its own.
      error: (message, fields) => this.#defects.push({ message, fields }),
    };
    const tls = { listener: testTls, sender: {} };
    const gateway = await startDataPlane(settingsOf(this.#toml), home, log, tls, this.#source, {
      leafExchange: this.leaves.seat,
    });
    await gateway.ready;
    return gateway;
  }

  /** One call on a connection of its own. */
  async call(ask: Ask, outcome: Outcome): Promise<Message | null> {
    const before = new Map([...this.#seen].map(([name, { received }]) => [name, received.length]));
    const faults = this.#faults.length;
    const wire = await this.#connect();
    const bytes = requestOf(ask);
    const millis = outcome.after ?? outcome.fired?.millis;
    const read = () => readOutcome(wire, ask, outcome);
    const answer =
      millis === undefined
        ? await inTime(() => wire.send(bytes), read, outcome.longer)
        : ask.flood
          ? await whenStill(millis, wire, bytes, read)
          : await onTime(millis, wire, bytes, read);
    wire.socket.destroy();
    await this.#assertReceived(before, outcome);
    await this.#assertFault(this.#faults.slice(faults), answer, outcome);
    await this.#assertLeaves(outcome.leaves);
    return answer;
  }

  /** A call that the backend has got and will answer when the function that comes back is called. */
  async holds(name: string, ask: Ask = {}): Promise<() => Promise<void>> {
    const backend = this.of(name);
    const { does } = backend;
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    backend.does = answersWhen(gate.promise, 'held', arrived.resolve);
    const wire = await this.#connect();
    wire.send(requestOf(ask));
    await arrived.promise;
    backend.does = does;
    return async () => {
      gate.resolve();
      assert.equal((await readAnswer(wire)).body.toString(), 'held');
      wire.socket.destroy();
    };
  }

  /** One call that a backend answers; resolves with the body. */
  async asks(ask: Ask): Promise<string> {
    const wire = await this.#connect();
    wire.send(requestOf(ask));
    const { status, body } = await readAnswer(wire);
    wire.socket.destroy();
    assert.equal(status, 200, body.toString());
    return body.toString();
  }

  /** A call that some backend has got and will answer when `release` is called; `name` is its own. */
  async holdsAny(): Promise<{ readonly name: string; release(): Promise<void> }> {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<string>();
    const did = [...this.#backends.values()].map((backend) => {
      const { does } = backend;
      backend.does = answersWhen(gate.promise, 'held', () => arrived.resolve(backend.name));
      return () => {
        backend.does = does;
      };
    });
    const wire = await this.#connect();
    wire.send(requestOf({}));
    const name = await arrived.promise;
    for (const again of did) again();
    const release = async () => {
      gate.resolve();
      assert.equal((await readAnswer(wire)).body.toString(), 'held');
      wire.socket.destroy();
    };
    return { name, release };
  }

  /** Waits until these leaves, and no others, are not active. */
  async untilResting(...names: readonly string[]): Promise<void> {
    await until(
      async () => isDeepStrictEqual(Object.keys(await this.leaves.resting()), names),
      `${names.join()} alone are given a rest`,
    );
  }

  /** Waits until a second of the process's clock begins. */
  async startOfSecond(): Promise<void> {
    await delay(1000 - (performance.now() % 1000) + 5);
  }

  /** A client that goes away when the backend has its call. */
  async abandons(name: string, ask: Ask = {}): Promise<void> {
    const backend = this.of(name);
    const before = backend.received.length;
    const wire = await this.#connect();
    wire.send(requestOf(ask));
    await until(() => backend.received.length > before, `${name} gets the call`);
    wire.socket.destroy();
    await until(() => this.gateway.statistics().inFlight === 0, 'the gateway has given up the call');
  }

  /** The API is served no more. */
  async withdraw(): Promise<void> {
    const sequence = this.#source.remove('api', 'api-1');
    await until(() => this.gateway.sequence >= sequence, `sequence ${sequence}`);
  }

  /** So many calls wait for a connection. */
  async waiting(count: number): Promise<void> {
    await until(() => this.gateway.statistics().backendWaiting === count, `${count} calls wait`);
  }

  async #connect(): Promise<Wire> {
    const port = this.gateway.addresses[0]?.port ?? 0;
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.after(() => socket.destroy());
    const wire = new Wire(socket);
    await once(socket, 'connect');
    return wire;
  }

  /** Copies for further recipients may come after the answer. */
  async #assertReceived(before: ReadonlyMap<string, number>, { received }: Outcome): Promise<void> {
    const names = [...this.#seen.keys()];
    const wanted = Object.fromEntries(names.map((name) => [name, received[name] ?? 0]));
    const seen = () =>
      Object.fromEntries(
        [...this.#seen].map(([name, { received: all }]) => [name, all.length - (before.get(name) ?? 0)]),
      );
    await soonTrue(() => isDeepStrictEqual(seen(), wanted));
    assert.deepEqual(seen(), wanted, 'requests that the backends got');
  }

  /** A change of a state is told some milliseconds after it. */
  async #assertLeaves(leaves: Leaves): Promise<void> {
    const wanted = Object.fromEntries(Object.entries(leaves).filter(([, leaf]) => leaf !== 'active'));
    let found: Readonly<Record<string, Leaf>> = {};
    await soonTrue(async () => {
      found = await this.leaves.resting();
      return isDeepStrictEqual(found, wanted);
    });
    assert.deepEqual(found, wanted, 'leaves that are not active');
  }

  /** What log and story say of a call that the gateway answered, or closed. */
  async #assertFault(faults: readonly Fault[], answer: Message | null, { cause, code, fired }: Outcome): Promise<void> {
    if (cause === null) return;
    const last = faults.at(-1);
    // Answers for want of a backend that is ready are no faults of a backend.
    const asked = isBackendFault(cause);
    if (asked) {
      assert.equal(last?.cause, cause, 'cause in the log');
      const { name, value: millis } = last?.deadline ?? {};
      assert.deepEqual(name === undefined ? null : { name, millis }, fired, 'the deadline that the log names');
    }
    const id = (answer && value(answer, 'sluice-request-id')) ?? last?.request ?? '';
    await until(() => this.gateway.story(id) !== undefined, 'the story of the call is kept');
    const story = this.gateway.story(id);
    if (answer !== null) assert.deepEqual([story?.error?.cause, story?.error?.code], [cause, code], 'the story');
    if (!asked) return;
    const attempt = story?.attempts.at(-1)?.fault;
    assert.deepEqual([attempt?.cause, attempt?.code], [cause, code], 'the last attempt of the story');
    const told = attempt?.fired && { name: attempt.fired.name, millis: attempt.fired.value };
    assert.deepEqual(told ?? null, fired, 'the deadline that the story names');
  }

  /** Ends everything; rejects when something was left behind. */
  async end(): Promise<void> {
    const gateway = this.#gateway;
    for (const end of this.#endings.splice(0).reverse()) await end();
    if (gateway !== null) {
      await until(() => {
        const { inFlight, connections } = gateway.statistics();
        return inFlight === 0 && connections === 0;
      }, 'the gateway has no calls and connections any more, all clients being gone');
      await gateway.close();
    }
    assert.deepEqual(this.#defects, [], 'the gateway reported defects of its own');
    for (const { name, failures } of this.#seen.values()) assert.deepEqual(failures, [], `backend ${name}`);
  }
}

/** Waits for what comes true some milliseconds late; in vain where it does not. */
async function soonTrue(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds()) && performance.now() < end) await nextTurn();
}

function requestOf(ask: Ask): string {
  const { method = 'GET', base = basePath, path = '/x', version = '1.1' } = ask;
  const { headers = {}, body = '', owed = 0, flood = false } = ask;
  const length = flood ? 1e12 : body.length + owed;
  const lines = Object.entries({
    Host: 'case.example',
    ...(length > 0 ? { 'Content-Length': length } : {}),
    ...headers,
  })
    .map(([name, text]) => `${name}: ${text}\r\n`)
    .join('');
  return `${method} ${base}${path} HTTP/${version}\r\n${lines}\r\n${body}`;
}

async function readOutcome(wire: Wire, ask: Ask, outcome: Outcome): Promise<Message | null> {
  if (outcome.answer === 'closed') {
    assert.equal(await wire.rest(), '', 'something came before the end');
    return null;
  }
  if (outcome.answer === 'cut') {
    const text = await wire.rest();
    assert.match(text, /^HTTP\/1\.1 200 /, 'the answer had begun');
    assert.ok(!text.endsWith('0\r\n\r\n'), 'the answer looks whole');
    if (outcome.body !== null) assert.ok(text.includes(outcome.body), `${outcome.body} is not in ${text}`);
    return null;
  }
  let answer = await readAnswer(wire, ask.method);
  while (answer.status < 200) answer = await readAnswer(wire, ask.method);
  assertAnswer(answer, outcome);
  return answer;
}

function assertAnswer(answer: Message, outcome: Outcome): void {
  const { answer: status, body, cause, code, retryAfter, tells, type } = outcome;
  const text = answer.body.toString('utf8');
  assert.equal(answer.status, status, `${answer.head} ${text.slice(0, 300)}`);
  assert.equal(value(answer, 'sluice-cause') ?? null, cause, `${answer.head} ${text.slice(0, 300)}`);
  assert.equal(value(answer, 'retry-after') ?? null, retryAfter, 'Retry-After');
  if (cause === null) {
    if (body !== null) assert.equal(text, body, 'the body');
    return;
  }
  assert.match(value(answer, 'sluice-request-id') ?? '', /^[0-9a-f-]{36}$/, 'the answer names its call');
  if (type !== undefined) assert.equal(value(answer, 'content-type'), type);
  if (body !== null) {
    assert.equal(text, body, 'the body');
    return;
  }
  const members = JSON.parse(text) as Record<string, unknown>;
  const { description, message } = reasons[cause];
  assert.equal(members.code, String(code), 'the code in the body');
  assert.equal(members.type, 'Status report');
  assert.equal(members.message, message);
  if (description !== null) assert.equal(members.description, description);
  if (tells !== undefined) assert.ok(String(members.description).includes(tells), `${tells} is not in ${text}`);
}

/** Fails unless it is over soon after it began or, where something is waited for, after that time. */
async function inTime<T>(begin: () => void, act: () => Promise<T>, least?: number): Promise<T> {
  const began = performance.now();
  begin();
  const result = await act();
  const elapsed = Math.round(performance.now() - began);
  if (least !== undefined) assert.ok(elapsed > least, `it took ${elapsed} ms, less than ${least}`);
  else assert.ok(elapsed < soon, `it took ${elapsed} ms, though nothing had to be waited for`);
  return result;
}

function onTime<T>(millis: number, wire: Wire, bytes: string, act: () => Promise<T>): Promise<T> {
  return punctual(millis, act, async () => wire.send(bytes));
}

const flood = Buffer.alloc(64 * 1024, 'x');

/** Counts from when the flood behind these bytes has come to a stop, which is later than what is bounded began. */
function whenStill<T>(millis: number, wire: Wire, bytes: string, act: () => Promise<T>): Promise<T> {
  const { socket } = wire;
  const pump = () => {
    while (!socket.destroyed && socket.writable && socket.write(flood));
  };
  const begin = async () => {
    wire.send(bytes);
    socket.on('drain', pump);
    pump();
    await untilStill(wire);
  };
  return punctual(millis, act, begin, millis / 3);
}

/** Time goes by, in which nothing happens here. */
export function passes(millis: number): Promise<void> {
  return delay(millis);
}
