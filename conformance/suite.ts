/** One row of a suite's table: a failure that it guards against. */
export interface SuiteCase {
  /** Unique in its suite, `theme/what`. */
  readonly id: string;
  /** The rule that is held: an RFC section, or a section of WSO2's behaviour. */
  readonly section: string;
  /** The failure, in words. */
  readonly title: string;
}

/** What is started once for many cases. */
export interface SuiteRun<C extends SuiteCase> {
  /** Rejects with what went wrong. */
  run(one: C): Promise<void>;
  /** Ends everything; rejects when something was left behind. */
  close(): Promise<void>;
}

/** A suite is a folder below `conformance` whose `suite.ts` exports one of these as `suite`. */
export interface Suite<C extends SuiteCase> {
  readonly cases: readonly C[];
  /** How many cases may run at once. */
  readonly concurrency: number;
  start(): Promise<SuiteRun<C>>;
}
