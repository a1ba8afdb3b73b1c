import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorEntry, errors, type Log, SluiceError } from '@sluice/model';
import { faultOf } from '../rest/faults.ts';

/** Answers what is no HTTP request, or comes too slowly, in the form of every other error. */
export function refuseBadClients(server: Server, log: Log): void {
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    if (!socket.writable || socket.bytesWritten > 0 || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const entry: ErrorEntry = rows[error.code ?? ''] ?? errors.invalidRequest;
    const fault = faultOf(
      new SluiceError(entry, {
        detail: 'This is not a valid HTTP request.',
        limit: server.headersTimeout,
        what: 'bytes',
      }),
      log,
    );
    const body = JSON.stringify(fault.body);
    socket.end(
      `HTTP/1.1 ${fault.status} ${entry.message}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
}

const rows: Readonly<Record<string, ErrorEntry>> = {
  HPE_HEADER_OVERFLOW: errors.restHeadTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: errors.requestTimeout,
};
