/** How often each of few names came up since the start. */
export class Counts {
  readonly #byName = new Map<string, number>();

  add(name: string): void {
    this.#byName.set(name, (this.#byName.get(name) ?? 0) + 1);
  }

  /** Plain data, for other processes. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byName);
  }
}
