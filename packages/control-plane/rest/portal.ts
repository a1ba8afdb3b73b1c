import type { Description } from './description.ts';
import type { RestHandlers } from './handler.ts';

/** One REST API of the control plane: what it promises and who keeps each promise. */
export interface Portal {
  /** For messages: `publisher`. */
  readonly name: string;
  readonly description: Description;
  readonly handlers: RestHandlers;
}
