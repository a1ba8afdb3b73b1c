import type { CallStory } from '@sluice/model';
import type { StoryAnswer, StoryQuestion } from './messages.ts';

/** Milliseconds for a worker's answer: one that is stuck must not keep the others from being heard. */
const patience = 1000;

type Answer = (story: CallStory | undefined) => void;

/** Asks one worker for stories of calls. */
export class StoryCaller {
  readonly #post: (question: StoryQuestion) => void;
  readonly #waiting = new Map<number, Answer>();
  #asked = 0;

  constructor(post: (question: StoryQuestion) => void) {
    this.#post = post;
  }

  /** Undefined when the worker keeps none of that id, or does not answer in time. */
  find(id: string): Promise<CallStory | undefined> {
    const question = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<CallStory | undefined>();
    const timer = setTimeout(() => this.take({ kind: 'story', question, story: undefined }), patience);
    this.#waiting.set(question, (story) => {
      clearTimeout(timer);
      resolve(story);
    });
    this.#post({ kind: 'story-of', question, id });
    return promise;
  }

  take({ question, story }: StoryAnswer): void {
    const answer = this.#waiting.get(question);
    this.#waiting.delete(question);
    answer?.(story);
  }

  /** The worker is gone: nobody waits for it. */
  close(): void {
    for (const answer of this.#waiting.values()) answer(undefined);
    this.#waiting.clear();
  }
}
