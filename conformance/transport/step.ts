import type { World } from './world.ts';

/** Something that one side does, or that it must see. */
export interface Step {
  /** As a failure tells of it. */
  readonly text: string;
  /** Numbers of the backend connections that it names. */
  readonly connections: readonly number[];
  run(world: World): Promise<unknown>;
}

/** Bytes for a failure's text. */
export function shown(bytes: string): string {
  const text = JSON.stringify(bytes);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
