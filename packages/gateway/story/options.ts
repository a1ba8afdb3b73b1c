import type { GatewayDeadlines } from '@sluice/model';

/** Which stories of calls are kept, and what they know of settings. Plain data. */
export interface StoryOptions {
  /** Stories of each kind that a process keeps; default 1000. */
  readonly kept?: number;
  /** Share of all calls, 0 to 1, that are told however they end; default 0. */
  readonly share?: number;
  /** Where the gateway's deadlines are set; those that are left out have their default. */
  readonly deadlines?: Partial<GatewayDeadlines>;
  /** Where the settings are set that errors name, in words; those that are left out have their default. */
  readonly origins?: Readonly<Record<string, string>>;
}
