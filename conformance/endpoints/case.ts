import type { SuiteCase } from '../suite.ts';
import type { Toml } from './settings.ts';
import type { World } from './world.ts';

/** One row of the table: backends, what stands before them, calls, and what each must come to. */
export interface EndpointsCase extends SuiteCase {
  /** Settings beside the usual ones of the suite (`settings.ts`). */
  readonly toml?: Toml;
  /** Plays the case on a gateway of its own. Rejects with what was wrong. */
  play(world: World): Promise<void>;
}
