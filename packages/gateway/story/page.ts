import type { CallStory, StoryPage, StoryQuery } from '@sluice/model';

/** Those of `stories` that are asked for, the newest first. */
export function storyPage(stories: Iterable<CallStory>, { search = '', kept, offset, limit }: StoryQuery): StoryPage {
  const wanted = search.toLowerCase();
  const found: CallStory[] = [];
  for (const story of stories) {
    if ((kept === undefined || story.kept === kept) && holds(story, wanted)) found.push(story);
  }
  found.sort((one, other) => other.startedAt - one.startedAt || (one.id < other.id ? -1 : 1));
  return { total: found.length, calls: found.slice(offset, offset + limit) };
}

function holds(story: CallStory, wanted: string): boolean {
  if (wanted === '') return true;
  const { id, correlation, client, api, path, error, attempts } = story;
  const causes = attempts.map(({ fault }) => fault?.cause);
  return [id, correlation, client, api, path, error?.cause, ...causes].some((text) =>
    text?.toLowerCase().includes(wanted),
  );
}
