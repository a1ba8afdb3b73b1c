import { client, second } from './actors.ts';
import type { TransportCase } from './case.ts';
import { smuggled } from './messages.ts';

/** What a refusal is expected to be, where it is not 400 `bad-request`. */
export interface Refused {
  readonly status: number;
  readonly cause: string;
  /** Stands in the body: a limit, mostly. */
  readonly tells?: string;
  readonly gateway?: TransportCase['gateway'];
  /** The head was good, so that the backend may have got a part of the request. */
  readonly unfinished?: boolean;
}

/**
 * A request that must not reach any backend, sent at once and byte by byte: it is answered with its status and cause, the answer
 * says that it is the last one, and what stands behind the request is never read.
 */
export function refused(
  id: string,
  section: string,
  title: string,
  bytes: string,
  { status, cause, tells, gateway = 'steady', unfinished = false }: Refused = { status: 400, cause: 'bad-request' },
): TransportCase {
  const answer = {
    cause,
    closes: true,
    ...(tells ? { tells } : {}),
    lines: { 'content-type': 'application/json; charset=UTF-8', 'sluice-request-id': /^[0-9a-f-]{36}$/ },
  };
  return {
    id,
    section,
    title,
    gateway,
    unfinished,
    steps: [
      client.sends(bytes + smuggled),
      client.gets(status, answer),
      client.isClosed('end'),
      second.trickles(bytes + smuggled),
      second.gets(status, answer),
      second.isClosed(),
    ],
  };
}

export const notImplementedCoding: Refused = { status: 501, cause: 'transfer-coding-not-implemented' };
export const wrongVersion: Refused = { status: 505, cause: 'http-version-not-supported' };
