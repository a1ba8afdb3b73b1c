import type { Json, JsonObject } from '@sluice/model';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { ProjectError } from './project-error.ts';

/** Levels of nesting that are read. */
const deepest = 100;

/** A YAML or JSON file that knows on which line each of its members stands. */
export class ProjectDocument {
  readonly #place: string;
  readonly #counter = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;
  readonly root: JsonObject;

  /** Throws `ProjectError` when the text is not YAML, or not a map. */
  constructor(place: string, text: string) {
    this.#place = place;
    try {
      this.#document = parseDocument(text, { lineCounter: this.#counter, schema: 'core', logLevel: 'silent' });
    } catch (error) {
      // Nesting that exhausts the stack of the parser.
      throw new ProjectError(place, undefined, 'it cannot be parsed', { cause: error });
    }
    const problem = this.#document.errors[0];
    if (problem !== undefined) {
      throw new ProjectError(place, problem.linePos?.[0].line, problem.message.split('\n', 1)[0] ?? 'it is not YAML');
    }
    let value: Json;
    try {
      value = this.#document.toJS({ maxAliasCount: 100 }) as Json;
    } catch (error) {
      throw new ProjectError(place, undefined, (error as Error).message, { cause: error });
    }
    if (!isObject(value)) throw new ProjectError(place, 1, 'it holds no members');
    if (depthOf(value) > deepest)
      throw new ProjectError(place, undefined, `it is nested deeper than ${deepest} levels`);
    this.root = value;
  }

  /** An error about the member at `path`, or about the nearest one above it that exists. */
  error(path: readonly (string | number)[], reason: string): ProjectError {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (!isNode(node) || !node.range) continue;
      return new ProjectError(this.#place, this.#counter.linePos(node.range[0]).line, reason);
    }
    return new ProjectError(this.#place, undefined, reason);
  }
}

/** Members of a finding's path: `production_endpoints[1].config` as a list. */
export function stepsOf(path: string): (string | number)[] {
  return path.split(/[.[\]]+/).flatMap((step) => (step === '' ? [] : /^\d+$/.test(step) ? Number(step) : step));
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function depthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepestBelow = 0;
  for (const child of Object.values(value)) deepestBelow = Math.max(deepestBelow, depthOf(child));
  return deepestBelow + 1;
}
