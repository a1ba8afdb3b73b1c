import { setTimeout as delay } from 'node:timers/promises';
import type { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import type { Received } from './backend.ts';

/** What a backend does. */
export interface Behaviour {
  /** With a new connection before it reads; true when it does nothing more with it. */
  accepted?(wire: Wire): boolean;
  /** With a request whose head it has read. True when the connection takes another one. */
  asked(wire: Wire, request: Received): Promise<boolean> | boolean;
}

/** How a connection ends, or does not. */
export type Ending = 'fin' | 'rst' | 'silence';

function end(wire: Wire, how: Ending): void {
  if (how === 'fin') wire.socket.end();
  if (how === 'rst') wire.reset();
}

/** Reads the body of a request. */
async function readBody(wire: Wire, request: Received): Promise<void> {
  const length = request.lines.get('content-length');
  if (length !== undefined) request.body = (await wire.take(Number(length))).toString('latin1');
  else if (request.lines.get('transfer-encoding') === 'chunked') {
    for (;;) {
      const size = Number.parseInt(await wire.through('\r\n'), 16);
      if (size === 0) break;
      request.body += (await wire.take(size)).toString('latin1');
      await wire.take(2);
    }
    await wire.through('\r\n');
  }
  request.whole = true;
}

/** An answer by length. */
export function message(status: number, body: string, lines = ''): string {
  const reason = status === 200 ? 'OK' : 'Said So';
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Reads requests and answers them. */
export function answers(body: string, { status = 200, lines = '' } = {}): Behaviour {
  return {
    async asked(wire, request) {
      await readBody(wire, request);
      wire.send(message(status, body, lines));
      return true;
    },
  };
}

/** The same, so many milliseconds late. */
export function answersAfter(millis: number, body: string): Behaviour {
  return {
    async asked(wire, request) {
      await readBody(wire, request);
      await delay(millis);
      wire.send(message(200, body));
      return true;
    },
  };
}

/** Answers when `gate` opens; `arrived` is told of each request. */
export function answersWhen(gate: Promise<unknown>, body: string, arrived: () => void): Behaviour {
  return {
    async asked(wire, request) {
      await readBody(wire, request);
      arrived();
      await gate;
      wire.send(message(200, body));
      return true;
    },
  };
}

/** Takes the connection and ends it at once. */
export function atAccept(how: Ending): Behaviour {
  return {
    accepted(wire) {
      if (how === 'silence') wire.socket.pause();
      // A RST at once may be seen as an answer to the SYN.
      else setTimeout(() => end(wire, how), how === 'rst' ? 20 : 0);
      return true;
    },
    asked: () => false,
  };
}

/** Sends these bytes when it has taken the connection, unasked. */
export function speaksAtOnce(bytes: string): Behaviour {
  return {
    accepted(wire) {
      wire.send(bytes);
      return true;
    },
    asked: () => false,
  };
}

/** Ends the connection when it has read the head of a request and not its body. */
export function inUpload(how: Ending): Behaviour {
  return {
    asked(wire) {
      if (how === 'silence') wire.socket.pause();
      else end(wire, how);
      return false;
    },
  };
}

/** Reads a request, sends these bytes, and ends the connection, or is silent from then on. */
export function sends(bytes: string, how: Ending): Behaviour {
  return {
    async asked(wire, request) {
      await readBody(wire, request);
      if (bytes !== '') wire.send(bytes);
      // A RST would overtake the bytes.
      if (bytes !== '' && how === 'rst') await delay(20);
      end(wire, how);
      return false;
    },
  };
}

/** Reads a request, sends `begin`, and `piece` again and again with `millis` between two. */
export function dripsOn(begin: string, piece: string, millis: number): Behaviour {
  return {
    async asked(wire, request) {
      await readBody(wire, request);
      wire.send(begin);
      const timer = setInterval(() => wire.send(piece), millis);
      wire.socket.on('close', () => clearInterval(timer));
      return false;
    },
  };
}

/** Reads a request and never says a word. */
export const silent: Behaviour = sends('', 'silence');
