import type { TextForm } from '../setting.ts';

const name = '[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\\.?';
const address6 = '[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*';

/** A DNS name or an IP address, without a port. */
export const hostName: TextForm = {
  pattern: new RegExp(`^(?:${name}|${address6}|\\[${address6}\\])$`),
  expected: 'a host name or an IP address without scheme and port',
};

/** What `listen` takes. */
export const listenAddress: TextForm = {
  pattern: new RegExp(`^(?:${name}|${address6})$`),
  expected: 'an IP address or a host name; 0.0.0.0 is every interface',
};

export const httpUrl: TextForm = { pattern: /^https?:\/\/[^\s/?#]+(?:[/?#]\S*)?$/i, expected: 'an http or https URL' };

export const anyUrl: TextForm = { pattern: /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+(?:[/?#]\S*)?$/i, expected: 'a URL' };

/** A header field name (RFC 9110 section 5.1). */
export const headerName: TextForm = {
  pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  expected: 'the name of an HTTP header',
};

/** What a header may hold (RFC 9110 section 5.5), printable ASCII alone; or nothing. */
export const headerValue: TextForm = {
  pattern: /^(?:[!-~](?:[ -~]*[!-~])?)?$/,
  expected: 'printable characters, without a blank at either end',
};

/** What a proxy calls itself in `Via`: one word, or a host with its port; or nothing. */
export const pseudonym: TextForm = {
  pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z:-]*$/,
  expected: 'one word, or a host name with or without a port',
};

/** The address of a PostgreSQL database as JDBC or as libpq writes it, or a file for the embedded one. */
export const databaseUrl: TextForm = {
  pattern: /^(?:jdbc:[a-z0-9]+:\S+|postgres(?:ql)?:\/\/\S+|(?:file:|sqlite:)?[^\s:]\S*)$/i,
  expected: 'jdbc:postgresql://host:port/database, postgres://host:port/database, or a file for the embedded database',
};

/** Where Redis is, as its own tools write it. */
export const redisUrl: TextForm = {
  pattern: /^(?:rediss?:\/\/[^\s/?#]+(?:\/\d*)?|unix:\/\/\/\S+)$/i,
  expected: 'redis://host:port, rediss://host:port, or unix:///path',
};
