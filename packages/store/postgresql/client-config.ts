import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import type { ClientConfig } from 'pg';
import { StoreUnavailableError } from '../errors.ts';
import type { PostgresqlConnection, PostgresqlTls } from '../options.ts';

/** Type numbers of `pg_type`. */
const int8 = 20;
const bytea = 17;

/** The server as messages name it: no user, no password. */
export const serverName = ({ host, port, database }: PostgresqlConnection): string => `${host}:${port}/${database}`;

/** What `pg` needs for one connection; `tls` is false once the server was found to offer none. */
export function clientConfig(connection: PostgresqlConnection, tls: boolean): ClientConfig {
  const { host, port, database, user, password, schema } = connection;
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ...(schema === undefined ? {} : { options: `-c search_path=${quote(schema)}` }),
    application_name: connection.applicationName ?? 'sluice',
    keepAlive: true,
    ssl: tls && tlsOptions(host, connection.ssl ?? { mode: 'prefer' }),
    types: { getTypeParser: typeParser as never },
  };
}

/** Whether TLS is to be tried: never on a unix socket. */
export const wantsTls = ({ host, ssl }: PostgresqlConnection): boolean =>
  !host.startsWith('/') && ssl?.mode !== 'disable';

function tlsOptions(host: string, tls: PostgresqlTls): NonNullable<ClientConfig['ssl']> {
  const { mode, caFile, certificateFile, keyFile } = tls;
  return {
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    // Named here, since for an address `pg` gives no name, and Node would then check for `localhost`.
    checkServerIdentity: (_name, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    ...(caFile === undefined ? {} : { ca: read(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: read(certificateFile) }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) }),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StoreUnavailableError('away', `the TLS file ${file} cannot be read (${(cause as Error).message})`, {
      cause,
    });
  }
}

/** An identifier inside the `options` start parameter, where blanks and backslashes are escaped once more. */
const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`.replace(/[\\ ]/g, '\\$&');

/** The reading half of the codec: counters and counts as numbers, bytes without `Buffer`'s pool behind them, all else as text. */
function typeParser(type: number): (text: string) => unknown {
  if (type === int8) return Number;
  if (type === bytea) return (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'));
  return (text) => text;
}
