import { errors, type LoadBalanceEndpoint } from '@sluice/model';
import type { Exchange } from '../../chain/exchange.ts';
import { fail } from '../../chain/fault.ts';
import { monotonic } from '../../deadlines/clock.ts';
import type { ResponseHead } from '../../transport/call.ts';
import type { LoadBalance } from '../load-balance.ts';
import { retryAfter } from '../retry-after.ts';
import { type Group, Readiness, type Sender } from '../sender.ts';
import type { Affinity } from './affinity.ts';
import { keyOf, type SessionKeys, sessionKeys } from './session-keys.ts';
import type { SessionTable } from './session-table.ts';
import { maybeSoap, SoapSessionReader } from './soap-session.ts';

/** Bytes of a request in whose header a session is looked for; what is larger goes where a new session would. */
const largestRead = 1024 * 1024;

/** A member, and what it is known by whatever its place. */
interface Member {
  readonly sender: Sender;
  readonly identity: string;
}

/**
 * Keeps the calls of a session with the member that got its first one (wso2-gateway.md 4.8). A new session goes where the group around the members sends
 * it, and may fail over; one that goes on never does.
 */
export class SessionBalance implements Group {
  readonly kind = 'Loadbalance';
  readonly name: string;
  parent: Group | null = null;
  readonly #balance: LoadBalance;
  readonly #members: readonly Member[];
  readonly #keys: SessionKeys;
  readonly #learnsFromBody: boolean;
  readonly #table: SessionTable;

  constructor(
    session: NonNullable<LoadBalanceEndpoint['session']>,
    balance: LoadBalance,
    members: readonly Member[],
    table: SessionTable,
  ) {
    this.name = balance.name;
    this.#balance = balance;
    this.#members = members;
    this.#keys = sessionKeys[session.type];
    this.#learnsFromBody = session.type === 'soap';
    this.#table = table;
    balance.parent = this;
  }

  get readyAt(): number {
    return this.#balance.readyAt;
  }

  get load(): number {
    return this.#balance.load;
  }

