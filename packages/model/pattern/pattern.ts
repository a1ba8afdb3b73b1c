import { parsePattern } from './parse.ts';
import { programOf, type Step } from './program.ts';
import type { Range } from './ranges.ts';
import { Walk } from './walk.ts';

/** Texts longer than this are found nothing in: no header, parameter or claim of an honest call is. */
export const maxSubject = 8192;

/** Steps times characters that one look may take, some tens of milliseconds at worst: patterns of very many steps are looked for in shorter texts. */
const maxWork = 1_000_000;

/** States that are remembered. A pattern that needs more is walked step by step from then on, which takes the same time for every text. */
const maxStates = 256;

/** All places of the program at which a text may stand after some of its characters. */
interface State {
  /** Steps that read a character, sorted. */
  readonly reads: readonly number[];
  readonly found: boolean;
  /** Found if nothing more comes. */
  readonly foundAtEnd: boolean;
  /** What follows by class of the next character; made when it is first asked for. */
  readonly next: (State | undefined)[];
}

/**
 * A regular expression that is looked for in texts, in time that grows with the text alone: all ways through it are followed at once, and where
 * they lead is remembered. What would need trying one way after the other (back references, looking around, possessive quantifiers) is not read. Conditions are
 * written by one person and texts are sent by another: neither can hold up the event loop.
 */
export class Pattern {
  readonly source: string;
  readonly #steps: readonly Step[];
  /** First units of the classes: characters of one class are read alike by every step. */
  readonly #classes: readonly number[];
  readonly #latin: Uint16Array;
  readonly #states = new Map<string, State>();
  readonly #first: State;
  /** Characters of the longest text in which it is looked for. */
  readonly #longest: number;
  #walk: Walk | null = null;

  /** Throws `PatternError`. `whole`: the text must fit from its beginning to its end. */
  constructor(source: string, { whole = false } = {}) {
    this.source = source;
    const node = parsePattern(source);
    this.#steps = programOf(whole ? { kind: 'sequence', nodes: [{ kind: 'begin' }, node, { kind: 'end' }] } : node);
    this.#longest = Math.min(maxSubject, Math.floor(maxWork / this.#steps.length));
    this.#classes = classesOf(this.#steps);
    this.#latin = Uint16Array.from({ length: 256 }, (_, unit) => this.#classOf(unit));
    this.#first = this.#make([this.#steps.length - 1], true) as State;
  }

  /** Whether it is found anywhere in `text`. */
  test(text: string): boolean {
    if (text.length > this.#longest) return false;
    let state = this.#first;
    for (let i = 0; i < text.length; i++) {
      if (state.found) return true;
      // Nothing can begin here, nor further on.
      if (state.reads.length === 0 && !state.foundAtEnd && state !== this.#first) return false;
      const kind = this.#kindOf(text.charCodeAt(i));
      const next = state.next[kind] ?? this.#follow(state, kind);
      if (next === null) return this.#walkOn(state, text, i);
      state = next;
    }
    return state.found || state.foundAtEnd;
  }

  #walkOn({ reads }: State, text: string, from: number): boolean {
    this.#walk ??= new Walk(this.#steps, this.#classes);
    return this.#walk.goesThrough(reads, text, from, (unit) => this.#kindOf(unit));
  }

  #kindOf(unit: number): number {
    return unit < 256 ? (this.#latin[unit] as number) : this.#classOf(unit);
  }

  /** Null where there are too many states. */
  #follow(state: State, kind: number): State | null {
    const unit = this.#classes[kind] as number;
    // It may begin at every character.
    const to = [this.#steps.length - 1];
    for (const index of state.reads) {
      const step = this.#steps[index];
      if (step?.kind === 'read' && step.ranges.some(([first, last]) => first <= unit && unit <= last)) to.push(step.to);
    }
    const next = this.#make(to, false);
    if (next !== null) state.next[kind] = next;
    return next;
  }

  /** The state of all that can be reached from `from` without reading a character. */
  #make(from: readonly number[], atBegin: boolean): State | null {
    if (this.#states.size >= maxStates) return null;
    const reached = new Set<number>();
    const found = this.#reach(from, atBegin, false, reached);
    const reads = [...reached].filter((index) => this.#steps[index]?.kind === 'read').sort((a, b) => a - b);
    const foundAtEnd = this.#reach(from, atBegin, true, new Set());
    const name = `${found ? 1 : 0}${foundAtEnd ? 1 : 0}${reads.join()}`;
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state: State = { reads, found, foundAtEnd, next: [] };
    this.#states.set(name, state);
    return state;
  }

  #reach(from: readonly number[], atBegin: boolean, atEnd: boolean, reached: Set<number>): boolean {
    const left = [...from];
    let found = false;
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const step = this.#steps[index] as Step;
      if (step.kind === 'found') found = true;
      else if (step.kind === 'fork') left.push(...step.to);
      else if ((step.kind === 'begin' && atBegin) || (step.kind === 'end' && atEnd)) left.push(step.to);
    }
    return found;
  }

  #classOf(unit: number): number {
    let low = 0;
    let high = this.#classes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#classes[middle] as number) <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function classesOf(steps: readonly Step[]): number[] {
  const firsts = new Set([0]);
  const note = ([first, last]: Range) => firsts.add(first).add(last + 1);
  for (const step of steps) if (step.kind === 'read') step.ranges.forEach(note);
  return [...firsts].sort((a, b) => a - b);
}
