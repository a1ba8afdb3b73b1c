import { STATUS_CODES } from 'node:http';
import { flat } from './characters.ts';

interface StandardStatus {
  readonly reason: string;
  readonly line: string;
}

const standard: readonly (StandardStatus | undefined)[] = Array.from({ length: 1000 }, (_, status) => {
  const reason = STATUS_CODES[status];
  return reason === undefined ? undefined : { reason, line: flat(lineOf(status, reason)) };
});

function lineOf(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}

/** The standard reason phrase of a status, or nothing. */
export function reasonOf(status: number): string {
  return standard[status]?.reason ?? '';
}

/** The first line of an answer. Almost all of them have a standard phrase, and share their line. */
export function statusLine(status: number, reason: string): string {
  const known = standard[status];
  return known !== undefined && known.reason === reason ? known.line : lineOf(status, reason);
}
