/** What the word script says of a window. */
export interface Grant {
  readonly outcome: 'granted' | 'pending' | 'exhausted';
  /** Server time; below 0 while it is not known. */
  readonly start: number;
  readonly end: number;
  /** Units that may be spent beyond the share. */
  readonly difference: number;
  /** Units that nobody holds. */
  readonly left: number;
  readonly given: number;
  readonly restored: number;
}

/** What the word script answers. */
export type Reply =
  | Grant
  | { readonly outcome: 'epoch' }
  | { readonly outcome: 'window' }
  | { readonly outcome: 'void' };

/** Undefined where it is something else. */
export function readReply(answer: unknown): Reply | undefined {
  if (Array.isArray(answer)) {
    const [outcome, , start, end, difference, left, given, restored] = answer as [Reply['outcome'], ...number[]];
    switch (outcome) {
      case 'epoch':
      case 'window':
      case 'void':
        return { outcome };
      case 'granted':
      case 'pending':
      case 'exhausted': {
        const numbers = { start, end, difference, left, given, restored };
        if (Object.values(numbers).every(Number.isSafeInteger))
          return { outcome, ...(numbers as Omit<Grant, 'outcome'>) };
      }
    }
  }
  return undefined;
}