  /** A session that goes on is answered here, also when its member is not ready. */
  readiness(exchange: Exchange): Readiness {
    if (!this.#keys.readsBody) {
      const now = monotonic();
      for (const key of this.#keys.of(exchange)) if (this.#table.has(key, now)) return Readiness.ready;
    }
    return this.#balance.readiness(exchange);
  }

  send(exchange: Exchange): boolean {
    const { call } = exchange;
    if (!this.#keys.readsBody || exchange.soapSession !== null) return this.#choose(exchange);
    if (call.contentLength === 0 || !maybeSoap(call.head.header('content-type'))) return this.#choose(exchange);
    call.gather(largestRead, (body) => this.#read(exchange, body));
    return true;
  }

  /** The group within has tried what could be tried. */
  takeOver(): boolean {
    return false;
  }

  #read(exchange: Exchange, body: Buffer | null): void {
    try {
      const reader = new SoapSessionReader();
      if (body !== null) reader.write(body);
      exchange.soapSession = reader.found;
      if (this.#choose(exchange)) return;
      fail(exchange, errors.noEndpointReady, { kind: this.kind, name: this.name }, retryAfter(this.readyAt));
    } catch (error) {
      exchange.settings.log.error('A call failed inside the gateway', { request: exchange.call.id, error });
      exchange.call.abort();
    }
  }

  #choose(exchange: Exchange): boolean {
    const session = this.#sessionOf(exchange);
    if (session !== null) return this.#goOn(exchange, session);
    const key = this.#keys.byClient ? this.#keys.of(exchange)[0] : undefined;
    const around = exchange.affinity;
    exchange.affinity = new NewSession(this, exchange, around, key ?? null);
    if (this.#learnsFromBody) exchange.answerReader = new AnswerSession(this, exchange);
    const sent = this.#balance.send(exchange);
    if (!sent) exchange.affinity = around;
    // One that failed at once has given its session up by now.
    else if (key !== undefined && exchange.cause === null) this.bind(key, exchange);
    return sent;
  }

  #sessionOf(exchange: Exchange): { readonly key: string; readonly identity: string } | null {
    for (const key of this.#keys.of(exchange)) {
      const identity = this.#table.find(key, monotonic());
      if (identity !== undefined) return { key, identity };
    }
    return null;
  }

  #goOn(exchange: Exchange, { key, identity }: { readonly key: string; readonly identity: string }): true {
    const sender = this.#members.find((member) => member.identity === identity)?.sender;
    if (sender === undefined) {
      this.#table.end(key);
      fail(exchange, errors.sessionPathInvalid);
      return true;
    }
    exchange.affinity = new BoundSession(this, exchange, exchange.affinity);
    const ready = sender.readiness(exchange) === Readiness.ready && sender.send(exchange);
    if (!ready) fail(exchange, errors.sessionEndpointNotReady, {}, retryAfter(sender.readyAt));
    return true;
  }

  /** The session goes on with the member that the call was sent to. */
  bind(key: string, { leaf }: Exchange): void {
    const member = this.#members.find(({ sender }) => isWithin(leaf, sender));
    if (member !== undefined) this.#table.bind(key, member.identity, monotonic());
  }

  /** Learns what the backend calls the session from now on. */
  learn(head: ResponseHead, exchange: Exchange): void {
    for (const key of this.#keys.given(head)) this.bind(key, exchange);
  }

  end(key: string): void {
    this.#table.end(key);
  }
}

function isWithin(leaf: Sender | null, group: Sender): boolean {
  for (let sender = leaf; sender !== null; sender = sender.parent) if (sender === group) return true;
  return false;
}

class BoundSession implements Affinity {
  readonly isBound = true;
  readonly #group: SessionBalance;
  readonly #exchange: Exchange;
  readonly #around: Affinity | null;

  constructor(group: SessionBalance, exchange: Exchange, around: Affinity | null) {
    this.#group = group;
    this.#exchange = exchange;
    this.#around = around;
  }

  answered(head: ResponseHead): void {
    this.#group.learn(head, this.#exchange);
    this.#around?.answered(head);
  }

  failed(): void {
    this.#around?.failed();
  }
}

class NewSession implements Affinity {
  readonly #group: SessionBalance;
  readonly #exchange: Exchange;
  readonly #around: Affinity | null;
  /** What the client calls the session. */
  readonly #key: string | null;

  constructor(group: SessionBalance, exchange: Exchange, around: Affinity | null, key: string | null) {
    this.#group = group;
    this.#exchange = exchange;
    this.#around = around;
    this.#key = key;
  }

  get isBound(): boolean {
    return this.#around?.isBound === true;
  }

  /** Another member than the first one may have answered. */
  answered(head: ResponseHead): void {
    if (this.#key !== null) this.#group.bind(this.#key, this.#exchange);
    this.#group.learn(head, this.#exchange);
    this.#around?.answered(head);
  }

  failed(): void {
    if (this.#key !== null) this.#group.end(this.#key);
    this.#around?.failed();
  }
}

/** Finds the session that a SOAP answer begins while the answer passes. */
class AnswerSession {
  readonly #group: SessionBalance;
  readonly #exchange: Exchange;
  readonly #reader = new SoapSessionReader();
  #reads = true;

  constructor(group: SessionBalance, exchange: Exchange) {
    this.#group = group;
    this.#exchange = exchange;
  }

  read(bytes: Buffer, start: number, end: number): void {
    if (!this.#reads) return;
    this.#reads = this.#reader.write(bytes.subarray(start, end));
    const [key] = keyOf(this.#reader.found.serviceGroup);
    if (key === undefined) return;
    this.#reads = false;
    this.#group.bind(key, this.#exchange);
  }
}
