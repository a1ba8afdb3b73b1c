import { explainSettings, isSettingName } from '@sluice/config';
import { type Arguments, type Command, homeOption, UsageError } from '../command.ts';
import { desksOf } from '../counters/desk-caller.ts';
import { type Home, locateHome } from '../home/home.ts';
import { readSettings } from '../start/settings.ts';
import { storyText } from '../stories/text.ts';

export const command: Command = {
  usage: `
sluice explain REQUEST-ID                what became of a call, by the Sluice-Request-Id of its answer
sluice explain settings [KEY]            settings with the values in force and where each comes from

A call is asked of the gateway that runs in the home: it keeps the last of those that failed. Of settings one is printed in full, those
of a section, or all; any spelling of a key is taken, and the property names of older releases.
  --json      the story of a call as JSON, for programs
  --home DIR  the home (default: SLUICE_HOME, else ./.sluice)`,
  options: { ...homeOption, json: { type: 'boolean' } },
  takesWords: true,
  async run({ options, words: [subject, ...rest] }) {
    const home = locateHome(options.home as string | undefined, process.env);
    const explain = subject === undefined ? undefined : (subjects[subject] ?? explainCall.bind(null, subject));
    if (explain === undefined) throw new UsageError('say: sluice explain REQUEST-ID | settings [KEY]');
    return explain(home, rest, options);
  },
};

type Subject = (home: Home, words: readonly string[], options: Arguments['options']) => Promise<number>;

/** What can be explained besides calls, by the word that asks for it. */
const subjects: Readonly<Record<string, Subject>> = {
  async settings(home, [key, ...rest]) {
    if (rest.length > 0) throw new UsageError('say: sluice explain settings [KEY]');
    const settings = readSettings(home);
    process.stdout.write(explainSettings(settings, key));
    return key === undefined || isSettingName(settings, key) ? 0 : 1;
  },
};

async function explainCall(
  id: string,
  home: Home,
  [surplus]: readonly string[],
  options: Arguments['options'],
): Promise<number> {
  if (surplus !== undefined)
    throw new UsageError(`${JSON.stringify(surplus)} means nothing here; say: sluice explain REQUEST-ID`);
  const story = await desksOf(home).stories.find(id);
  if (story === undefined) {
    throw new UsageError(
      `the gateway keeps no call ${id}: it did not fail, others have failed since, or its process was replaced. The log may still tell of it`,
    );
  }
  process.stdout.write(options.json ? `${JSON.stringify(story)}\n` : storyText(story));
  return 0;
}
