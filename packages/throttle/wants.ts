import type { LeaseRequest } from './authority.ts';
import type { Counter } from './counter.ts';
import { Want } from './want.ts';

/** What there is to ask or to tell of counters, and what of it goes into the next batch. */
export class Wants {
  readonly #byName = new Map<string, Want>();
  #due: Want[] = [];
  /** Number of the batch that is made. */
  #batch = 0;

  /** Something waits for the next batch. */
  get areDue(): boolean {
    return this.#due.length > 0;
  }

  of(counter: Counter): Want {
    const { name } = counter;
    let want = this.#byName.get(name);
    if (want === undefined) {
      want = new Want(counter, name);
      this.#byName.set(name, want);
    }
    want.counter = counter;
    return want;
  }

  /** The one of the same counter that is in use now: it may have been dropped meanwhile. */
  current(want: Want): Want {
    return this.#byName.get(want.name) ?? want;
  }

  /** It goes into the next batch. */
  put(want: Want): void {
    if (want.isDue) return;
    want.isDue = true;
    this.#due.push(want);
  }

  /** Those of the next batch, `most` of them. */
  next(most: number): Want[] {
    const due = this.#due;
    this.#due = due.splice(most);
    this.#batch++;
    return due;
  }

  /** It is in the batch at hand. */
  begin(want: Want): void {
    want.isDue = false;
    want.batch = this.#batch;
  }

  /** Whatever else the calls lack that wait for one counter comes into the same batch, up to `most`. */
  join(want: Want, batch: Want[], most: number): void {
    for (const { wants } of want.waiting) {
      if (batch.length >= most) return;
      for (const other of wants) {
        if (other === null || other.isDue || other.batch === this.#batch) continue;
        other.isDue = true;
        batch.push(other);
      }
    }
  }

  /** Forgets one about which there is nothing more to say. */
  drop(want: Want): void {
    if (want.isIdle && want.waiting.length === 0 && !want.isDue) this.#byName.delete(want.name);
  }

  /** What is owed and was not told. */
  owed(): LeaseRequest[] {
    return this.#due.filter((want) => want.owed > 0).map((want) => want.request(0));
  }
}
