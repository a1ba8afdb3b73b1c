import type { Algorithm } from './algorithm.ts';

/** Each in turn; those that are not usable are passed over (Synapse's `RoundRobin`). */
export class RoundRobin implements Algorithm {
  #cursor = 0;

  next(usable: Uint8Array): number {
    const count = usable.length;
    for (let looks = 0; looks < count; looks++) {
      const place = this.#cursor < count ? this.#cursor : 0;
      this.#cursor = place + 1;
      if (usable[place] === 1) return place;
    }
    return -1;
  }
}
