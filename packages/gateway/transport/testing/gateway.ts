import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { wheel } from '../../deadlines/wheel.ts';
import type { Backends } from '../backend-pool.ts';
import { FieldNames } from '../field-names.ts';
import type { ServerHeader } from '../forward.ts';
import {
  type BackendFault,
  type BackendRequest,
  type Call,
  type CallOutcome,
  createListener,
  type Listener,
  type ListenerOptions,
} from '../index.ts';
import { Waiters } from './waiters.ts';
import { Wire } from './wire.ts';

export interface Setup
  extends Partial<
    Pick<ListenerOptions, 'limits' | 'timeouts' | 'pool' | 'tls' | 'halfClose' | 'connectionLimit' | 'another'>
  > {
  /** Where calls are sent. */
  readonly backend?: Pick<BackendRequest, 'route'>;
  /** What differs from the plain request to `backend`. */
  readonly request?: (call: Call) => Partial<BackendRequest>;
  /** What is done with a call instead of sending it. */
  readonly call?: (call: Call, gateway: Gateway) => void;
  readonly http2?: ListenerOptions['http2'];
  readonly server?: ServerHeader;
  /** Instead of connections of its own. */
  readonly backends?: Backends;
}

export interface Refusal {
  readonly status: number;
  readonly cause: string;
  readonly detail: string;
}

/** How many of them are not closed yet. */
let open = 0;

/** A listener with a handler that sends every call to one backend, and that notes what it is told. */
export class Gateway {
  readonly calls: Call[] = [];
  readonly outcomes: CallOutcome[] = [];
  readonly faults: BackendFault[] = [];
  readonly refusals: Refusal[] = [];
  /** What escaped from the handler: a defect, of a test or of the transport. */
  readonly crashes: unknown[] = [];
  readonly listener: Listener;
  port = 0;
  readonly #over: Call[] = [];
  readonly #wires: Wire[] = [];
  readonly #waiters = new Waiters();
  readonly #setup: Setup;

  constructor(setup: Setup) {
    this.#setup = setup;
    const {
      limits = {},
      timeouts = {},
      pool = {},
      http2 = {},
      tls,
      backends,
      connectionLimit,
      another,
      halfClose = false,
    } = setup;
    this.listener = createListener({
      host: '127.0.0.1',
      port: 0,
      limits,
      timeouts,
      pool,
      http2,
      halfClose,
      ...(tls ? { tls } : {}),
      ...(backends ? { backends } : {}),
      ...(another ? { another } : {}),
      ...(connectionLimit ? { connectionLimit } : {}),
      handler: {
        ...(setup.server ? { server: setup.server } : {}),
        call: (call) => {
          this.calls.push(call);
          if (setup.call) setup.call(call, this);
          else this.send(call);
          this.#waiters.wake();
        },
        ended: (call, outcome) => {
          this.#over.push(call);
          this.outcomes.push(outcome);
          this.#waiters.wake();
        },
        crashed: (_call, error) => this.crashes.push(error),
        refusal: (status, cause, detail) => {
          this.refusals.push({ status, cause, detail });
          this.#waiters.wake();
          return { headers: `Content-Type: text/plain\r\nTest-Cause: ${cause}\r\n`, body: detail };
        },
      },
    });
  }

  /** Sends a call to the backend; a fault is answered with 502, or 504 when a deadline fired. */
  send(call: Call, changes: Partial<BackendRequest> = {}): void {
    const { backend, request } = this.#setup;
    assert.ok(backend, 'this test has no backend');
    call.send({
      route: backend.route,
      target: call.head.target,
      host: call.head.host,
      without: FieldNames.none,
      added: '',
      timeout: 0,
      onFault: (fault) => this.fault(call, fault),
      ...request?.(call),
      ...changes,
    });
  }

  fault(call: Call, fault: BackendFault): void {
    this.faults.push(fault);
    call.reply(fault.deadline ? 504 : 502, `Test-Fault: ${fault.kind}\r\n`, fault.kind);
    this.#waiters.wake();
  }

  /** Resolves with outcome number `index` (0 for the first). */
  ended(index: number): Promise<CallOutcome> {
    return this.until(`the end of call ${index}`, () => this.outcomes[index]);
  }

  called(index: number): Promise<Call> {
    return this.until(`call ${index}`, () => this.calls[index]);
  }

  until<T>(what: string, probe: () => T | undefined): Promise<T> {
    return this.#waiters.until(what, probe, () =>
      JSON.stringify({
        calls: this.calls.length,
        outcomes: this.outcomes,
        faults: this.faults,
        refusals: this.refusals,
      }),
    );
  }

  /** A new client connection. */
  async connect(): Promise<Wire> {
    const options = { port: this.port, host: '127.0.0.1', allowHalfOpen: true };
    const socket = this.#setup.tls
      ? connectTls({ ...options, rejectUnauthorized: false, servername: 'localhost' })
      : connect(options);
    const wire = new Wire(socket);
    this.#wires.push(wire);
    await once(socket, this.#setup.tls ? 'secureConnect' : 'connect');
    return wire;
  }

  /** Closes everything and holds what the contract promises of every call: it ends exactly once, and nothing stays open. */
  async close(): Promise<void> {
    for (const { socket } of this.#wires) socket.destroy();
    await this.listener.close();
    assert.deepEqual(this.crashes, []);
    assert.equal(new Set(this.#over).size, this.#over.length, 'a call ended twice');
    assert.equal(this.#over.length, this.calls.length, 'calls that never ended');
    assert.equal(this.listener.connections, 0, 'connections that nobody closed');
    if (--open === 0) assert.equal(wheel.size, 0, 'deadlines that nobody disarmed');
  }
}

export async function startGateway(t: Pick<TestContext, 'after'>, setup: Setup): Promise<Gateway> {
  const gateway = new Gateway(setup);
  open++;
  t.after(() => gateway.close());
  gateway.port = await gateway.listener.listen();
  return gateway;
}
