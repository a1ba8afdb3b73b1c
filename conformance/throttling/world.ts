import assert from 'node:assert/strict';
import { type Gateway, type GatewayOptions, startGateway } from '@sluice/gateway';
import { type RuntimeEntry, silentLog } from '@sluice/model';
import { MachineAuthority } from '@sluice/throttle';
import { issuer } from '../../packages/gateway/testing/gateway.ts';
import { type Answer, call, startBackend, type TestBackend } from '../../packages/gateway/testing/http.ts';
import { TestSource } from '../../packages/gateway/testing/source.ts';
import { testTls } from '../../packages/gateway/testing/tls.ts';
import { until } from '../../packages/gateway/testing/until.ts';
import { ControlledClock } from './clock.ts';
import type { ReasonName } from './reasons.ts';
import { assertRefusal, type Refusal } from './refusal.ts';
import { entriesOf, type Site } from './site.ts';

/** Who calls what. */
export interface Ask {
  /** Consumer key; default `client-1`, null calls without a token. */
  readonly client?: string | null;
  /** Claims of the token beside it: `sub` is the user. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly method?: string;
  /** Default `/orders/1.0.0/x`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Address of the client, of the network 127.0.0.0/8. */
  readonly from?: string;
  readonly secure?: boolean;
}

/** A gateway with a clock of the case's, a backend, and callers. */
export class World {
  readonly clock = new ControlledClock('2026-06-10T12:00:00.000Z');
  /** What grants the gateway its leases; other processes may ask it too. */
  readonly authority = new MachineAuthority({ clock: this.clock });
  readonly logged: { readonly message: string; readonly fields: unknown }[] = [];
  readonly #endings: (() => unknown)[] = [];
  readonly #tokens = new Map<string, string>();
  #source: TestSource | null = null;
  #gateway: Gateway | null = null;
  #backend: TestBackend | null = null;
  /** Body of the backend's answers. */
  answer = 'done';
  /** Their head, besides status and length. */
  answerHeaders: Readonly<Record<string, string>> = {};

  /** Starts gateway and backend with this picture. */
  async serve(site: Site, options: Partial<GatewayOptions> = {}): Promise<void> {
    this.#backend = await startBackend('backend', (_, response) =>
      response.writeHead(200, this.answerHeaders).end(this.answer),
    );
    this.after(() => this.#backend?.close());
    this.#source = new TestSource([issuer.entry, ...entriesOf(this.#backend.url, site)]);
    const note = (message: string, fields?: unknown) => void this.logged.push({ message, fields });
    this.#gateway = await startGateway({
      listeners: [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.1', port: 0, tls: testTls },
      ],
      environment: 'Default',
      source: this.#source,
      log: { ...silentLog, warn: note, error: note },
      authority: this.authority.connect('gateway'),
      clock: this.clock,
      ...options,
    });
    this.after(() => this.#gateway?.close());
    await this.#gateway.ready;
  }

  after(end: () => unknown): void {
    this.#endings.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
  }

  get backend(): TestBackend {
    assert.ok(this.#backend, 'nothing is served yet');
    return this.#backend;
  }

  get gateway(): Gateway {
    assert.ok(this.#gateway, 'nothing is served yet');
    return this.#gateway;
  }

  /** Port of the plain listener, or of the one with TLS. */
  port(secure = false): number {
    return this.gateway.addresses[secure ? 1 : 0]?.port ?? 0;
  }

  /** Changes the picture and waits until the gateway serves it. */
  async put(...entries: readonly RuntimeEntry[]): Promise<void> {
    const sequence = entries.map((one) => this.#source?.put(one) ?? 0).at(-1) ?? 0;
    await until(() => this.gateway.sequence >= sequence, `sequence ${sequence}`);
  }

  async remove(kind: RuntimeEntry['kind'], id: string): Promise<void> {
    const sequence = this.#source?.remove(kind, id) ?? 0;
    await until(() => this.gateway.sequence >= sequence, `sequence ${sequence}`);
  }

  /** A token of this client; the same one for the same claims. */
  token(client: string, claims: Readonly<Record<string, unknown>> = {}): string {
    const name = `${client} ${JSON.stringify(claims)}`;
    let token = this.#tokens.get(name);
    if (token === undefined) {
      token = issuer.token({ azp: client, aud: client, ...claims });
      this.#tokens.set(name, token);
    }
    return token;
  }

  /** One call on a connection of its own. */
  call(ask: Ask = {}): Promise<Answer> {
    const { client = 'client-1', claims, method = 'GET', path = '/orders/1.0.0/x', headers, body, from, secure } = ask;
    const authorization = client === null ? {} : { authorization: `Bearer ${this.token(client, claims)}` };
    return call(this.port(secure), path, {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body }),
      ...(from === undefined ? {} : { localAddress: from }),
      ...(secure === undefined ? {} : { secure }),
    });
  }

  /** So many calls, one after the other, each of which the backend gets. Resolves with the last answer. */
  async admits(count: number, ask: Ask = {}): Promise<Answer> {
    let answer: Answer | undefined;
    for (let number = 1; number <= count; number++) {
      const before = this.backend.received.length;
      answer = await this.call(ask);
      assert.equal(answer.status, 200, `call ${number} of ${count} that must pass: ${shown(answer)}`);
      assert.equal(this.backend.received.length, before + 1, `call ${number} of ${count}: what the backend got`);
    }
    return answer as Answer;
  }

  /** One call that is refused for this reason before the backend sees anything of it. */
  async refuses(reason: ReasonName, ask: Ask = {}, refusal: Refusal = {}): Promise<Answer> {
    const before = this.backend.received.length;
    const answer = await this.call(ask);
    assertRefusal(answer, reason, this.clock.epoch(), refusal);
    assert.equal(this.backend.received.length, before, 'the backend got a refused call');
    return answer;
  }

  /** Exactly so many calls pass, and the next one is refused for this reason. */
  async admitsExactly(count: number, reason: ReasonName, ask: Ask = {}, refusal: Refusal = {}): Promise<void> {
    await this.admits(count, ask);
    await this.refuses(reason, ask, refusal);
  }
}

function shown({ status, headers, body }: Answer): string {
  return `${status} ${headers['sluice-cause'] ?? ''} ${body.slice(0, 300)}`;
}
