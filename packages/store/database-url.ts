import type { PostgresqlConnection, PostgresqlTls } from './options.ts';

/** A database URL that cannot be used; the message never holds its user or password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
}

export interface ParsedDatabaseUrl {
  /** `user` and `password` are there only when the URL names them. */
  readonly connection: Omit<PostgresqlConnection, 'user'> & { readonly user?: string };
  /** Parameters of the URL that have no effect here, for a warning. */
  readonly ignored: readonly string[];
}

const defaultPort = 5432;

/** Words of libpq and JDBC for the same rung. `allow` tries without TLS first; taking TLS where it is offered is the safer reading. */
const modes: Readonly<Record<string, PostgresqlTls['mode']>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

/**
 * Reads `jdbc:postgresql://host:port/database?user=…&sslmode=…` (also without host: `jdbc:postgresql:database`) and
 * `postgres://user:password@host:port/database?sslmode=…`. Throws `DatabaseUrlError`.
 */
export function parseDatabaseUrl(url: string): ParsedDatabaseUrl {
  const text = url.trim();
  const scheme = /^(jdbc:)?([a-z][a-z0-9+.-]*):/i.exec(text);
  if (scheme === null) {
    throw new DatabaseUrlError('the database URL has no scheme; expected jdbc:postgresql://host:port/database');
  }
  const jdbc = scheme[1] !== undefined;
  const kind = (scheme[2] as string).toLowerCase();
  if (kind !== 'postgresql' && !(kind === 'postgres' && !jdbc)) {
    throw new DatabaseUrlError(
      `the database URL is for ${kind}, which Sluice does not run on; ` +
        'use jdbc:postgresql://host:port/database, or no URL for the embedded SQLite database',
    );
  }
  const [location = '', query = ''] = split(text.slice(scheme[0].length), '?');
  const { authority, path } = splitLocation(location);
  const parameters = readParameters(query);
  const connection = { ...readAuthority(authority), database: decode(path, 'database name') };
  return applyParameters(connection, parameters);
}

type Connection = ParsedDatabaseUrl['connection'];

function applyParameters(address: Connection, parameters: Map<string, string>): ParsedDatabaseUrl {
  const take = (...names: string[]): string | undefined => {
    let found: string | undefined;
    for (const name of names) {
      found ??= parameters.get(name);
      parameters.delete(name);
    }
    return found || undefined;
  };
  const user = take('user') ?? address.user;
  const password = take('password') ?? address.password;
  const schema = take('currentSchema');
  const applicationName = take('ApplicationName', 'application_name');
  const tls = readTls(take('sslmode'), take('ssl'));
  const caFile = take('sslrootcert');
  const certificateFile = take('sslcert');
  const keyFile = take('sslkey');
  const connection: Connection = {
    host: take('host') ?? address.host,
    port: address.port,
    database: address.database || user || '',
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(schema === undefined ? {} : { schema }),
    ...(applicationName === undefined ? {} : { applicationName }),
    ssl: {
      mode: tls,
      ...(caFile === undefined ? {} : { caFile }),
      ...(certificateFile === undefined ? {} : { certificateFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    },
  };
  if (connection.database === '') {
    throw new DatabaseUrlError('the database URL names no database; expected jdbc:postgresql://host:port/database');
  }
  return { connection, ignored: [...parameters.keys()] };
}

/** `ssl=true` alone means a checked connection, as the JDBC driver has it. */
function readTls(mode: string | undefined, ssl: string | undefined): PostgresqlTls['mode'] {
  if (mode === undefined) return ssl === 'true' ? 'verify-full' : ssl === 'false' ? 'disable' : 'prefer';
  const known = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  if (known !== undefined) return known;
  throw new DatabaseUrlError(`sslmode is ${JSON.stringify(mode)}; expected one of ${Object.keys(modes).join(', ')}`);
}

/** `//authority/path`, `//authority`, `/path` or, without any slash, the database alone. */
function splitLocation(location: string): { authority: string; path: string } {
  if (!location.startsWith('//')) return { authority: '', path: location.replace(/^\//, '') };
  const [authority, path] = split(location.slice(2), '/');
  return { authority: authority ?? '', path: path ?? '' };
}

function readAuthority(authority: string): Omit<Connection, 'database'> {
  const at = authority.lastIndexOf('@');
  const address = authority.slice(at + 1);
  if (address.includes(',')) {
    throw new DatabaseUrlError('the database URL names several hosts; name one, or a proxy in front of them');
  }
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(.*))?$/i.exec(address);
  if (parts === null) throw new DatabaseUrlError('the database URL has no readable host and port');
  const host = decode((parts[1] ?? '').replace(/^\[|\]$/g, ''), 'host') || 'localhost';
  const port = parts[2] === undefined || parts[2] === '' ? defaultPort : Number(parts[2]);
  if (!/^\d*$/.test(parts[2] ?? '') || port < 1 || port > 65_535) {
    // Not quoted: without an @ it may be a password.
    throw new DatabaseUrlError('the database URL has a port that is not a number from 1 to 65535');
  }
  if (at < 0) return { host, port };
  const [user = '', password] = split(authority.slice(0, at), ':');
  return {
    host,
    port,
    ...(user === '' ? {} : { user: decode(user, 'user') }),
    ...(password === undefined ? {} : { password: decode(password, 'password') }),
  };
}

function readParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', value = ''] = split(pair, '=');
    if (name !== '') parameters.set(decode(name, 'parameter name'), decode(value, 'parameter value'));
  }
  return parameters;
}

/** At the first separator; the second half is undefined when there is none. */
function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(`the database URL has a broken %-escape in its ${what}`);
  }
}
