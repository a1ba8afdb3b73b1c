import { errors, SluiceError } from '@sluice/model';

/**
 * `If-Match` (RFC 9110 13.1.1): a change is made only to the state that its author read. Guarded changes of one resource pass one
 * at a time, so of two authors who read the same state one succeeds; with several control planes that holds within each of them.
 */
export class Preconditions {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `change` when `ifMatch` names the tag that `currentTag` finds; throws 412 otherwise. */
  async guard<T>(
    resource: string,
    ifMatch: string,
    currentTag: () => Promise<string | undefined>,
    change: () => Promise<T>,
  ): Promise<T> {
    const turn = (this.#last.get(resource) ?? Promise.resolve()).then(async () => {
      const held = ifMatch.split(',').map((candidate) => candidate.trim());
      const tag = await currentTag();
      if (tag === undefined || !held.includes(tag)) throw new SluiceError(errors.preconditionFailed);
      return change();
    });
    const settled = turn.catch(() => {});
    this.#last.set(resource, settled);
    try {
      return await turn;
    } finally {
      if (this.#last.get(resource) === settled) this.#last.delete(resource);
    }
  }
}
