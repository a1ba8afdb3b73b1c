import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Backend, startBackend } from '../../packages/gateway/transport/testing/backend.ts';
import { blackHole } from '../../packages/gateway/transport/testing/black-hole.ts';
import { deadRoute } from '../../packages/gateway/transport/testing/dead.ts';
import { readRequest } from '../../packages/gateway/transport/testing/message.ts';
import { PeerGone, Wire } from '../../packages/gateway/transport/testing/wire.ts';
import { startBystander } from './bystander.ts';
import type { BackendKind, TransportCase } from './case.ts';
import { type GatewayStage, here } from './stage.ts';
import { TlsTap } from './tls-tap.ts';

/** Stands in what is expected for host and port of the backend. */
export const backendAddress = '{backend}';

/** How a client connects: to the plain listener, by TLS, or to the listener with TLS without speaking it. */
export type ClientKind = 'plain' | 'tls-1.2' | 'tls-1.3' | 'tls-port';

/** What runs one case: its own API and backend on a gateway that it shares with others. */
export class World {
  readonly #one: TransportCase;
  readonly #stage: GatewayStage;
  readonly #basePath: string;
  readonly #clients = new Map<number, Wire>();
  readonly #taps = new Map<number, TlsTap>();
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
      for (const [index, step] of this.#one.steps.entries()) {
        try {
          const run = step.run(this);
          await Promise.all([run, bystander.during(run)]);
        } catch (error) {
          throw new Error(`step ${index + 1}, ${step.text}: ${error instanceof Error ? error.message : error}`);
        }
      }
      await bystander.during(Promise.resolve());
      await this.#settle();
    } catch (error) {
      errors.push(error);
    }
    for (const { socket } of this.#clients.values()) socket.destroy();
    for (const end of this.#endings.reverse()) await Promise.resolve(end()).catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  after(end: () => unknown): void {
    this.#endings.push(async () => end());
  }

  /** Bytes of the table with the base path of this case and the address of its backend in them. */
  localize(bytes: string): string {
    const { host, port } = this.#backend?.route ?? { host: '', port: 0 };
    return bytes.replaceAll(here, this.#basePath).replaceAll(backendAddress, `${host}:${port}`);
  }

  /** The client's connection with this number, counted from 1; opened when it is first asked for. */
  async client(number: number, kind: ClientKind): Promise<Wire> {
    const open = this.#clients.get(number);
    if (open) return open;
    const raw = connect({ host: '127.0.0.1', port: this.#stage.port(kind !== 'plain'), allowHalfOpen: true });
    const socket = kind.startsWith('tls-1') ? this.#secure(number, kind as 'tls-1.2' | 'tls-1.3', raw) : raw;
    const wire = new Wire(socket);
    this.#clients.set(number, wire);
    await once(socket, socket === raw ? 'connect' : 'secureConnect');
    return wire;
  }

  /** Whether the gateway has said goodbye to that client, which speaks TLS 1.2. */
  goodbye(number: number): boolean {
    return this.#taps.get(number)?.goodbye ?? false;
  }

  #secure(number: number, version: 'tls-1.2' | 'tls-1.3', raw: Socket): Socket {
    const tap = new TlsTap(raw);
    this.#taps.set(number, tap);
    this.after(() => tap.destroy());
    return connectTls({
      socket: tap,
      rejectUnauthorized: false,
      servername: 'localhost',
      maxVersion: version === 'tls-1.2' ? 'TLSv1.2' : 'TLSv1.3',
    });
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
  async #settle(): Promise<void> {
    for (const [number, wire] of this.#clients) assertRead(wire, `client ${number}`);
    const wires = this.#backend?.wires ?? [];
    if (this.#one.unfinished) {
      for (const wire of wires) if (wire.received > 0) await assert.rejects(readRequest(wire), PeerGone);
      return;
    }
    const named = Math.max(0, ...this.#one.steps.flatMap((step) => step.connections));
    assert.equal(wires.length, this.#one.connections ?? named, 'connections to the backend');
    for (const [index, wire] of wires.entries()) assertRead(wire, `connection ${index + 1} of the backend`);
  }

  async #address(kind: BackendKind): Promise<string> {
    if (kind === 'unknown') return 'http://nowhere.invalid';
    if (kind.startsWith('scripted')) this.#backend = await startBackend(this, () => {});
    const { host, port } = this.#backend?.route ?? (kind === 'refusing' ? await deadRoute() : await blackHole(this));
    return `${kind === 'scripted-tls' ? 'https' : 'http'}://${host}:${port}`;
  }
}

function assertRead(wire: Wire, whose: string): void {
  assert.equal(wire.buffered.toString('latin1', 0, 200), '', `${whose} got more than the case says`);
}
