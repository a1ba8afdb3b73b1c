import type { Server } from 'node:net';

/**
 * The libuv handles under `node:net`. Node keeps them to itself, and offers streams above them that cost a call a third of its
 * processor time and a new connection two thirds. They are reached here and nowhere else; the runtime is pinned, and what this
 * file relies on is looked at when it loads.
 */

/** Where a handle keeps the `Socket` that reads from it. */
export const ownerOf: unique symbol = Symbol('socket');

/** A connected stream: TCP, or TLS over it. Calls return 0 or a negative error number. */
export interface StreamHandle {
  /** Called for each read, with `this` the handle: the count or the error is in `readResult`. A buffer that it returns is read into from then on. */
  onread: (this: StreamHandle) => Buffer | undefined;
  /** Reads go into this buffer. */
  useUserBuffer(buffer: Buffer): void;
  readStart(): number;
  readStop(): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** Pairs of a piece and its encoding, `buffer` for bytes. */
  writev(request: WriteRequest, pieces: readonly (string | Uint8Array)[], allBytes: boolean): number;
  shutdown(request: ShutdownRequest): number;
  close(closed?: () => void): void;
  /** Bytes that the operating system has not taken yet. */
  readonly writeQueueSize: number;
  /** Whose handle it is; Node's own property of that name belongs to its streams. */
  [ownerOf]: unknown;
}

/** A TCP handle. */
export interface TcpHandle extends StreamHandle {
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  getpeername(out: Partial<PeerName>): number;
  setNoDelay(on: boolean): number;
  /** Closes with a reset, so that the peer cannot take it for an orderly end. */
  reset(closed?: () => void): number;
}

/** What `getpeername` fills in. */
export interface PeerName {
  address: string;
  port: number;
}

/** A write on its way; needed only while the operating system has not taken all of it. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  /** Null until the write has turned out to be pending. */
  socket: unknown;
  bytes: number;
  /** Status of a write that was over before the call returned; null otherwise. */
  early: number | null;
  /** What is being written, kept alive and given back afterwards. */
  piece: unknown;
}

export interface ShutdownRequest {
  oncomplete: (status: number) => void;
}

export interface ConnectRequest {
  oncomplete: (status: number) => void;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

interface TcpBinding {
  readonly TCP: new (kind: number) => TcpHandle;
  readonly TCPConnectWrap: new () => ConnectRequest;
  readonly constants: { readonly SOCKET: number };
}

interface ServerHandle {
  onconnection: (this: unknown, status: number, handle: TcpHandle | undefined) => void;
}

function binding(name: string): unknown {
  return (process as unknown as { binding(name: string): unknown }).binding(name);
}

const stream = binding('stream_wrap') as StreamBinding;
const tcp = binding('tcp_wrap') as TcpBinding;

const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = stream;
for (const known of [streamBaseState, kReadBytesOrError, kLastWriteWasAsync, stream.WriteWrap, tcp.TCP]) {
  if (known === undefined) throw new Error(`Node.js ${process.version} keeps its sockets differently; Sluice needs 24`);
}

export const { WriteWrap, ShutdownWrap } = stream;
export const { TCPConnectWrap } = tcp;

export function newTcpHandle(): TcpHandle {
  return new tcp.TCP(tcp.constants.SOCKET);
}

/** Within `onread`: bytes read, or a negative error number. */
export function readResult(): number {
  return streamBaseState[kReadBytesOrError] as number;
}

/** After a write: whether the operating system has yet to take some of it. */
export function writeIsPending(): boolean {
  return streamBaseState[kLastWriteWasAsync] !== 0;
}

/** Hands over connections as they are accepted, before Node makes a stream of each. The server is listening. */
export function acceptHandles(server: Server, accepted: (handle: TcpHandle) => void): void {
  const { _handle: listening } = server as unknown as { _handle: ServerHandle };
  listening.onconnection = (status, handle) => {
    // An error concerns the connection that was not accepted: out of descriptors, or given up by its client.
    if (status === 0 && handle) accepted(handle);
  };
}

/** The handle under a TLS socket of Node. */
export function handleOf(socket: import('node:tls').TLSSocket): StreamHandle {
  return (socket as unknown as { _handle: StreamHandle })._handle;
}

/** Error number of the end of a stream. */
export const endOfFile = -4095;
