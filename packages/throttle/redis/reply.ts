import { type Gone, readGone } from './gone.ts';

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
  /** What those had spent that have left, where this gateway does not know of all of them. */
  readonly gone: Gone | null;
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
        const gone = readTold(answer[8]);
        if (gone !== undefined && Object.values(numbers).every(Number.isSafeInteger))
          return { outcome, ...(numbers as Omit<Grant, 'outcome' | 'gone'>), gone };
      }
    }
  }
  return undefined;
}

/** Null where nothing new is told, undefined where it cannot be read. */
function readTold(text: unknown): Gone | null | undefined {
  if (text === undefined || text === '') return null;
  try {
    return readGone(JSON.parse(String(text)));
  } catch {
    return undefined;
  }
}
