import type { RequestHead } from '../transport/call.ts';

/** Whether the caller speaks gRPC, so that it reads no error body, but a status among trailers. gRPC-Web, which has another framing, is not meant. */
export function isGrpc(head: RequestHead): boolean {
  if (head.majorVersion !== 2) return false;
  const type = head.header('content-type');
  return type !== undefined && /^application\/grpc(?:[+;\s]|$)/i.test(type);
}

/** gRPC's own mapping of HTTP statuses (its document http-grpc-status-mapping), and three that it leaves unknown though gRPC has a word for them. */
const statuses: Readonly<Record<number, number>> = {
  400: 13, // INTERNAL
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED
  405: 12,
  413: 8, // RESOURCE_EXHAUSTED
  429: 14, // UNAVAILABLE
  431: 13,
  502: 14,
  503: 14,
  504: 14,
};

const unknown = 2;

/**
 * The header lines of a trailers-only answer: HTTP 200 without a body, whose head says what went wrong (gRPC over HTTP/2, "Responses").
 * `status` is the HTTP status that other callers would get.
 */
export function grpcFaultLines(status: number, message: string): string {
  return `Content-Type: application/grpc\r\ngrpc-status: ${statuses[status] ?? unknown}\r\ngrpc-message: ${percentEncode(message)}\r\n`;
}

/** Printable ASCII but `%` stays as it is; every other byte of the UTF-8 form is percent-encoded. */
function percentEncode(message: string): string {
  return message.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]+/g, (piece) =>
    Buffer.from(piece, 'utf8')
      .toString('hex')
      .replace(/../g, (byte) => `%${byte.toUpperCase()}`),
  );
}
