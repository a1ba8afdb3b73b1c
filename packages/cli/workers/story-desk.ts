import { storyPage } from '@sluice/gateway';
import type { CallStory, StoryDesk, StoryPage, StoryQuery } from '@sluice/model';

/** Stories of processes that have ended, of which the newest are kept. */
const mostLeft = 1000;

/** A process that can be asked for stories. */
export interface StoryKeeper {
  stories(wanted: string | StoryQuery): Promise<StoryPage>;
}

/** The stories of all workers, and of those that have ended in order. */
export class WorkersStories implements StoryDesk {
  readonly #keepers: Iterable<StoryKeeper>;
  #left: readonly CallStory[] = [];

  /** `keepers` is looked at anew with each question. */
  constructor(keepers: Iterable<StoryKeeper>) {
    this.#keepers = keepers;
  }

  /** What a worker leaves behind. */
  inherit(calls: readonly CallStory[]): void {
    this.#left = [...calls, ...this.#left].slice(0, mostLeft);
  }

  async find(id: string): Promise<CallStory | undefined> {
    const pages = await this.#ask(id);
    return pages.flatMap(({ calls }) => calls)[0] ?? this.#left.find((story) => story.id === id);
  }

  async list(query: StoryQuery): Promise<StoryPage> {
    const { offset, limit } = query;
    // The page may be all of one worker's.
    const each = { ...query, offset: 0, limit: offset + limit };
    const pages = [...(await this.#ask(each)), storyPage(this.#left, each)];
    const newest = storyPage(
      pages.flatMap(({ calls }) => calls),
      { offset, limit },
    );
    return { total: pages.reduce((sum, { total }) => sum + total, 0), calls: newest.calls };
  }

  #ask(wanted: string | StoryQuery): Promise<StoryPage[]> {
    return Promise.all(Array.from(this.#keepers, (keeper) => keeper.stories(wanted)));
  }
}
