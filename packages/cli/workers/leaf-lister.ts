import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LeafRow } from '@sluice/gateway';
import type { LeafAnswer, LeafQuestion } from './messages.ts';

/** Leaves that are told of in one turn of the event loop: calls are served in between. */
const atOnce = 500;

/** Answers the main process's question for leaves, in parts. */
export async function tellLeaves(
  { question, all }: Pick<LeafQuestion, 'question' | 'all'>,
  leaves: Iterable<LeafRow>,
  post: (answer: LeafAnswer) => void,
): Promise<void> {
  let rows: LeafRow[] = [];
  let looked = 0;
  for (const row of leaves) {
    if (all || hasHadCalls(row)) rows.push(row);
    if (++looked % atOnce !== 0) continue;
    post({ kind: 'leaves', question, rows, isLast: false });
    rows = [];
    await nextTurn();
  }
  post({ kind: 'leaves', question, rows, isLast: true });
}

/** What a worker that ends has counted, which nobody can ask for afterwards. */
export function lastWord(leaves: Iterable<LeafRow>): LeafAnswer {
  return { kind: 'leaves', question: 0, rows: [...leaves].filter(hasHadCalls), isLast: true };
}

export function hasHadCalls({ answers, faults }: LeafRow): boolean {
  return answers + faults > 0;
}
