import type { CallStory } from '@sluice/model';
import { type Arguments, UsageError } from '../command.ts';
import { desksOf } from '../counters/desk-caller.ts';
import type { Home } from '../home/home.ts';
import { codeText } from './codes.ts';
import { storyTable } from './table.ts';
import { storyText } from './text.ts';

type Options = Arguments['options'];

const kinds: readonly CallStory['kept'][] = ['failed', 'refused', 'abandoned', 'sampled'];

/** A number is a code, a word in the catalogue an error, everything else the id of a request. */
export async function explainWord(
  word: string,
  home: Home,
  more: readonly string[],
  options: Options,
): Promise<number> {
  if (more.length > 0) throw new UsageError(`${JSON.stringify(more[0])} means nothing here; --help tells more`);
  const meaning = codeText(word);
  if (meaning !== undefined) {
    process.stdout.write(meaning);
    return 0;
  }
  const story = await desksOf(home).stories.find(word);
  if (story === undefined) {
    throw new UsageError(
      `the gateway keeps no call ${word}: it did not fail, others have failed since, or its process broke down. The log may still tell of it; sluice explain calls lists what is kept`,
    );
  }
  process.stdout.write(options.json ? `${JSON.stringify(story)}\n` : storyText(story));
  return 0;
}

/** The calls that are kept, the newest first. */
export async function explainCalls(
  home: Home,
  [search, ...more]: readonly string[],
  options: Options,
): Promise<number> {
  if (more.length > 0) throw new UsageError('say: sluice explain calls [TEXT]');
  const { kept, limit = '20', json } = options;
  const kind = kinds.find((one) => one === kept);
  if (kept !== undefined && kind === undefined) throw new UsageError(`--kept takes ${kinds.join(', ')}`);
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 10_000) {
    throw new UsageError('--limit takes a whole number from 1 to 10000');
  }
  const page = await desksOf(home).stories.list({
    ...{ offset: 0, limit: most },
    ...(search === undefined ? {} : { search }),
    ...(kind === undefined ? {} : { kept: kind }),
  });
  process.stdout.write(json ? `${JSON.stringify(page)}\n` : storyTable(page));
  return 0;
}
