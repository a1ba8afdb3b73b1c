/** Which stories of calls are kept. Plain data. */
export interface StoryOptions {
  /** Stories of each kind that a process keeps; default 1000. */
  readonly kept?: number;
  /** Share of all calls, 0 to 1, that are told however they end; default 0. */
  readonly share?: number;
  /** Where the values of settings come from, by the names that the error catalogue and the table of deadlines have. */
  readonly origins?: Readonly<Record<string, string>>;
}
