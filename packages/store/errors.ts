/** A uniqueness rule was broken; `rule` names it (`api-name-version`, `application-owner-name` …). */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly rule: string;

  constructor(rule: string, options?: ErrorOptions) {
    super(`uniqueness rule ${rule} is broken`, options);
    this.rule = rule;
  }
}

/** The database is locked, full, read-only or away; nothing of the change was kept. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly reason: 'locked' | 'full' | 'readonly' | 'away' | 'pool-exhausted';

  constructor(
    reason: 'locked' | 'full' | 'readonly' | 'away' | 'pool-exhausted',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = reason;
  }
}
