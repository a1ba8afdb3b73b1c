import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Backend, deadRoute, startBackend } from '../../packages/gateway/transport/testing/backend.ts';
import { blackHole } from '../../packages/gateway/transport/testing/black-hole.ts';
import { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { startBystander } from './bystander.ts';
import type { BackendKind, TransportCase } from './case.ts';
import { type GatewayStage, here } from './stage.ts';

/** What runs one case: its own API and backend on a gateway that it shares with others. */
export class World {
  readonly #one: TransportCase;
  readonly #stage: GatewayStage;
  readonly #basePath: string;
  readonly #clients: Wire[] = [];
  #backend: Backend | null = null;
  /** Undone in reverse, as a test's `after`. */
  readonly #endings: (() => unknown)[] = [];

  constructor(one: TransportCase, stage: GatewayStage) {
    this.#one = one;
    this.#stage = stage;
    this.#basePath = stage.reserve();
  }

  /** Plays the case from beginning to end. */
  async play(): Promise<void> {
    const errors: unknown[] = [];
    try {
      await this.#stage.deploy(
        this.#basePath,
        await this.#address(this.#one.backend ?? 'scripted'),
        this.#one.endpoint,
      );
      this.after(() => this.#stage.undeploy(this.#basePath));
      const bystander = await startBystander(this, this.#stage);
      await bystander.call();
      for (const [index, step] of this.#one.steps.entries()) {
        try {
          await Promise.all([step.run(this), bystander.call()]);
        } catch (error) {
          throw new Error(`step ${index + 1}, ${step.text}: ${error instanceof Error ? error.message : error}`);
        }
      }
      await bystander.call();
      this.#settle();
    } catch (error) {
      errors.push(error);
    }
    for (const { socket } of this.#clients) socket.destroy();
    for (const end of this.#endings.reverse()) await Promise.resolve(end()).catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  after(end: () => unknown): void {
    this.#endings.push(async () => end());
  }

  /** Bytes of the table with the base path of this case in them. */
  localize(bytes: string): string {
    return bytes.replaceAll(here, this.#basePath);
  }

  /** The client's connection with this number, counted from 1; opened when it is first asked for. */
  async client(number: number, secure: boolean): Promise<Wire> {
    const open = this.#clients[number - 1];
    if (open) return open;
    const options = { host: '127.0.0.1', port: this.#stage.port(secure), allowHalfOpen: true };
    const socket = secure
      ? connectTls({ ...options, rejectUnauthorized: false, servername: 'localhost' })
      : connect(options);
    const wire = new Wire(socket);
    this.#clients[number - 1] = wire;
    await once(socket, secure ? 'secureConnect' : 'connect');
    return wire;
  }

  /** The connection with this number, counted from 1, that the gateway opened or opens to the backend. */
  async backend(number: number): Promise<Wire> {
    assert.ok(this.#backend, 'this case has no scripted backend');
    return this.#backend.wire(number - 1);
  }

  /** Connections that the backend has seen so far. */
  get connections(): number {
    return this.#backend?.wires.length ?? 0;
  }

  /** What holds of every case when its steps are over. */
  #settle(): void {
    const wires = this.#backend?.wires ?? [];
    const named = Math.max(0, ...this.#one.steps.flatMap((step) => step.connections));
    assert.equal(wires.length, this.#one.connections ?? named, 'connections to the backend');
    for (const [index, wire] of wires.entries()) assertRead(wire, `connection ${index + 1} of the backend`);
    for (const [index, wire] of this.#clients.entries()) if (wire) assertRead(wire, `client ${index + 1}`);
  }

  async #address(kind: BackendKind): Promise<string> {
    if (kind === 'unknown') return 'http://nowhere.invalid';
    if (kind === 'scripted') this.#backend = await startBackend(this, () => {});
    const { host, port } = this.#backend?.route ?? (kind === 'refusing' ? await deadRoute() : await blackHole(this));
    return `http://${host}:${port}`;
  }
}

function assertRead(wire: Wire, whose: string): void {
  assert.equal(wire.buffered.toString('latin1', 0, 200), '', `${whose} got more than the case says`);
}
