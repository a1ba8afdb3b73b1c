/** Facts that stand beside a log message. Never put a secret in one. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The one logging surface of every room; the command line binds it to the real sink. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Log;
}

/** A log that keeps nothing, for tests and for embedding. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
