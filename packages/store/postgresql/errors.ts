import {
  ConflictError,
  MissingReferenceError,
  StoreUnavailableError,
  type UnavailableReason,
  ValueTooLongError,
} from '../errors.ts';
import { ruleName } from '../migrations/rule.ts';

/** SQLSTATEs (PostgreSQL manual, appendix A) that say the database cannot serve now. */
const unavailable: Readonly<Record<string, readonly [UnavailableReason, string]>> = {
  '25006': ['readonly', 'the server is read-only'],
  '25P03': ['away', 'the server ended a transaction that had stood still too long'],
  '28000': ['away', 'the server refused the user'],
  '28P01': ['away', 'the server refused the password'],
  '3D000': ['away', 'the database does not exist'],
  '3F000': ['away', 'the schema does not exist'],
  '40001': ['locked', 'another change was in the way'],
  '40P01': ['locked', 'another change was in the way'],
  '42501': ['readonly', 'the user may not do this'],
  '53100': ['full', "the server's disk is full"],
  '53200': ['away', 'the server is out of memory'],
  '53300': ['away', 'the server has no connection left'],
  '55P03': ['locked', 'another process kept it locked'],
  '57014': ['away', 'the server cancelled the statement'],
  '57P01': ['away', 'the server is shutting down'],
  '57P02': ['away', 'the server crashed'],
  '57P03': ['away', 'the server is starting'],
  '58030': ['away', "reading or writing the server's disk failed"],
};

/** What the socket and `pg` itself say when the connection fails or breaks. */
const brokenConnection =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES|Connection terminated|connection timeout|not queryable|Query read timeout|does not support SSL|certificate|socket disconnected|SASL/i;

/** The store's error for one of PostgreSQL's; others pass unchanged. `server` names the server in messages. */
export function translatePostgresqlError(error: unknown, server: string): unknown {
  if (!(error instanceof Error)) return error;
  const options = { cause: error };
  const { code, constraint } = error as { code?: string; constraint?: string };
  switch (code) {
    case '23505':
      return new ConflictError(constraint === undefined ? 'unknown' : ruleName(constraint), options);
    case '23001':
    case '23503':
      return new MissingReferenceError(options);
    case '22001':
      return new ValueTooLongError(options);
  }
  const known = code === undefined ? undefined : unavailable[code];
  if (known !== undefined) {
    return new StoreUnavailableError(known[0], `PostgreSQL ${server}: ${known[1]} (${error.message})`, options);
  }
  if (code?.startsWith('08') || brokenConnection.test(`${code ?? ''} ${describe(error)}`)) {
    return new StoreUnavailableError('away', `PostgreSQL ${server} does not answer (${describe(error)})`, options);
  }
  return error;
}

/** True when the server answered, with a fault of the statement: the connection is sound. */
export const isOfStatement = (error: unknown): error is Error =>
  error instanceof Error && 'severity' in error && error.severity === 'ERROR';

/** A name with several addresses fails with one error for each. */
function describe(error: Error): string {
  return error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join(', ') : error.message;
}
