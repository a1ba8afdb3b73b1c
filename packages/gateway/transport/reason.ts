import { STATUS_CODES } from 'node:http';

/** The standard reason phrase of a status, or nothing. */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? '';
}
