import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import { Wire } from './wire.ts';

/** Frames of HTTP/2 (RFC 9113 section 6), written and read byte by byte: for what no well-behaved library sends. */

export const Type = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

/** A number as a frame's payload: error codes and window sizes. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A field block without compression (RFC 7541 section 6.2.2), names and values in turn. */
export function block(...fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    parts.push(Buffer.from([0]), text(fields[index] as string), text(fields[index + 1] as string));
  }
  return Buffer.concat(parts);
}

/** A string literal; its length is a number with a prefix of seven bits. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

export const preface: Buffer = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(Type.settings, 0, 0),
]);

/** The fields of a GET, with others behind them. */
export function get(path = '/', ...more: readonly string[]): Buffer {
  return block(':method', 'GET', ':scheme', 'https', ':authority', 'gw.example', ':path', path, ...more);
}

export function post(...more: readonly string[]): Buffer {
  return block(':method', 'POST', ':scheme', 'https', ':authority', 'gw.example', ':path', '/', ...more);
}

/** A TLS connection that has agreed on h2; nothing is sent yet. */
export async function connectFrames(t: TestContext, gateway: { readonly port: number }): Promise<Wire> {
  const options = { port: gateway.port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'] };
  const socket = connect({ ...options, rejectUnauthorized: false, ...{ allowHalfOpen: true } });

  const wire = new Wire(socket);
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return wire;
}

export async function readFrame(wire: Wire): Promise<Frame> {
  const head = await wire.take(9);
  const payload = await wire.take(head.readUIntBE(0, 3));
  return { type: head[3] as number, flags: head[4] as number, stream: head.readUInt32BE(5), payload };
}

/** The next frame of that type; what comes before it is passed over. */
export async function nextFrame(wire: Wire, type: number): Promise<Frame> {
  for (;;) {
    const found = await readFrame(wire);
    if (found.type === type) return found;
  }
}

/** Error code of the GOAWAY that comes next. */
export async function goawayCode(wire: Wire): Promise<number> {
  return (await nextFrame(wire, Type.goaway)).payload.readUInt32BE(4);
}
