import type { EndpointState } from '@sluice/model';
import { columns } from '../terminal/columns.ts';

const heads = ['STATE', 'SINCE', 'NEXT TRY', 'CAUSE', 'ANSWERS', 'FAULTS', 'API', 'ENDPOINT', 'URL', 'ID'];

/** Endpoints for people: a line each, and how many there are when not all are shown. */
export function endpointTable(endpoints: readonly EndpointState[], total: number): string {
  if (total === 0) return 'The gateway serves no such endpoint.\n';
  const text = columns([heads, ...endpoints.map(cells)]);
  return endpoints.length < total ? `${text}${endpoints.length} of ${total}; --limit shows more\n` : text;
}

/** A state in a few words: `suspended, next try in 1200 ms (101503 backend connection refused)`. */
export function stateText({ state, nextTryIn, cause }: EndpointState): string {
  return [
    state,
    ...(nextTryIn === null ? [] : [`, next try in ${nextTryIn} ms`]),
    ...(cause === null ? [] : [` (${cause.code} ${cause.words})`]),
  ].join('');
}

function cells({ state, since, nextTryIn, cause, answers, faults, api, name, url, id }: EndpointState): string[] {
  return [
    state,
    since === null ? '-' : new Date(since).toISOString(),
    nextTryIn === null ? '-' : `${nextTryIn} ms`,
    cause === null ? '-' : `${cause.code} ${cause.words}`,
    ...[String(answers), String(faults), api, name, url, id],
  ];
}
