/** Numbers from 0 to `sides` - 1 that look random and are the same in every run with the same seed. */
export type Dice = (sides: number) => number;

export function dice(seed: number): Dice {
  let state = seed | 1;
  return (sides) => {
    // xorshift: the low bits of simpler generators march in step.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}
