import type { StoryPage, StoryQuery } from '@sluice/model';
import type { StoryAnswer, StoryQuestion } from './messages.ts';

/** Milliseconds for a worker's answer: one that is stuck must not keep the others from being heard. */
const patience = 1000;

const nothing: StoryPage = { total: 0, calls: [] };

/** Asks one worker for stories of calls. */
export class StoryCaller {
  readonly #post: (question: StoryQuestion) => void;
  readonly #waiting = new Map<number, (page: StoryPage) => void>();
  #asked = 0;

  constructor(post: (question: StoryQuestion) => void) {
    this.#post = post;
  }

  /** That of one id, or the newest that fit; nothing when the worker does not answer in time. */
  ask(wanted: string | StoryQuery): Promise<StoryPage> {
    const question = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<StoryPage>();
    const timer = setTimeout(() => this.take({ kind: 'stories', question, page: nothing }), patience);
    this.#waiting.set(question, (page) => {
      clearTimeout(timer);
      resolve(page);
    });
    this.#post({ kind: 'stories-of', question, wanted });
    return promise;
  }

  take({ question, page }: StoryAnswer): void {
    const answer = this.#waiting.get(question);
    this.#waiting.delete(question);
    answer?.(page);
  }

  /** The worker is gone: nobody waits for it. */
  close(): void {
    for (const answer of this.#waiting.values()) answer(nothing);
    this.#waiting.clear();
  }
}
