import type { SuiteCase } from '../suite.ts';
import type { World } from './world.ts';

/** One row of the table: what is served, which calls are made at what time, and what each must come to. */
export interface ThrottlingCase extends SuiteCase {
  /** Plays the case on a gateway, a backend and a clock of its own. Rejects with what was wrong. */
  play(world: World): Promise<void>;
}
