import type { Step } from './program.ts';

/** What a step does, in the table. */
const [reads, forks, begins, ends, finds] = [0, 1, 2, 3, 4];
const kinds: Readonly<Record<Step['kind'], number>> = {
  read: reads,
  fork: forks,
  begin: begins,
  end: ends,
  found: finds,
};

/** Goes through a program with all its ways at once, keeping nothing between texts: time grows with the text and the program alone. */
export class Walk {
  readonly #begin: number;
  readonly #classes: number;
  readonly #kind: Uint8Array;
  /** Whether a step reads the characters of a class. */
  readonly #takes: Uint8Array;
  /** Where the steps that follow each one begin in `to`; one more than there are steps. */
  readonly #offsets: Int32Array;
  readonly #to: Int32Array;
  /** Round in which a step was reached last. */
  readonly #reached: Int32Array;
  #round = 0;
  /** Steps that read, of this round and of the next one. */
  #now: Int32Array;
  #then: Int32Array;
  #count = 0;
  /** Steps that wait for the end of the text. */
  readonly #ends: number[] = [];
  readonly #left: number[] = [];

  /** `classes` are the first units of the classes of characters. */
  constructor(steps: readonly Step[], classes: readonly number[]) {
    this.#begin = steps.length - 1;
    this.#classes = classes.length;
    this.#kind = Uint8Array.from(steps, ({ kind }) => kinds[kind]);
    this.#takes = new Uint8Array(steps.length * classes.length);
    for (const [index, step] of steps.entries()) {
      if (step.kind !== 'read') continue;
      for (const [place, unit] of classes.entries()) {
        const takes = step.ranges.some(([first, last]) => first <= unit && unit <= last);
        if (takes) this.#takes[index * classes.length + place] = 1;
      }
    }
    const following = steps.map((step) => (step.kind === 'found' ? [] : step.kind === 'fork' ? step.to : [step.to]));
    this.#to = Int32Array.from(following.flat());
    this.#offsets = new Int32Array(steps.length + 1);
    for (const [index, { length }] of following.entries()) {
      this.#offsets[index + 1] = (this.#offsets[index] as number) + length;
    }
    this.#reached = new Int32Array(steps.length);
    this.#now = new Int32Array(steps.length);
    this.#then = new Int32Array(steps.length);
  }

  /** Whether the pattern is found in the rest of `text`, which begins at `from`, at least one character before its end, where the steps `next` read on. */
  goesThrough(next: readonly number[], text: string, from: number, classOf: (unit: number) => number): boolean {
    this.#now.set(next);
    let count = next.length;
    for (let at = from; at < text.length; at++) {
      if (this.#reads(count, classOf(text.charCodeAt(at)))) return true;
      [this.#now, this.#then] = [this.#then, this.#now];
      count = this.#count;
    }
    const waiting = this.#ends.slice();
    this.#newRound();
    return waiting.some((index) => this.#reaches(index, true));
  }

  /** All steps that read a character of this class; true where the pattern is found behind one. */
  #reads(count: number, place: number): boolean {
    const round = this.#newRound();
    const now = this.#now;
    const takes = this.#takes;
    const reached = this.#reached;
    const classes = this.#classes;
    // It may begin at every character.
    if (this.#reaches(this.#begin, false)) return true;
    for (let i = 0; i < count; i++) {
      const index = now[i] as number;
      if (takes[index * classes + place] === 0) continue;
      const next = this.#to[this.#offsets[index] as number] as number;
      if (reached[next] === round) continue;
      if (this.#kind[next] !== reads) {
        if (this.#reaches(next, false)) return true;
        continue;
      }
      reached[next] = round;
      this.#then[this.#count++] = next;
    }
    return false;
  }

  #newRound(): number {
    // After so many rounds the marks of the first ones would count again.
    if (this.#round === 0x7fff_ffff) {
      this.#reached.fill(0);
      this.#round = 0;
    }
    this.#count = 0;
    this.#ends.length = 0;
    return ++this.#round;
  }

  /** Notes all steps that can be reached from `first` without reading a character; true where one of them says that the pattern is found. */
  #reaches(first: number, atEnd: boolean): boolean {
    const left = this.#left;
    left.length = 0;
    for (let index: number | undefined = first; index !== undefined; index = left.pop()) {
      if (this.#reached[index] === this.#round) continue;
      this.#reached[index] = this.#round;
      const kind = this.#kind[index];
      if (kind === finds) return true;
      if (kind === reads) this.#then[this.#count++] = index;
      else if (kind === ends && !atEnd) this.#ends.push(index);
      else if (kind === forks || kind === ends) {
        const last = this.#offsets[index + 1] as number;
        for (let at = this.#offsets[index] as number; at < last; at++) left.push(this.#to[at] as number);
      }
    }
    return false;
  }
}
