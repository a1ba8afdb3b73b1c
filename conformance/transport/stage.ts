import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Gateway, startGateway } from '@sluice/gateway';
import { silentLog } from '@sluice/model';
import { deployedApi, entry, leaf, operation, tireless } from '../../packages/gateway/testing/entities.ts';
import { TestSource } from '../../packages/gateway/testing/source.ts';
import { testTls } from '../../packages/gateway/testing/tls.ts';
import { until } from '../../packages/gateway/testing/until.ts';
import { Waiters } from '../../packages/gateway/transport/testing/waiters.ts';
import { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import type { TransportCase } from './case.ts';
import { type GatewayKind, gateways } from './gateways.ts';

/** Stands in the bytes of a case for the base path of the API that it gets for itself, and is as long. */
export const here = '/case-0000';

/** Methods that the APIs of the cases define; the last one is nobody's. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'FROB'];

/** A gateway with a plain and a TLS listener, to which cases add their APIs while others run. */
export class GatewayStage {
  readonly #source = new TestSource();
  readonly #waiters = new Waiters();
  readonly #kind: GatewayKind;
  readonly #failures: unknown[] = [];
  #gateway: Gateway | null = null;
  #reserved = 0;

  constructor(kind: GatewayKind) {
    this.#kind = kind;
  }

  async start(): Promise<void> {
    this.#gateway = await startGateway({
      listeners: [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.1', port: 0, tls: testTls },
      ],
      environment: 'Default',
      source: this.#source,
      cors: null,
      onSwap: () => this.#waiters.wake(),
      // Whatever the gateway calls an error is a defect of its own.
      log: { ...silentLog, error: (message, fields) => this.#failures.push({ message, fields }) },
      ...gateways[this.#kind],
    });
    await this.#gateway.ready;
  }

  port(secure: boolean): number {
    return this.#gateway?.addresses[secure ? 1 : 0]?.port ?? 0;
  }

  /** A base path that no other case has; all of them are as long as `here`. */
  reserve(): string {
    const number = String(++this.#reserved).padStart(4, '0');
    assert.equal(number.length, 4, 'no base path is left');
    return `/case-${number}`;
  }

  /** Puts an API at `basePath` before the backend at `url`, where its base path is `here`. */
  async deploy(basePath: string, url: string, endpoint?: TransportCase['endpoint']): Promise<void> {
    const production = leaf(`${url}${here}`, { ...tireless, ...(endpoint ? { timeout: { ...endpoint } } : {}) });
    const api = deployedApi({
      id: basePath,
      basePath,
      operations: methods.map((method) => operation(method, '/*', { authType: 'None' })),
      endpoints: { production, sandbox: null },
    });
    await this.#reached(this.#source.put(entry.api(api)));
  }

  async undeploy(basePath: string): Promise<void> {
    await this.#reached(this.#source.remove('api', basePath));
  }

  /** A plain client connection, ended with `owner`. */
  async connect(owner: { after(end: () => unknown): void }): Promise<Wire> {
    const socket = connect({ host: '127.0.0.1', port: this.port(false), allowHalfOpen: true });
    owner.after(() => socket.destroy());
    const wire = new Wire(socket);
    await once(socket, 'connect');
    return wire;
  }

  /** Ends the gateway, which must have nothing on its hands any more. */
  async close(): Promise<void> {
    const gateway = this.#gateway;
    if (!gateway) return;
    await until(() => {
      const { inFlight, connections } = gateway.statistics();
      return inFlight === 0 && connections === 0;
    }, `the gateway ${this.#kind} still has calls or connections though all clients are gone`);
    await gateway.close();
    assert.deepEqual(this.#failures, [], `the gateway ${this.#kind} reported defects of its own`);
  }

  async #reached(sequence: number): Promise<void> {
    await this.#waiters.until(`sequence ${sequence}`, () =>
      (this.#gateway?.sequence ?? 0) >= sequence ? true : undefined,
    );
  }
}
