/** A uniqueness rule was broken; `rule` names it (`api-name-version`, `application-owner-name` …). */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly rule: string;

  constructor(rule: string, options?: ErrorOptions) {
    super(`uniqueness rule ${rule} is broken`, options);
    this.rule = rule;
  }
}

/** The row refers to one that does not exist, or that was removed a moment ago (a revision of a removed API, say). */
export class MissingReferenceError extends Error {
  override readonly name = 'MissingReferenceError';

  constructor(options?: ErrorOptions) {
    super('the row refers to one that does not exist', options);
  }
}

/** A key (name, id, context …) is longer than its column holds. Requests are validated before, so this names a bug or a race. */
export class ValueTooLongError extends Error {
  override readonly name = 'ValueTooLongError';

  constructor(options?: ErrorOptions) {
    super('a key is longer than the store holds', options);
  }
}

export type UnavailableReason = 'locked' | 'full' | 'readonly' | 'away' | 'pool-exhausted';

/** The database is locked, full, read-only or away; nothing of the change was kept. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The database was written by a newer program; this one would not understand it. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
  /** Schema version found in the database. */
  readonly databaseVersion: number;
  /** Highest schema version that this program knows. */
  readonly programVersion: number;

  constructor(databaseVersion: number, programVersion: number) {
    super(
      `the database has schema version ${databaseVersion}, this program knows versions up to ${programVersion}: ` +
        'start the newer Sluice that upgraded it, or restore the backup made before the upgrade',
    );
    this.databaseVersion = databaseVersion;
    this.programVersion = programVersion;
  }
}

/** The endpoints' secrets in this database are sealed with another key than the one at hand. */
export class EndpointKeyError extends Error {
  override readonly name = 'EndpointKeyError';

  constructor(known: string, given: string) {
    super(
      `the secrets of endpoints in this database are sealed with the key ${known}, and the key at hand is ${given}: ` +
        'give this program the key file of the installation that wrote them (sluice.security.endpoint_key_file)',
    );
  }
}

/** The outer store was used inside one of its own transactions: it would wait for itself, or read past the transaction. */
export class NestedUseError extends Error {
  override readonly name = 'NestedUseError';

  constructor() {
    super('the store was used inside its own transaction; use the transaction that was handed to the work');
  }
}
