import type { PatternNode } from './parse.ts';
import { PatternError } from './pattern-error.ts';
import type { Range } from './ranges.ts';

/** A step of a program: reads a character of a set, goes on in one or two places, or asks where it stands. */
export type Step =
  | { readonly kind: 'read'; readonly ranges: readonly Range[]; to: number }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'begin' | 'end'; to: number }
  | { readonly kind: 'found' };

/** Steps of the longest program: counts are written out, so that `a{1000}` alone has as many. */
const maxSteps = 2000;

/** The pattern as steps (Thompson's construction); the last one is where it begins. */
export function programOf(node: PatternNode): Step[] {
  const steps: Step[] = [{ kind: 'found' }];
  const push = (step: Step): number => {
    if (steps.length >= maxSteps) throw new PatternError(`the pattern has more than ${maxSteps} steps`);
    return steps.push(step) - 1;
  };
  /** Writes `part` before the step `next` and says where it begins. */
  const write = (part: PatternNode, next: number): number => {
    switch (part.kind) {
      case 'set':
        return push({ kind: 'read', ranges: part.ranges, to: next });
      case 'begin':
      case 'end':
        return push({ kind: part.kind, to: next });
      case 'sequence':
        return part.nodes.reduceRight((to, one) => write(one, to), next);
      case 'choice':
        return push({ kind: 'fork', to: part.nodes.map((one) => write(one, next)) });
      case 'repeat':
        return writeRepeat(part.node, part.least, part.most, next);
    }
  };
  const writeRepeat = (part: PatternNode, least: number, most: number, next: number): number => {
    let begin = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: Step = { kind: 'fork', to: [next] };
      begin = push(loop);
      loop.to.push(write(part, begin));
    } else {
      for (let i = least; i < most; i++) begin = push({ kind: 'fork', to: [next, write(part, begin)] });
    }
    for (let i = 0; i < least; i++) {
      const before = begin;
      begin = write(part, begin);
      // What reads nothing is no longer for being there often, and may be counted in counts without end.
      if (begin === before) break;
    }
    return begin;
  };
  push({ kind: 'fork', to: [write(node, 0)] });
  return steps;
}
