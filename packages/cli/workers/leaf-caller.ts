import type { LeafRow } from '@sluice/gateway';
import { hasHadCalls } from './leaf-lister.ts';
import type { LeafCounts } from './leaf-totals.ts';
import type { LeafAnswer, LeafQuestion } from './messages.ts';

/** Milliseconds for a worker's answer: one that is stuck must not keep the others from being heard. */
const patience = 1000;

interface Asking {
  readonly rows: LeafRow[];
  readonly answer: (rows: readonly LeafRow[] | undefined) => void;
}

/** Asks one worker for its leaves. */
export class LeafCaller {
  readonly #post: (question: LeafQuestion) => void;
  readonly #asking = new Map<number, Asking>();
  #asked = 0;
  /** What the worker said last, by the id of the leaf; leaves without calls are left out. */
  counted: ReadonlyMap<string, LeafCounts> = new Map();

  constructor(post: (question: LeafQuestion) => void) {
    this.#post = post;
  }

  /** All of them, or only those that have had calls. Undefined when it does not answer in time. */
  ask(all: boolean): Promise<readonly LeafRow[] | undefined> {
    const question = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<readonly LeafRow[] | undefined>();
    const timer = setTimeout(() => this.#end(question, false), patience);
    const answer = (rows: readonly LeafRow[] | undefined) => {
      clearTimeout(timer);
      resolve(rows);
    };
    this.#asking.set(question, { rows: [], answer });
    this.#post({ kind: 'leaves-of', question, all });
    return promise;
  }

  /** A part of an answer, or what it says unasked at its end. */
  take({ question, rows, isLast }: LeafAnswer): void {
    const asking = this.#asking.get(question);
    for (const row of rows) asking?.rows.push(row);
    if (!isLast) return;
    const counted = asking?.rows ?? rows;
    this.counted = new Map(counted.filter(hasHadCalls).map(({ id, answers, faults }) => [id, { answers, faults }]));
    this.#end(question, true);
  }

  /** The worker is gone: nobody waits for it. */
  close(): void {
    for (const question of this.#asking.keys()) this.#end(question, false);
  }

  #end(question: number, isWhole: boolean): void {
    const asking = this.#asking.get(question);
    this.#asking.delete(question);
    asking?.answer(isWhole ? asking.rows : undefined);
  }
}
